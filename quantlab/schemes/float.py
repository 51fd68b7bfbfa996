"""Levels that keep their number of digits: small floating point formats, scaled so that max|x| is the largest.

    s = max|x| / format.max        x_hat = s·cast(x / s)

With ``scaled`` off, and for 16-bit formats, whose range needs no help, s = 1: a plain cast.

The axis of codes counts the format's values outwards from zero, so within one exponent the place is linear and
rounding to the even place is rounding to the even mantissa: IEEE 754's rule.
"""

from __future__ import annotations

import numpy as np

from quantlab.formats import FORMATS, FloatFormat
from quantlab.rows import Rows
from quantlab.schemes import _codebook
from quantlab.schemes.base import Knob, Scheme, column, spread
from quantlab.types import QParams, QuantSpec

CHOICES = tuple(slug for slug, f in FORMATS.items() if isinstance(f, FloatFormat) and 4 <= f.bits <= 16 and f.exponent_bits < 9)

_BITS = {4: (np.float32, np.int32, 23, 127), 8: (np.float64, np.int64, 52, 1023)}  # type, integer, mantissa bits, bias


def _format(slug: str) -> FloatFormat:
    entry = FORMATS[slug]
    assert isinstance(entry, FloatFormat)
    return entry


def _is_scaled(spec: QuantSpec) -> bool:
    return spec.scaled and spec.bits <= 8


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    f = _format(spec.format)
    largest = int(_place(np.array([f.max]), f)[0])
    scale = _codebook.unit_scale(np.maximum(-low, high) / f.max) if _is_scaled(spec) else np.ones(len(rows), np.float32)
    return QParams(scale, np.zeros(len(rows), np.int32), -largest, largest)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return _place(x / column(qparams.scale, np.float32), _format(spec.format))


def _place(u: np.ndarray, f: FloatFormat) -> np.ndarray:
    """The code of each value, as a real number: mantissa plus 2^m for every exponent above the smallest."""
    u = u.astype(np.float64)
    lowest = 1 - f.bias
    exponent = np.where(u == 0, lowest, np.maximum(np.frexp(u)[1] - 1, lowest))
    magnitude = np.ldexp(np.abs(u), f.mantissa_bits - exponent) + (exponent - lowest) * 2.0**f.mantissa_bits
    return np.copysign(magnitude, u)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """The bits of |code|·2^(p-m), p the mantissa bits of the arithmetic, are those of a float with another bias."""
    f = _format(spec.format)
    real, whole, p, bias = _BITS[codes.dtype.itemsize]
    u = (np.abs(codes) * real(2.0 ** (p - f.mantissa_bits))).astype(whole).view(real)
    u *= real(2.0 ** (bias - f.bias))
    return np.copysign(u, codes, out=u) * column(qparams.scale, real)


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """``value`` backwards, on values that are cast to the format first: the codes, for rounding to nearest even."""
    if spec.rounding != "nearest-even" or x.dtype != np.float32:
        return None
    f = _format(spec.format)
    real, whole, p, bias = _BITS[4]
    u = f.cast(np.divide(x, spread(qparams.scale, x)))
    u *= real(2.0 ** (f.bias - bias))
    magnitude = (np.abs(u).view(whole) >> (p - f.mantissa_bits)).astype(real)
    return np.copysign(magnitude, u, out=magnitude) + real(0)  # -0 has no code of its own


SCHEME = Scheme(
    slug="float",
    title="Small floats",
    formula=r"\hat x = s\,\mathrm{cast}(x/s),\quad s = \max|x| / \mathrm{max}_{format}",
    blurb="A few digits at every size: FP8 and FP4 in today's accelerators, BF16 in training.",
    source="Micikevicius et al. 2022, arXiv:2209.05433; OCP MX 1.0",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    codes=codes,
    bits=lambda knobs: (_format(knobs["format"]).bits,),
    knobs={
        "format": Knob("e4m3fn", "the number format", CHOICES),
        "scaled": Knob(True, "whether max|x| is scaled to the largest value of a format of up to 8 bits", (True, False)),
    },
    group_bits=lambda qparams, spec: 32.0 if _is_scaled(spec) else 0.0,
    variants=tuple({"format": slug} for slug in CHOICES) + ({"format": "e4m3fn", "scaled": False},),
    rank=80,
)
