"""Three verbs: choose the parameters, quantize, dequantize; and ``fake_quantize``, both at once.

The work is cut into blocks that fit a core's cache and spread over threads: each block goes through all steps
while it is still in the cache, so the speed is near that of copying the tensor.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from quantlab.calibrators import choose_range
from quantlab.rounding import Noise, uniform_noise
from quantlab.rows import Rows, rows_of
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, Quantized, QuantSpec

_BLOCK = 1 << 14  # values at a time: 64 kB of float32, small enough for malloc to give the same pages again
_FLOAT32_MAX = float(np.finfo(np.float32).max)


def choose_qparams(x: np.ndarray, spec: QuantSpec) -> QParams:
    """The scales, zero points and codebooks for this tensor, one row a group.

    Raises ValueError where x holds NaN, infinity, complex or other non-real values, or values beyond float32.
    """
    parts = spec.granularity.split(as_real(x))
    return _stack(_chosen(parts, spec, None), spec)


def quantize(x: np.ndarray, spec: QuantSpec, qparams: QParams | None = None) -> Quantized:
    """Codes for every value of x, in its shape; ``qparams`` chosen beforehand (static) or from x itself.

    >>> q = quantize(np.array([-1.0, 0.1, 0.5, 1.0]), QuantSpec("int-symmetric", bits=3))
    >>> q.codes, q.qparams.scale  # 1 / 3; 0.1 is 0.3 steps, 0.5 is 1.5 steps: a tie, to even
    (array([-3,  0,  2,  3], dtype=int8), array([0.33333334], dtype=float32))
    """
    x = as_real(x)
    parts = spec.granularity.split(x)
    chosen = _chosen(parts, spec, qparams)
    scheme = SCHEMES[spec.scheme]
    stacked = qparams or _stack(chosen, spec)
    dtype = _code_dtype(stacked.qmin, stacked.qmax)

    def codes(block: np.ndarray, some: QParams, noise: Noise) -> np.ndarray:
        return scheme.encode(block, some, spec, noise)

    pieces = [_blockwise(codes, rows, q, spec, i, dtype) for i, (rows, q) in enumerate(zip(parts, chosen, strict=True))]
    return Quantized(spec.granularity.join(pieces, x.shape) if pieces else np.empty(x.shape, dtype), stacked, spec)


def dequantize(q: Quantized) -> np.ndarray:
    """The values the codes stand for, float32, in the tensor's shape."""
    scheme = SCHEMES[q.spec.scheme]
    parts = q.spec.granularity.split(q.codes)

    def values(block: np.ndarray, some: QParams, noise: Noise) -> np.ndarray:
        return scheme.value(block.astype(np.float32), some, q.spec)

    chosen = _chosen(parts, q.spec, q.qparams)
    pieces = [_blockwise(values, rows, p, q.spec, i, np.float32) for i, (rows, p) in enumerate(zip(parts, chosen, strict=True))]
    return q.spec.granularity.join(pieces, q.shape) if pieces else np.empty(q.shape, np.float32)


def fake_quantize(x: np.ndarray, spec: QuantSpec, qparams: QParams | None = None) -> np.ndarray:
    """``dequantize(quantize(x, spec))`` without keeping the codes; float32, in x's shape."""
    x = as_real(x)
    parts = spec.granularity.split(x)
    pieces = [read_back(rows, p, spec, i) for i, (rows, p) in enumerate(zip(parts, _chosen(parts, spec, qparams), strict=True))]
    return spec.granularity.join(pieces, x.shape) if pieces else np.empty(x.shape, np.float32)


def read_back(rows: np.ndarray, qparams: QParams, spec: QuantSpec, part: int = 0) -> np.ndarray:
    """``fake_quantize`` on rows (G, N) whose parameters are known; float32 (G, N)."""
    scheme = SCHEMES[spec.scheme]

    def both(block: np.ndarray, some: QParams, noise: Noise) -> np.ndarray:
        return scheme.value(scheme.encode(block, some, spec, noise).astype(np.float32, copy=False), some, spec)

    return _blockwise(both, rows, qparams, spec, part, np.float32)


def as_real(x: np.ndarray) -> np.ndarray:
    """x as float32 (float64 stays); refuses what is not real, with the remedy."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiub":
        raise ValueError(f"the tensor's type is {x.dtype}; quantization needs real numbers: convert it with x.real or x.astype('float32')")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float64 if x.dtype.itemsize > 2 else np.float32)


def _choose(values: np.ndarray, spec: QuantSpec, rows: Rows | None = None) -> QParams:
    rows = rows or Rows(values)
    check_finite(rows)
    low, high = choose_range(rows, spec)
    return SCHEMES[spec.scheme].choose_qparams(rows, low, high, spec)


def check_finite(rows: Rows) -> None:
    low, high = float(rows.low.min()), float(rows.high.max())  # NaN and infinity both show in the extremes
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = np.flatnonzero(~np.isfinite(rows.values))
        raise ValueError(
            f"{len(bad)} of {rows.values.size} values are NaN or infinite, the first at index {bad[0]}; drop or clip them first"
        )
    if max(-low, high) > _FLOAT32_MAX:
        raise ValueError(f"the largest magnitude is {max(-low, high):g}, beyond float32's {_FLOAT32_MAX:.3g}; scale the tensor down first")


def _chosen(parts: list[np.ndarray], spec: QuantSpec, qparams: QParams | None) -> list[QParams]:
    """The parameters of each part: chosen from it, or the rows of ``qparams`` that belong to it."""
    if qparams is None:
        return [_choose(rows.values, spec, rows) for rows in rows_of(parts)]
    groups = sum(len(rows) for rows in parts)
    if len(qparams.scale) != groups:
        raise ValueError(f"the parameters are for {len(qparams.scale)} groups, the tensor has {groups}; choose them anew for this shape")
    starts = np.cumsum([0] + [len(rows) for rows in parts])
    return [_some(qparams, slice(a, b)) for a, b in zip(starts[:-1], starts[1:], strict=True)]


def _some(q: QParams, which: slice) -> QParams:
    book = q.codebook if q.codebook is None or q.codebook.ndim == 1 else q.codebook[which]
    extra = None if q.extra is None else q.extra[which]
    return QParams(q.scale[which], q.zero_point[which], q.qmin, q.qmax, book, extra)


def first_group(q: QParams) -> QParams:
    """The parameters of group 0 alone."""
    return _some(q, slice(0, 1))


def _stack(chosen: list[QParams], spec: QuantSpec) -> QParams:
    if not chosen:  # an empty tensor: no groups, but the codes keep their range
        one = _choose(np.zeros((1, 1), np.float32), spec)
        return _some(one, slice(0, 0))
    first = chosen[0]
    own = first.codebook is not None and first.codebook.ndim == 2
    book = np.concatenate([q.codebook for q in chosen if q.codebook is not None]) if own else first.codebook
    scale, zero = (np.concatenate([getattr(q, name) for q in chosen]) for name in ("scale", "zero_point"))
    extra = None if first.extra is None else np.concatenate([q.extra for q in chosen if q.extra is not None])
    return QParams(scale, zero, first.qmin, first.qmax, book, extra)


def _code_dtype(qmin: int, qmax: int) -> np.dtype:
    choices = (np.int8, np.uint8, np.int16, np.uint16, np.int32)
    return np.dtype(next(t for t in choices if np.iinfo(t).min <= qmin and qmax <= np.iinfo(t).max))


def _blockwise(
    work: Callable[[np.ndarray, QParams, Noise], np.ndarray], rows: np.ndarray, qparams: QParams, spec: QuantSpec, part: int, dtype
) -> np.ndarray:
    """``work`` on every block of rows (G, N), in threads where there is enough to do; (G, N) of ``dtype``."""
    out = np.empty(rows.shape, dtype)
    groups, n = rows.shape
    tall = max(1, _BLOCK // n)
    wide = n if tall > 1 else _BLOCK
    blocks = [(g, c) for g in range(0, groups, tall) for c in range(0, n, wide)]

    def one(block: tuple[int, int]) -> None:
        g, c = block
        x = rows[g : g + tall, c : c + wide]

        def noise() -> np.ndarray:
            if wide == n:
                return uniform_noise(x.shape, spec.seed + (part << 32), g * n)
            return uniform_noise(x.shape, spec.seed + (part << 32), g * n + c)

        out[g : g + tall, c : c + wide] = work(x, _some(qparams, slice(g, g + tall)), noise)

    if len(blocks) < 4 or _threads() is None:
        for block in blocks:
            one(block)
    else:
        list(_threads().map(one, blocks))
    return out


@cache
def _threads() -> ThreadPoolExecutor | None:
    cores = min(os.cpu_count() or 1, 8)
    return ThreadPoolExecutor(cores, "quantlab") if cores > 1 else None
