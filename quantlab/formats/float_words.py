"""Bit patterns of floats: sign, exponent field E and mantissa field M, from the left.

normal (E > 0)   (-1)^S * 2^(E - bias) * (1 + M / 2^m)        subnormal (E = 0)   (-1)^S * 2^(1 - bias) * M / 2^m
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from quantlab.formats.float_cast import cast
from quantlab.formats.float_layout import FloatLayout
from quantlab.formats.overflow import Overflow
from quantlab.formats.patterns import Array, as_float, patterns, uint


class Fields(NamedTuple):
    """The three fields of a bit pattern, integers of the pattern's shape."""

    sign: Array
    exponent: Array
    mantissa: Array


def encode(f: FloatLayout, x: ArrayLike, overflow: Overflow | None = None) -> Array:
    """The bit pattern of each value's nearest one, the smallest uint that holds it.

    overflow : left out, the format's own, except that infinities stay infinite where the format has them.
    """
    source = as_float(x)
    flat = source.reshape(-1)
    y = cast(f, flat, overflow).astype(np.float64)
    infinite = np.isinf(flat if f.has_inf and overflow is None else y)
    if np.isnan(y).any() and f.nan == "none":
        raise ValueError(f"{f.slug} has no NaN, {np.isnan(y).sum()} of {y.size} values are; drop them first")
    a = np.where(np.isfinite(y), np.abs(y), 0)
    exponent = np.where(a >= f.min_normal, np.frexp(a)[1] - 1 + f.bias, 0).astype(np.int64)
    m, one = f.mantissa_bits, exponent > 0
    quantum = np.where(one, exponent, 1) - f.bias - m
    pattern = (exponent << m) + np.ldexp(a, -quantum).astype(np.int64) - (one.astype(np.int64) << m)
    top = (1 << f.exponent_bits) - 1
    pattern[infinite] = top << m
    pattern[np.isnan(y)] = (top << m) | ((1 << m) - 1 if f.nan == "one" else 1 << max(m - 1, 0))
    pattern |= np.signbit(y).astype(np.int64) << (f.bits - 1)
    if f.nan == "zero":
        pattern[np.isnan(y)] = 1 << (f.bits - 1)
    return pattern.astype(uint(f.bits)).reshape(source.shape)[()]


def fields(f: FloatLayout, bits: ArrayLike) -> Fields:
    """Sign, exponent and mantissa field of each bit pattern."""
    pattern = patterns(bits, f.bits, f.slug)
    e, m = f.exponent_bits, f.mantissa_bits
    return Fields(pattern >> (e + m), (pattern >> m) & ((1 << e) - 1), pattern & ((1 << m) - 1))


def decode(f: FloatLayout, bits: ArrayLike) -> Array:
    """The value of each bit pattern, float32."""
    sign, exponent, mantissa = fields(f, bits)
    m, normal = f.mantissa_bits, exponent > 0
    significand = np.where(normal, mantissa + (1 << m), mantissa if f.subnormals else 0)
    y = np.ldexp(significand.astype(np.float64), np.where(normal, exponent, 1) - f.bias - m)
    top = exponent == (1 << f.exponent_bits) - 1
    if f.nan == "ieee":
        y = np.where(top, np.where(mantissa == 0, np.inf, np.nan), y)
    if f.nan == "one":
        y = np.where(top & (mantissa == (1 << m) - 1), np.nan, y)
    if f.nan == "zero":
        y = np.where((sign == 1) & (exponent == 0) & (mantissa == 0), np.nan, y)
    return np.where(sign == 1, -y, y).astype(np.float32)[()]
