"""Integers of a width, with a sign or without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from quantlab.formats.named import Named
from quantlab.formats.overflow import Overflow, checked
from quantlab.formats.patterns import Array, as_float


@dataclass(frozen=True)
class IntFormat(Named):
    """The integers from ``min`` to ``max``.

    >>> from quantlab.formats import FORMATS
    >>> FORMATS["int4"].cast([-9.2, 0.5, 1.5, 6.7]).tolist()
    [-8.0, 0.0, 2.0, 7.0]
    >>> FORMATS["int4"].cast([-9, 8, 17], overflow="wrap").tolist()  # less or more by 16
    [7.0, -8.0, 1.0]
    """

    bits: int
    signed: bool

    @property
    def min(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        return self.min + (1 << self.bits) - 1

    def cast(self, x: ArrayLike, overflow: Overflow = "saturate") -> Array:
        """Each value's nearest integer of the format, ties to even; float32. NaN stays NaN.

        overflow : "saturate" or "wrap" (``overflow.py``). Raises ValueError for infinities that are to wrap.
        """
        y = np.rint(as_float(x))
        if checked(overflow, ("saturate", "wrap"), self.slug) == "saturate":
            return np.clip(y, self.min, self.max).astype(np.float32)[()]
        if np.isinf(y).any():
            raise ValueError(f"{np.isinf(y).sum()} of {y.size} values are infinite and have no lowest bits; saturate or drop them")
        y = y.astype(np.float64)
        return (np.mod(y - self.min, 2.0**self.bits) + self.min).astype(np.float32)[()]

    def values(self) -> Array:
        """All values, ascending, float32."""
        return np.arange(self.min, self.max + 1, dtype=np.float32)
