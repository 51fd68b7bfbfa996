"""The grid of a layer's weights: which values its codes stand for, once the ranges are chosen.

Roundings that are chosen (AdaRound, GPTQ) keep scale and zero point and choose codes alone:  w = s (c - z).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quantlab.schemes import SCHEMES
from quantlab.types import Quantized


@dataclass(frozen=True, eq=False)
class Grid:
    """scale, zero : float64 (out, K), of each weight's own group. qmin, qmax : the smallest and largest code."""

    scale: np.ndarray
    zero: np.ndarray
    qmin: int
    qmax: int

    def place(self, weight: np.ndarray) -> np.ndarray:
        """Where weights (out, K) lie on the axis of codes, neither rounded nor clipped."""
        return weight / self.scale + self.zero

    def value(self, codes: np.ndarray) -> np.ndarray:
        """What codes (out, K) stand for, float64."""
        return (codes - self.zero) * self.scale

    def nearest(self, weight: np.ndarray) -> np.ndarray:
        """The nearest codes (out, K), float64 whole numbers, ties to even."""
        return np.clip(np.rint(self.place(weight)), self.qmin, self.qmax)


def grid_of(codes: Quantized) -> Grid:
    """The grid that codes (out, K) lie on; ValueError where levels are not evenly spaced."""
    if not SCHEMES[codes.spec.scheme].affine or codes.spec.bits < 2:
        raise ValueError(f"{codes.spec.scheme} has no even steps to choose among; choose int-symmetric or int-asymmetric, 2 bits or more")
    index, q = codes.group_index, codes.qparams
    return Grid(q.scale[index].astype(np.float64), q.zero_point[index].astype(np.float64), q.qmin, q.qmax)


def with_chosen(codes: Quantized, chosen: np.ndarray) -> Quantized:
    """The same grid with other codes, whole numbers (out, K)."""
    return replace(codes, codes=chosen.astype(codes.codes.dtype))
