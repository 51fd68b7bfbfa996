"""The zero-point terms of one dot product.

    sum (w - z_w)(x - z_x)  =  sum w·x  -  z_x·sum w  -  z_w·sum x  +  K·z_w·z_x

The first is what the processor multiplies; the second and the last are known beforehand and go into the bias; the third
depends on the input and vanishes where weights are symmetric, which is why they are. Source: gemmlowp's low-precision notes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DotTerms:
    """raw : sum w·x. of_weights : -z_x·sum w. of_inputs : -z_w·sum x. constant : K·z_w·z_x."""

    raw: int
    of_weights: int
    of_inputs: int
    constant: int

    @property
    def total(self) -> int:
        """The accumulator."""
        return self.raw + self.of_weights + self.of_inputs + self.constant


def dot_terms(w: np.ndarray, x: np.ndarray, w_zero: int, x_zero: int) -> DotTerms:
    """The four parts of a dot product of codes (K,).

    >>> dot_terms(np.array([3, -1]), np.array([10, 4]), 0, 2)  # 3 * 8 - 1 * 2 = 22
    DotTerms(raw=26, of_weights=-4, of_inputs=0, constant=0)
    """
    w, x = np.asarray(w, np.int64), np.asarray(x, np.int64)
    return DotTerms(int((w * x).sum()), -x_zero * int(w.sum()), -w_zero * int(x.sum()), w.size * w_zero * x_zero)
