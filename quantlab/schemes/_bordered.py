"""Places among levels whose borders are not half way between them, shared by such schemes.

The place is a broken line through (level i, i) and (border i, i + 1/2): borders (G, L - 1) are ``qparams.extra``,
levels (L,) or (G, L) the codebook. Where several levels and borders coincide, their value is placed in the middle.
"""

from __future__ import annotations

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _codebook
from quantlab.schemes.base import column
from quantlab.types import QParams, QuantSpec

_NEAR = 2.0**-40  # a value beside a knot, however near, is not on it


def knots(qparams: QParams) -> np.ndarray:
    """Levels and borders in turn, ascending: level 0, border 0, level 1, ...; float64 (G or 1, 2L - 1)."""
    assert qparams.codebook is not None and qparams.extra is not None
    levels, borders = np.atleast_2d(qparams.codebook), qparams.extra
    line = np.empty((max(len(levels), len(borders)), 2 * levels.shape[1] - 1))
    line[:, ::2], line[:, 1::2] = levels, borders
    return line


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    line = knots(qparams)
    u = x / column(qparams.scale, np.float64)  # (G, N)
    below, above = _rank(line, u, np.less), _rank(line, u, np.less_equal)
    line = np.broadcast_to(line, (len(u), line.shape[1]))
    i = np.clip(below - 1, 0, line.shape[1] - 2)
    low, high = np.take_along_axis(line, i, 1), np.take_along_axis(line, i + 1, 1)
    part = np.divide(u - low, high - low, out=np.zeros_like(u), where=high > low)
    middle = np.where(above > below, (below + above - 1) / 2, i + np.clip(part, _NEAR, 1 - _NEAR))
    middle = np.where(above == 0, 0, np.where(below == line.shape[1], line.shape[1] - 1, middle))  # beyond the ends
    return middle / 2 - column(qparams.zero_point, np.float64)


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """The codes, intp (G, N), as the number of borders below each value; None where a rounding or a tie asks for more."""
    if not ROUNDINGS[spec.rounding].nearest:
        return None
    assert qparams.extra is not None
    borders = qparams.extra.astype(np.float64)
    u = x / column(qparams.scale, np.float64)
    code = _rank(borders, u, np.less)
    return None if _on_a_border(borders, u, code) else code


def _on_a_border(borders: np.ndarray, u: np.ndarray, code: np.ndarray) -> bool:
    at = np.minimum(code, borders.shape[1] - 1)
    return bool((np.take_along_axis(np.broadcast_to(borders, (len(u), borders.shape[1])), at, 1) == u).any())


def _rank(line: np.ndarray, u: np.ndarray, before: np.ufunc) -> np.ndarray:
    """How many knots of its row are before each value: below it (``np.less``), or not above (``np.less_equal``)."""
    if len(line) == 1:
        return np.searchsorted(line[0], u, side="left" if before is np.less else "right")
    rank = np.zeros(u.shape, np.intp)
    jump = 1 << line.shape[1].bit_length()
    while jump := jump >> 1:
        ahead = np.minimum(rank + jump, line.shape[1])
        np.copyto(rank, ahead, where=before(np.take_along_axis(line, ahead - 1, 1), u))
    return rank


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """The level of a whole code, the border of a code and a half."""
    line = knots(qparams)
    half = np.clip(2 * codes.astype(np.float64), 0, line.shape[1] - 1)
    if np.array_equal(half % 2, np.zeros_like(half)):
        return _codebook.value(codes, qparams, spec)
    i = np.minimum(np.floor(half).astype(np.intp), line.shape[1] - 2)
    line = np.broadcast_to(line, (len(codes), line.shape[1]))
    low, high = np.take_along_axis(line, i, 1), np.take_along_axis(line, i + 1, 1)
    return (low + (high - low) * (half - i)) * column(qparams.scale, np.float64)
