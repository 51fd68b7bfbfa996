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
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec

CHOICES = tuple(slug for slug, f in FORMATS.items() if isinstance(f, FloatFormat) and 4 <= f.bits <= 16 and f.exponent_bits < 9)


def _is_scaled(spec: QuantSpec) -> bool:
    return spec.scaled and spec.bits <= 8


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    f = FORMATS[spec.format]
    largest = int(_place(np.array([f.max]), f)[0])
    scale = _codebook.unit_scale(np.maximum(-low, high) / f.max) if _is_scaled(spec) else np.ones(len(rows), np.float32)
    return QParams(scale, np.zeros(len(rows), np.int32), -largest, largest)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return _place(x / column(qparams.scale, np.float32), FORMATS[spec.format])


def _place(u: np.ndarray, f: FloatFormat) -> np.ndarray:
    """The code of each value, as a real number: mantissa plus 2^m for every exponent above the smallest."""
    u = u.astype(np.float64)
    lowest = 1 - f.bias
    exponent = np.maximum(np.frexp(u)[1] - 1, lowest)
    magnitude = np.ldexp(np.abs(u), f.mantissa_bits - exponent) + (exponent - lowest) * 2.0**f.mantissa_bits
    return np.copysign(magnitude, u)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    f = FORMATS[spec.format]
    magnitude = np.abs(codes).astype(np.float64)
    steps = 2.0**f.mantissa_bits
    above = np.maximum(np.floor(magnitude / steps) - 1, 0)  # exponents above the smallest
    u = np.ldexp(magnitude - above * steps, (above + 1 - f.bias - f.mantissa_bits).astype(np.int32))
    return (np.copysign(u, codes) * column(qparams.scale, np.float64)).astype(np.result_type(codes.dtype, np.float32))


SCHEME = Scheme(
    slug="float",
    title="Small floats",
    formula=r"\hat x = s\,\mathrm{cast}(x/s),\quad s = \max|x| / \mathrm{max}_{format}",
    blurb="A few digits at every size: FP8 and FP4 in today's accelerators, BF16 in training.",
    source="Micikevicius et al. 2022, arXiv:2209.05433; OCP MX 1.0",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: (FORMATS[knobs["format"]].bits,),
    knobs={
        "format": Knob("e4m3fn", "the number format", CHOICES),
        "scaled": Knob(True, "whether max|x| is scaled to the largest value of a format of up to 8 bits", (True, False)),
    },
    group_bits=lambda qparams, spec: 32.0 if _is_scaled(spec) else 0.0,
    variants=tuple({"format": slug} for slug in CHOICES) + ({"format": "e4m3fn", "scaled": False},),
    rank=80,
)
