"""How ggml chooses a block's numbers and its codes: one entry a format, in ggml's own float32 arithmetic.

    q4_0, q5_0   d = (the value of largest magnitude, with its sign) / -n   q = trunc(x·(1/d) + n + ½)    x_hat = d·(q - n)
    q4_1, q5_1   d = (max - min) / (2^b - 1)                            q = trunc((x - min)·(1/d) + ½)    x_hat = d·q + min
    q8_0         d = max|x| / 127                                       q = round(x·(1/d)), half away     x_hat = d·q
    q4_k         eight blocks of 32 share float16 d and d_min; each has 6-bit s and m:                    x_hat = d·s·q - d_min·m

d and min are kept in float16, but the codes come from the unrounded ones (except in q4_k). A d below zero turns the
axis of codes round; here codes ascend with the values, so such a block's are 2n - 1 - q. Values beyond what float16
can scale, where ggml writes infinity, are clipped.
Source: ggml-quants.c, quantize_row_*_ref; q4_k's s and m by make_qkx2_quants, here in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray
F16_MAX = np.float32(65504)
HALF = np.float32(0.5)


class Fit(NamedTuple):
    """What each block (G,) is given: x_hat = step·(code - zero_point) + offset.

    inverse : 1 / step as the encoder has it, with its sign; 0 where the step vanishes in float16.
    base : what the encoder subtracts first.
    """

    step: Array
    zero_point: Array
    inverse: Array
    base: Array
    offset: Array


class Format(NamedTuple):
    """``fit`` chooses for float32 (G, N); ``codes`` makes of (x, inverse, base) what is added to the zero point."""

    bits: int
    block_bits: Callable[[int], float]  # of one of G blocks
    qmin: int
    fit: Callable[[Array], Fit]
    codes: Callable[[Array, Array, Array], Array]


def _float16(x: Array) -> Array:
    return np.clip(x, -F16_MAX, F16_MAX).astype(np.float16).astype(np.float32)


def _fitted(d: Array, zero_point: Array, base: Array, offset: Array) -> Fit:
    d = np.clip(d, -F16_MAX, F16_MAX)
    step = np.abs(_float16(d))
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=step > 0)
    return Fit(np.where(step > 0, step, np.float32(1)), zero_point, inverse, base, offset)


def _signed(bits: int) -> Format:
    n = 2 ** (bits - 1)

    def fit(x: Array) -> Fit:
        extreme = np.take_along_axis(x, np.abs(x).argmax(axis=1)[:, None], axis=1)[:, 0]
        d, zero = extreme / np.float32(-n), np.zeros(len(x), np.float32)
        return _fitted(d, np.where(d < 0, n - 1, n), zero, zero)

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        q = np.clip(np.trunc(x * inverse + np.float32(n + 0.5)), 0, 2 * n - 1)
        return np.where(inverse < 0, n - q, q - n)

    return Format(bits, lambda blocks: 16, 0, fit, codes)


def _ranged(bits: int) -> Format:
    top = 2**bits - 1

    def fit(x: Array) -> Fit:
        low, high = x.min(axis=1), x.max(axis=1)
        with np.errstate(over="ignore"):
            d = (high - low) / np.float32(top)
        return _fitted(d, np.zeros(len(x)), np.clip(low, -F16_MAX, F16_MAX), _float16(low))

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        return np.clip(np.trunc((x - base) * inverse + HALF), 0, top)

    return Format(bits, lambda blocks: 32, 0, fit, codes)


def _q8_fit(x: Array) -> Fit:
    zero = np.zeros(len(x), np.float32)
    return _fitted(np.abs(x).max(axis=1) / np.float32(127), zero, zero, zero)


def _q8_codes(x: Array, inverse: Array, base: Array) -> Array:
    p = x * inverse
    whole = np.trunc(p)
    return np.clip(whole + np.copysign(np.abs(p - whole) >= HALF, p), -127, 127)


def _k_fit(x: Array) -> Fit:
    pieces = [_k_search(x[i : i + 512].astype(np.float64)) for i in range(0, len(x), 512)]  # what fits the cache
    scale, depth = (np.concatenate(part) for part in zip(*pieces, strict=True))
    d, d_min = _six_bits(scale), _six_bits(depth)
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d > 0)
    return Fit(np.where(d > 0, d, np.float32(1)), np.zeros(len(x)), inverse, -d_min, -d_min)


def _six_bits(numbers: Array) -> Array:
    """Each number as a multiple, 0 to 63, of what its eight blocks share in float16; float32."""
    eights = np.append(numbers, np.zeros(-len(numbers) % 8)).reshape(-1, 8)
    top = eights.max(axis=1, keepdims=True)
    multiple = np.rint(63 * np.divide(eights, top, out=np.zeros_like(eights), where=top > 0))
    shared = _float16((top / 63).astype(np.float32))
    return (shared * multiple.astype(np.float32)).ravel()[: len(numbers)]


def _k_search(x: Array) -> tuple[Array, Array]:
    """Scale and depth (minus the lowest level) of least weighted squared error among 22 tries; float64 (G,) each."""
    weight = np.sqrt(np.square(x).mean(axis=1, keepdims=True)) + np.abs(x)
    low, high = np.minimum(x.min(axis=1), 0), x.max(axis=1)
    span = high - low
    best = np.full(len(x), np.inf)
    scale, base = span / 15, low
    sum_w, sum_x = weight.sum(axis=1), (weight * x).sum(axis=1)

    def error(codes: Array, s: Array, b: Array) -> Array:
        return (weight * np.square(s[:, None] * codes + b[:, None] - x)).sum(axis=1)

    for levels in (15.0, *np.arange(14, 16.01, 0.1)):
        per_step = np.divide(levels, span, out=np.zeros_like(span), where=span > 0)
        q = np.clip(np.rint(per_step[:, None] * (x - low[:, None])), 0, 15)
        if best[0] == np.inf:
            best = error(q, scale, base)
            continue
        s_q, s_qq, s_xq = (weight * q).sum(axis=1), (weight * q * q).sum(axis=1), (weight * q * x).sum(axis=1)
        det = sum_w * s_qq - s_q * s_q
        solvable = (det > 0) & (s_qq > 0)
        safe = np.where(solvable, det, 1)
        s, b = (sum_w * s_xq - sum_x * s_q) / safe, (s_qq * sum_x - s_q * s_xq) / safe
        s, b = np.where(b > 0, s_xq / np.where(solvable, s_qq, 1), s), np.minimum(b, 0)
        e = error(q, s, b)
        better = solvable & (s > 0) & (e < best)
        best, scale, base = np.where(better, e, best), np.where(better, s, scale), np.where(better, b, base)
    return scale, -base


def _k_codes(x: Array, inverse: Array, base: Array) -> Array:
    return np.clip(np.rint((x - base) * inverse), 0, 15)


FORMATS = {
    "q4_0": _signed(4),
    "q4_1": _ranged(4),
    "q5_0": _signed(5),
    "q5_1": _ranged(5),
    "q8_0": Format(8, lambda blocks: 16, -127, _q8_fit, _q8_codes),
    "q4_k": Format(4, lambda blocks: 12 + 32 * -(-blocks // 8) / max(blocks, 1), 0, _k_fit, _k_codes),
}
