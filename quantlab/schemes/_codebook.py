"""Places among levels that keep no rule, shared by all schemes with a codebook.

Between two levels the place is linear, so rounding to nearest puts the border half way between them.
A codebook (L,) serves all groups, each with its scale; a codebook (G, L) is each group's own.
"""

from __future__ import annotations

import numpy as np

from quantlab.caching import lru_cache
from quantlab.rounding import ROUNDINGS
from quantlab.schemes.base import column, no_noise, spread
from quantlab.types import QParams, QuantSpec

_BESIDE = 2.0**-40  # a value beside a level, however near, is not on it
_FEW = 48  # borders up to which a comparison with each is faster than a search


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec | None) -> np.ndarray:
    book = qparams.codebook
    assert book is not None
    scale = np.where(qparams.scale == 0, 1, qparams.scale)  # all levels are 0 then, and any place will do
    with np.errstate(over="ignore"):
        u = (x / column(scale, np.float32)).astype(np.float32).astype(np.float64)  # (G, N); float32 whatever x is
    last = book.shape[-1] - 2
    if book.ndim == 1 or len(book) == 1:
        levels = book.ravel().astype(np.float64)
        i = np.clip(np.searchsorted(levels, u, side="right") - 1, 0, last)
        below, above = levels[i], levels[i + 1]
    else:
        i = np.minimum(_search(book, u), last)
        below, above = np.take_along_axis(book, i, 1).astype(np.float64), np.take_along_axis(book, i + 1, 1)
    gap = above - below
    part = np.divide(u - below, gap, out=np.zeros_like(u), where=gap > 0)
    part = np.clip(part, np.where(u > below, _BESIDE, -1), np.where(u < above, 1 - _BESIDE, 2))
    return i + np.clip(part, -1, 2) - column(qparams.zero_point, np.float64)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    book = qparams.codebook
    assert book is not None
    i = codes if codes.dtype.kind == "u" else np.clip(codes, 0, book.shape[-1] - 1).astype(np.intp)
    scale = column(qparams.scale, np.result_type(codes.dtype, np.float32))
    below = _take(book, i)
    if i is codes or np.array_equal(i, codes):
        return below * scale
    above = _take(book, np.minimum(i + 1, book.shape[-1] - 1)).astype(np.float64)
    return (below + (above - below) * (codes - i)) * scale


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """The codes, uint8 or intp (G, N), by comparing x / scale with the value at which each code begins.

    None where the shortcut does not apply: chance, float64, a codebook for each group.
    """
    book, zero = qparams.codebook, qparams.zero_point
    assert book is not None
    if ROUNDINGS[spec.rounding].random or x.dtype != np.float32 or book.size != book.shape[-1] or (zero != zero[0]).any():
        return None
    starts = _starts(book.tobytes(), int(zero[0]), spec.rounding)
    u = np.divide(x, spread(np.where(qparams.scale == 0, np.float32(1), qparams.scale), x))
    if len(starts) > _FEW:
        return np.searchsorted(starts, u, side="right")
    code, reached = np.zeros(u.shape, np.uint8), np.empty(u.shape, bool)
    for start in starts:
        code += np.greater_equal(u, start, out=reached).view(np.uint8)
    return code


@lru_cache(maxsize=256)
def _starts(book: bytes, zero: int, rounding: str) -> np.ndarray:
    """For each code but the first the smallest float32 that gets it or a higher one, by halving; float32 (L - 1,)."""
    levels = np.frombuffer(book, np.float32)
    one = QParams(np.ones(1, np.float32), np.full(1, zero, np.int32), 0, len(levels) - 1, levels)
    wanted = np.arange(1, len(levels))
    below, at = np.full(len(wanted), _key(-np.inf)), np.full(len(wanted), _key(np.inf))
    while (at - below > 1).any():
        middle = (below + at) // 2
        code = ROUNDINGS[rounding].apply(place(_float(middle)[None], one, None), no_noise)[0] + zero
        reached = code >= wanted
        below, at = np.where(reached, below, middle), np.where(reached, middle, at)
    return _float(at)


def _key(x: float) -> int:
    """An integer that orders float32 values: their bits, with those of a negative number turned."""
    bits = int(np.float32(x).view(np.int32))
    return bits if bits >= 0 else bits ^ 0x7FFFFFFF


def _float(key: np.ndarray) -> np.ndarray:
    """The float32 values of these keys."""
    return np.where(key >= 0, key, key ^ 0x7FFFFFFF).astype(np.int32).view(np.float32)


def _take(book: np.ndarray, i: np.ndarray) -> np.ndarray:
    return np.take(book, i, mode="clip") if book.size == book.shape[-1] else np.take_along_axis(book, i, 1)


def _search(book: np.ndarray, u: np.ndarray) -> np.ndarray:
    """For each value of a row the last level of the row's codebook that is not above it (0 if all are)."""
    i = np.zeros(u.shape, np.intp)
    jump = 1 << (book.shape[1] - 1).bit_length()
    while jump := jump >> 1:
        ahead = np.minimum(i + jump, book.shape[1] - 1)
        np.copyto(i, ahead, where=np.take_along_axis(book, ahead, 1) <= u)
    return i


def zero_index(book: np.ndarray) -> int:
    """The entry of a codebook (L,) nearest to 0."""
    return int(np.argmin(np.abs(book)))


def unit_scale(span: np.ndarray) -> np.ndarray:
    """The range as float32 (G,), 1 where it is 0, never subnormal."""
    return np.where(span == 0, 1, np.maximum(span, np.finfo(np.float32).tiny)).astype(np.float32)
