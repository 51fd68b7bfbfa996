"""One binary floating-point format: rounding to it, and its values as bit patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from quantlab.formats import float_cast, float_words
from quantlab.formats.float_layout import FloatLayout
from quantlab.formats.float_words import Fields
from quantlab.formats.overflow import Overflow
from quantlab.formats.patterns import Array


@dataclass(frozen=True)
class FloatFormat(FloatLayout):
    """A layout (``FloatLayout`` has the fields) and what can be done with it.

    >>> from quantlab.formats import FORMATS
    >>> f = FORMATS["e4m3fn"]
    >>> f.bits, f.max, f.min_normal == 2**-6, f.min_subnormal == 2**-9
    (8, 448.0, True, True)
    """

    def cast(self, x: ArrayLike, overflow: Overflow | None = None) -> Array:
        """Each value's nearest one in the format, ties to even; float32, x's shape. NaN stays NaN.

        overflow : "saturate" or "inf" (``overflow.py``); left out, as ``saturate`` says.

        >>> from quantlab.formats import FORMATS
        >>> FORMATS["fp16"].cast([1 + 2**-11, 1 + 3 * 2**-11, 1e6]).tolist()
        [1.0, 1.001953125, 65504.0]
        >>> [FORMATS[f].cast(1e6, overflow="inf").item() for f in ("e5m2", "e4m3fn")]  # E4M3FN has no infinity
        [inf, nan]
        """
        return float_cast.cast(self, x, overflow)

    def values(self) -> Array:
        """All distinct finite values, ascending, float32, one zero; for formats of at most 16 bits."""
        if self.bits > 16:
            raise ValueError(f"{self.slug} has 2^{self.bits} bit patterns; values() lists formats of at most 16 bits")
        values = self.decode(np.arange(1 << self.bits, dtype=np.uint32))
        return np.unique(values[np.isfinite(values)]) + np.float32(0)  # + 0 turns -0 into 0

    def encode(self, x: ArrayLike, overflow: Overflow | None = None) -> Array:
        """The bit pattern of each value's nearest one, the smallest uint that holds it.

        overflow : as for ``cast``; left out, infinities stay infinite where the format has them.

        >>> from quantlab.formats import FORMATS
        >>> [f"{b:08b}" for b in FORMATS["e4m3fn"].encode([1, -448, float("nan")])]
        ['00111000', '11111110', '01111111']
        """
        return float_words.encode(self, x, overflow)

    def fields(self, bits: ArrayLike) -> Fields:
        """Sign, exponent and mantissa field of each bit pattern.

        >>> from quantlab.formats import FORMATS
        >>> tuple(int(field) for field in FORMATS["e4m3fn"].fields(0b1_0111_100))
        (1, 7, 4)
        """
        return float_words.fields(self, bits)

    def decode(self, bits: ArrayLike) -> Array:
        """The value of each bit pattern, float32.

        >>> from quantlab.formats import FORMATS
        >>> float(FORMATS["e4m3fn"].decode(0b1_0111_100))
        -1.5
        """
        return float_words.decode(self, bits)
