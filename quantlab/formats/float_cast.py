"""The nearest value of a float format: a rounding to m mantissa bits, done by the machine's own adder.

Adding and subtracting 1.5 * 2^(E + p - m), E the value's exponent and p the significand bits of the arithmetic, leaves
m mantissa bits, ties to even. It is done in float32 where that number cannot overflow, else in float64; float64 input is
rounded once. With no mantissa bits a tie goes to the larger magnitude (IEEE 754-2019, 4.3.1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from quantlab.formats.float_layout import FloatLayout
from quantlab.formats.overflow import Overflow, checked
from quantlab.formats.patterns import Array, as_float

CHUNK = 1 << 14  # values at a time: what one chunk needs stays in the cache
F64_MANTISSA = 52


def cast(f: FloatLayout, x: ArrayLike, overflow: Overflow | None = None) -> Array:
    """Each value's nearest one in the format; float32, x's shape. NaN stays NaN. overflow : left out, the format's own."""
    source, saturate = as_float(x), _saturates(f, overflow)
    flat = source.reshape(-1)
    out = np.empty(flat.size, np.float32)
    wide = flat.dtype == np.float64 or not _fits_float32(f)
    work, p = (np.empty(CHUNK, np.float64), F64_MANTISSA) if wide else (np.empty(CHUNK, np.float32), 23)
    bits = work.view(np.uint64 if wide else np.uint32)
    magic = np.empty_like(bits)
    exponent_mask = bits.dtype.type(((1 << (bits.itemsize * 8 - 1 - p)) - 1) << p)
    lowest = work.dtype.type(f.min_normal).view(bits.dtype)
    lift = bits.dtype.type(((p - f.mantissa_bits) << p) | (1 << (p - 1)))
    limit = work.dtype.type(f.max if saturate else 2 * f.max)
    for start in range(0, flat.size, CHUNK):
        part = flat[start : start + CHUNK]
        n = part.size
        y, m = work[:n], magic[:n]
        np.clip(part, -limit, limit, out=y)
        np.bitwise_and(bits[:n], exponent_mask, out=m)
        np.maximum(m, lowest, out=m)
        m += lift
        y += m.view(work.dtype)
        y -= m.view(work.dtype)
        if not f.subnormals:
            _flush(f, part, y)
        if not saturate:
            y[np.abs(y) > f.max] = np.inf if f.has_inf else np.nan
        np.copysign(y, part, out=out[start : start + n], casting="same_kind")
        if f.nan == "zero":
            out[start : start + n] += np.float32(0)  # turns -0, which is no value there, into 0
    return out.reshape(source.shape)[()]


def _saturates(f: FloatLayout, overflow: Overflow | None) -> bool:
    if overflow is None:
        return f.saturate
    return checked(overflow, ("saturate",) if f.nan == "none" else ("saturate", "inf"), f.slug) == "saturate"


def _fits_float32(f: FloatLayout) -> bool:
    """Are the exponents of all magic numbers, up to that of 2 * max, those of normal float32 values?"""
    m = f.mantissa_bits
    return f.emax + 1 + 23 - m <= 127 and 1 - f.bias >= -126 and m <= 21


def _flush(f: FloatLayout, x: Array, y: Array) -> None:
    """Below ``min_normal`` there is only zero; the tie between them goes to zero (even)."""
    small = np.abs(x) < f.min_normal
    y[small] = np.where(np.abs(x[small]) > f.min_normal / 2, f.min_normal, 0)
