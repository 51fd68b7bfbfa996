"""Levels that keep their number of digits: small floating point formats, scaled so that max|x| is the largest.

    s = max|x| / format.max        x_hat = s·cast(x / s)

With ``scaled`` off, and for FP16 and BF16, whose range needs no help, s = 1: a plain cast. ``format`` may also be any
EeMm of up to 16 bits, by its slug: "e3m4" with infinity, "e3m4fn" without, "e3m4fnuz" without -0 either, "-nosub" without subnormals, "-nosat" without
saturation: a range shorter than the values is widened then, and what a plain cast would make infinite is refused.

The axis of codes counts the format's values outwards from zero, so within one exponent the place is linear and
rounding to the even place is rounding to the even mantissa: IEEE 754's rule.

>>> import numpy as np, quantlab as ql
>>> ql.quantize(np.array([15.5]), ql.QuantSpec("float", format="e3m4")).levels.max()  # infinity takes the top exponent
np.float32(15.5)
"""

from __future__ import annotations

import numpy as np

from quantlab.caching import cache
from quantlab.formats import FORMATS, FloatFormat, parse_format
from quantlab.schemes import _codebook
from quantlab.schemes._stored import SCALE, Storage, of_scale, take
from quantlab.schemes.base import Knob, Scheme, column, spread
from quantlab.types import KnobValue, QParams, QuantSpec
from quantlab.values.rows import Rows

CHOICES = tuple(slug for slug, f in FORMATS.items() if isinstance(f, FloatFormat) and f.bits <= 16)
OWN = ("e3m4", "e4m3fn-nosub", "e3m0fn", "e5m2-nosat", "e4m5b9fn")  # held to the laws, as examples of all others

_LARGEST = float(np.finfo(np.float32).max)
_BITS = {4: (np.float32, np.int32, 23, 127), 8: (np.float64, np.int64, 52, 1023)}  # type, integer, mantissa bits, bias


def _own(slug: KnobValue) -> str:
    """The slug, in its shortest form, of a format that is in no table."""
    f = parse_format(slug) if isinstance(slug, str) else None
    if not isinstance(f, FloatFormat) or f.bits > 16:
        raise ValueError(f"format={slug!r} is no float of at most 16 bits; write one such as 'e3m4', or one of {', '.join(CHOICES)}")
    return f.slug


@cache
def _format(slug: str) -> FloatFormat:
    entry = parse_format(slug)
    assert isinstance(entry, FloatFormat)
    return entry


def _is_scaled(spec: QuantSpec) -> bool:
    return spec.scaled and spec.format not in ("fp16", "bf16")


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    f = _format(spec.format)
    largest = int(_place(np.array([f.max]), f)[0])
    top = np.maximum(-low, high) if f.saturate else rows.absmax
    scale = _codebook.unit_scale(top / f.max) if _is_scaled(spec) else np.ones(len(rows), np.float32)
    scale = np.where(
        scale.astype(np.float64) * f.max > _LARGEST, np.nextafter(scale, np.float32(0)), scale
    )  # rounded up, it would overflow
    _refuse_overflow(f.cast(top / scale), f)
    return QParams(scale, np.zeros(len(rows), np.int32), -largest, largest)


def _refuse_overflow(cast: np.ndarray, f: FloatFormat) -> None:
    if not f.saturate and (lost := int((~np.isfinite(cast)).sum())):
        raise ValueError(f"{f.slug} does not saturate, and {lost} values are beyond its largest, {f.max:g}; leave out -nosat or scale them")


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    f = _format(spec.format)
    u = x / column(qparams.scale, np.float32)
    if not f.saturate:
        _refuse_overflow(f.cast(u), f)
    return _place(u, f)


def _place(u: np.ndarray, f: FloatFormat) -> np.ndarray:
    """The code of each value, as a real number: mantissa plus 2^m for every exponent above the smallest."""
    u = u.astype(np.float64)
    lowest = 1 - f.bias
    exponent = np.where(u == 0, lowest, np.maximum(np.frexp(u)[1] - 1, lowest))
    magnitude = np.ldexp(np.abs(u), f.mantissa_bits - exponent) + (exponent - lowest) * 2.0**f.mantissa_bits
    return np.copysign(_without_subnormals(magnitude, f), u)


def _without_subnormals(word: np.ndarray, f: FloatFormat) -> np.ndarray:
    """Where the words below 2^m, those of subnormals, are no values: all that lies between 0 and the first normal, 1."""
    if f.subnormals:
        return word
    normal = word.dtype.type(2**f.mantissa_bits)
    return np.where(word < normal, word / normal, word - (normal - 1))


def _with_subnormals(place: np.ndarray, f: FloatFormat) -> np.ndarray:
    """``_without_subnormals`` backwards."""
    if f.subnormals:
        return place
    normal = place.dtype.type(2**f.mantissa_bits)
    return np.where(place < 1, place * normal, place + (normal - 1))


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """The bits of |code|·2^(p-m), p the mantissa bits of the arithmetic, are those of a float with another bias."""
    f = _format(spec.format)
    real, whole, p, bias = _BITS[codes.dtype.itemsize]
    u = (_with_subnormals(np.abs(codes), f) * real(2.0 ** (p - f.mantissa_bits))).astype(whole).view(real)
    for power in _powers(bias - f.bias):
        u *= real(power)
    return np.copysign(u, codes, out=u) * column(qparams.scale, real)


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """``value`` backwards, on values that are cast to the format first: the codes, for rounding to nearest even."""
    f = _format(spec.format)
    if spec.rounding != "nearest-even" or x.dtype != np.float32:
        return None
    real, whole, p, bias = _BITS[4]
    u = f.cast(np.divide(x, spread(qparams.scale, x)))
    _refuse_overflow(u, f)
    for power in _powers(f.bias - bias):
        u *= real(power)
    magnitude = _without_subnormals((np.abs(u).view(whole) >> (p - f.mantissa_bits)).astype(real), f)
    return np.copysign(magnitude, u, out=magnitude) + real(0)  # -0 has no code of its own


def _powers(exponent: int) -> list[float]:
    """2^exponent as factors within float32's normal range, which a bias below zero may ask too much of."""
    half = exponent // 2
    return [2.0**exponent] if abs(exponent) <= 126 else [2.0**half, 2.0 ** (exponent - half)]


SCHEME = Scheme(
    slug="float",
    title="Small floats",
    formula=r"\hat x = s\,\mathrm{cast}(x/s),\quad s = \max|x| / \mathrm{max}_{format}",
    blurb="A few digits at every size: FP8 and FP4 in today's accelerators, BF16 in training.",
    source="Micikevicius et al. 2022, arXiv:2209.05433; OCP MX 1.0",
    family="floating",
    used_by="FP8: NVIDIA Hopper and later; BF16 and FP16: training",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    codes=codes,
    bits=lambda knobs: (_format(knobs["format"]).bits,),
    knobs={
        "format": Knob("e4m3fn", "the number format: one of these, or any such as e3m4 or e3m4fn", CHOICES, parse=_own),
        "scaled": Knob(True, "whether max|x| is scaled to the format's largest value (FP16 and BF16 never are)", (True, False)),
    },
    follows_scale=_is_scaled,
    full_scale=True,
    group_bits=lambda spec: 32.0 if _is_scaled(spec) else 0.0,
    storage=Storage(
        lambda q, spec, counts: SCALE.write(q, spec, counts) if _is_scaled(spec) else {},
        lambda arrays, spec, counts: of_scale(
            take(arrays, "scale", sum(counts)) if _is_scaled(spec) else np.ones(sum(counts), np.float32), spec
        ),
    ),
    variants=tuple({"format": slug} for slug in CHOICES + OWN) + ({"format": "e4m3fn", "scaled": False},),
    rank=80,
)
