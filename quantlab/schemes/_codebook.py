"""How is a value placed among levels that keep no rule? Shared by all schemes with a codebook.

Between two levels the place is linear, so rounding to nearest puts the border half way between them.
A codebook (L,) serves all groups, each with its scale; a codebook (G, L) is each group's own.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes.base import column
from quantlab.types import QParams, QuantSpec


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    book = qparams.codebook
    assert book is not None
    scale = np.where(qparams.scale == 0, 1, qparams.scale)  # all levels are 0 then, and any place will do
    u = (x / column(scale, np.float32)).astype(np.float64)  # (G, N)
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
    return i + np.clip(part, -1, 2) - column(qparams.zero_point, np.float64)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    book = qparams.codebook
    assert book is not None
    i = np.clip(codes, 0, book.shape[-1] - 1).astype(np.intp)
    scale = column(qparams.scale, codes.dtype)
    below = _take(book, i)
    if np.array_equal(i, codes):
        return below * scale
    above = _take(book, np.minimum(i + 1, book.shape[-1] - 1)).astype(np.float64)
    return (below + (above - below) * (codes - i)) * scale


def _take(book: np.ndarray, i: np.ndarray) -> np.ndarray:
    return book.ravel()[i] if book.ndim == 1 or len(book) == 1 else np.take_along_axis(book, i, 1)


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
