"""ggml's blocks of one step: Q4_0 to Q8_0, the ternary ones (TQ), and MXFP4 as ggml rounds it.

    q4_0, q5_0     d = (the value of largest magnitude, with its sign) / -n   q = trunc(x·(1/d) + n + ½)    x_hat = d·(q - n)
    q4_1, q5_1     d = (max - min) / (2^b - 1)                            q = trunc((x - min)·(1/d) + ½)    x_hat = d·q + min
    q8_0           d = max|x| / 127                                       q = round(x·(1/d)), half away     x_hat = d·q
    tq1_0, tq2_0   d = max|x| over 256 values                             q = round(x·(1/d)), half away     x_hat = d·q, q = -1, 0, 1
    mxfp4          d = 2^(floor(log2 max|x|) - 2)                         the nearest of E2M1's, ties to the smaller magnitude

d and min are kept in float16, but the codes come from the unrounded ones. A d below zero turns the axis of codes round; here codes
ascend with the values, so such a block's are 2n - 1 - q. Values beyond what float16 can scale, where ggml writes infinity, are clipped.
mxfp4's logarithm is float32's, as in ggml: just below a power of two it may be the whole number above. Its d stays within 2^-127 and
2^125, where ggml's wraps or 6·d is infinite.
Source: ggml-quants.c, quantize_row_*_ref.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes._ggml_fit import F16_MAX, HALF, Array, Fit, Format, extreme, float16, half_away

E2M1 = (-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_TIES = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0])  # between E2M1's magnitudes, multiples of ¼
_CODE = np.searchsorted(_TIES, np.arange(22) / 4, side="left").astype(np.float32)  # of magnitudes up to so many quarters


def _fitted(d: Array, zero_point: Array, base: Array, offset: Array) -> Fit:
    d = np.clip(d, -F16_MAX, F16_MAX)
    step = np.abs(float16(d))
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=step > 0)
    return Fit(np.where(step > 0, step, np.float32(1)), zero_point, inverse, base, offset)


def _signed(bits: int) -> Format:
    n = 2 ** (bits - 1)

    def fit(x: Array) -> Fit:
        d, zero = extreme(x) / np.float32(-n), np.zeros(len(x), np.float32)
        return _fitted(d, np.where(d < 0, n - 1, n), zero, zero)

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        q = np.clip(np.trunc(x * inverse + np.float32(n + 0.5)), 0, 2 * n - 1)
        return np.where(inverse < 0, n - q, q - n)

    return Format(bits, 0, 2**bits - 1, fit, codes)


def _ranged(bits: int) -> Format:
    top = 2**bits - 1

    def fit(x: Array) -> Fit:
        low, high = x.min(axis=1), x.max(axis=1)
        with np.errstate(over="ignore"):
            d = (high - low) / np.float32(top)
        return _fitted(d, np.zeros(len(x)), np.clip(low, -F16_MAX, F16_MAX), float16(low))

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        return np.clip(np.trunc((x - base) * inverse + HALF), 0, top)

    return Format(bits, 0, top, fit, codes, block_bits=32, keeps="d and min")


def _centred(bits: int, top: int, block: int) -> Format:
    """Codes -top ... top."""

    def fit(x: Array) -> Fit:
        zero = np.zeros(len(x), np.float32)
        return _fitted(np.abs(x).max(axis=1) / np.float32(top), zero, zero, zero)

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        return np.clip(half_away(x * inverse), -top, top)

    return Format(bits, -top, top, fit, codes, block)


def _mx_fit(x: Array) -> Fit:
    top, zero = np.abs(x).max(axis=1), np.zeros(len(x), np.float32)
    log = np.log2(top.astype(np.float64), out=np.zeros(len(x)), where=top > 0).astype(np.float32)
    exponent = np.where(top > 0, np.clip(np.floor(log) - 2, -127, 125), -127).astype(np.int64)
    step = np.ldexp(np.ones(len(x)), exponent).astype(np.float32)
    return Fit(step, zero, step, zero, zero)


def _mx_codes(x: Array, step: Array, base: Array) -> Array:
    u = np.divide(x, step, out=np.zeros_like(x), where=step > 0)  # by a power of two: exact
    return np.copysign(_CODE[np.minimum(np.ceil(np.abs(u) * np.float32(4)), 21).astype(np.intp)], u)


PLAIN = {
    "q4_0": _signed(4),
    "q4_1": _ranged(4),
    "q5_0": _signed(5),
    "q5_1": _ranged(5),
    "q8_0": _centred(8, 127, 32),
    "tq1_0": _centred(2, 1, 256),
    "tq2_0": _centred(2, 1, 256),
    "mxfp4": Format(4, -7, 7, _mx_fit, _mx_codes, block_bits=8, keeps="e8m0", table=E2M1),
}
