"""Scales kept as a power of two alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from quantlab.formats.named import Named
from quantlab.formats.patterns import Array, patterns, uint

ScaleRounding = Literal["nearest", "up", "down"]
_FROM: dict[ScaleRounding, Callable[[Array], Array]] = {  # whether a significand, 0.5 to 1, goes to the next power of two
    "nearest": lambda s: s >= 0.75,
    "up": lambda s: s > 0.5,
    "down": lambda s: s > 1,
}


@dataclass(frozen=True)
class ScaleFormat(Named):
    """Powers of two from 2^-bias up: no sign, no zero, no mantissa; all ones is NaN.

    >>> from quantlab.formats import FORMATS
    >>> f = FORMATS["e8m0"]
    >>> f.cast([1.4, 1.5, 3, 1e-45]).tolist() == [1, 2, 4, 2**-127]
    True
    """

    exponent_bits: int
    bias: int

    @property
    def bits(self) -> int:
        return self.exponent_bits

    @property
    def min(self) -> float:
        return 2.0**-self.bias

    @property
    def max(self) -> float:
        return 2.0 ** ((1 << self.bits) - 2 - self.bias)

    def cast(self, x: ArrayLike, rounding: ScaleRounding = "nearest") -> Array:
        """Each value as a power of two, saturating; float32. NaN stays NaN. rounding : as for ``encode``."""
        return self.decode(self.encode(x, rounding))

    def values(self) -> Array:
        """All values, ascending, float32."""
        return self.decode(np.arange((1 << self.bits) - 1))

    def encode(self, x: ArrayLike, rounding: ScaleRounding = "nearest") -> Array:
        """The bit pattern of each value's power of two. Raises ValueError for a value of 0 or below.

        rounding : "nearest", ties upward; "up" or "down", to the power of two not below or not above (ONNX's round_mode).
        """
        if rounding not in _FROM:
            raise ValueError(f"rounding={rounding!r} is unknown; choose one of {', '.join(_FROM)}")
        x = np.asarray(x, np.float64)
        if (x <= 0).any():
            raise ValueError(
                f"{self.slug} has neither sign nor zero, {(x <= 0).sum()} of {x.size} values are 0 or below; give such a group the scale 1"
            )
        significand, exponent = np.frexp(np.clip(x, self.min, self.max))
        pattern = np.where(np.isnan(x), (1 << self.bits) - 1, exponent - 1 + _FROM[rounding](significand) + self.bias)
        return pattern.astype(uint(self.bits))[()]

    def decode(self, bits: ArrayLike) -> Array:
        """The value of each bit pattern, float32."""
        pattern = patterns(bits, self.bits, self.slug)
        y = np.ldexp(1.0, pattern - self.bias)
        return np.where(pattern == (1 << self.bits) - 1, np.nan, y).astype(np.float32)[()]
