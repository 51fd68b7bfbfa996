"""How ggml chooses a block's numbers and its codes: one entry a format, in ggml's own float32 arithmetic.

    q4_0, q5_0   d = (the value of largest magnitude, with its sign) / -n   q = trunc(x·(1/d) + n + ½)    x_hat = d·(q - n)
    q4_1, q5_1   d = (max - min) / (2^b - 1)                            q = trunc((x - min)·(1/d) + ½)    x_hat = d·q + min
    q8_0         d = max|x| / 127                                       q = round(x·(1/d)), half away     x_hat = d·q
    q4_k         eight blocks of 32 share float16 d and d_min; each has 6-bit s and m:                    x_hat = d·s·q - d_min·m

d and min are kept in float16, but the codes come from the unrounded ones (except in q4_k). A d below zero turns the
axis of codes round; here codes ascend with the values, so such a block's are 2n - 1 - q. Values beyond what float16
can scale, where ggml writes infinity, are clipped.
q4_k's s and m are found by a search in float32, whose sums run from value to value as ggml's source states them. A build of ggml
that fuses a product with its sum, or adds several values at once, rounds these sums otherwise: where two tries are all but equal it
may choose the other one. ggml's codes of a block whose step vanishes are left over from the search; here they are 0, and both read
back as the same values.
Source: ggml-quants.c, quantize_row_*_ref; q4_k's s and m by make_qkx2_quants.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Array = np.ndarray
F16_MAX = np.float32(65504)
HALF = np.float32(0.5)
EIGHT = 8  # blocks that share their numbers in a K-quant


class Fit(NamedTuple):
    """What each block (G,) is given: x_hat = step·(code - zero_point) + offset.

    inverse : 1 / step as the encoder has it, with its sign (in q4_k the step itself); 0 where the step vanishes in float16.
    base : what the encoder subtracts first.
    """

    step: Array
    zero_point: Array
    inverse: Array
    base: Array
    offset: Array


class Format(NamedTuple):
    """``fit`` chooses for float32 (G, N); ``codes`` makes of (x, inverse, base) what is added to the zero point.

    block_bits : what a block holds beside its codes. shared_bits : what eight blocks share.
    """

    bits: int
    block_bits: float
    qmin: int
    fit: Callable[[Array], Fit]
    codes: Callable[[Array, Array, Array], Array]
    shared_bits: float = 0.0


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

    return Format(bits, 16, 0, fit, codes)


def _ranged(bits: int) -> Format:
    top = 2**bits - 1

    def fit(x: Array) -> Fit:
        low, high = x.min(axis=1), x.max(axis=1)
        with np.errstate(over="ignore"):
            d = (high - low) / np.float32(top)
        return _fitted(d, np.zeros(len(x)), np.clip(low, -F16_MAX, F16_MAX), _float16(low))

    def codes(x: Array, inverse: Array, base: Array) -> Array:
        return np.clip(np.trunc((x - base) * inverse + HALF), 0, top)

    return Format(bits, 32, 0, fit, codes)


def _q8_fit(x: Array) -> Fit:
    zero = np.zeros(len(x), np.float32)
    return _fitted(np.abs(x).max(axis=1) / np.float32(127), zero, zero, zero)


def _q8_codes(x: Array, inverse: Array, base: Array) -> Array:
    p = x * inverse
    whole = np.trunc(p)
    return np.clip(whole + np.copysign(np.abs(p - whole) >= HALF, p), -127, 127)


def _k_fit(x: Array) -> Fit:
    pieces = [_k_search(x[i : i + 512]) for i in range(0, len(x), 512)]  # what fits the cache
    scale, depth = (np.concatenate(part) for part in zip(*pieces, strict=True))
    d, d_min = _six_bits(scale), _six_bits(depth)
    return Fit(np.where(d > 0, d, np.float32(1)), np.zeros(len(x)), d, -d_min, -d_min)  # q4_k divides by the step itself


def _six_bits(numbers: Array) -> Array:
    """Each number as a multiple, 0 to 63, of what its eight blocks share in float16; float32."""
    eights = np.append(numbers, np.zeros(-len(numbers) % 8, np.float32)).reshape(-1, 8)
    top = eights.max(axis=1, keepdims=True)
    multiple = np.minimum(np.rint(eights * np.divide(np.float32(63), top, out=np.zeros_like(top), where=top > 0)), np.float32(63))
    return (_float16(top / np.float32(63)) * multiple).ravel()[: len(numbers)]


@np.errstate(
    over="ignore", invalid="ignore", divide="ignore"
)  # of values whose squares float32 cannot hold no try is better than the first
def _k_search(x: Array) -> tuple[Array, Array]:
    """Scale and depth (minus the lowest level) of least weighted squared error among 22 tries; float32 (G,) each.

    A try that is better also moves the lowest level from which the tries after it measure. All sums run from value to value.
    """
    x = np.ascontiguousarray(x.T)  # (N, G): a sum over the first axis adds row after row
    weight = np.sqrt((x * x).sum(axis=0) / np.float32(len(x))) + np.abs(x)
    low, high = np.minimum(x.min(axis=0), 0), x.max(axis=0)
    flat = high == low
    sum_w, sum_x = weight.sum(axis=0), (weight * x).sum(axis=0)

    def codes(levels: np.float32) -> Array:
        return np.clip(np.rint(np.divide(levels, high - low, out=np.zeros_like(low), where=~flat) * (x - low)), 0, 15)

    def error(codes: Array, s: Array, b: Array) -> Array:
        off = s * codes + b - x
        return (weight * (off * off)).sum(axis=0)

    scale = np.divide(np.float32(1), np.divide(np.float32(15), high - low, out=np.ones_like(low), where=~flat))
    best = error(codes(np.float32(15)), scale, low)
    for step in range(21):
        q = codes(np.float32(-1) + np.float32(0.1) * np.float32(step) + np.float32(15))
        weighted = weight * q
        s_q, s_qq, s_xq = weighted.sum(axis=0), (weighted * q).sum(axis=0), (weighted * x).sum(axis=0)
        det = sum_w * s_qq - s_q * s_q
        solvable = (det > 0) & ~flat
        safe = np.where(solvable, det, 1)
        s, b = (sum_w * s_xq - sum_x * s_q) / safe, (s_qq * sum_x - s_q * s_xq) / safe
        s, b = np.where(b > 0, s_xq / np.where(solvable, s_qq, 1), s), np.minimum(b, 0)
        e = error(q, s, b)
        better = solvable & (e < best)
        best, scale, low = np.where(better, e, best), np.where(better, s, scale), np.where(better, b, low)
    return np.where(flat, 0, np.clip(scale, 0, 63 * F16_MAX)).astype(np.float32), -low


def _k_codes(x: Array, step: Array, base: Array) -> Array:
    return np.clip(np.rint(np.divide(x - base, step, out=np.zeros_like(x), where=step > 0)), 0, 15)


FORMATS = {
    "q4_0": _signed(4),
    "q4_1": _ranged(4),
    "q5_0": _signed(5),
    "q5_1": _ranged(5),
    "q8_0": Format(8, 16, -127, _q8_fit, _q8_codes),
    "q4_k": Format(4, 12, 0, _k_fit, _k_codes, shared_bits=32),
}
