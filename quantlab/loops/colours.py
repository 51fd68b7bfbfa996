"""The colour of a palette nearest to a point, by cells of the space that list the few colours that can be it.

    nearest = argmax over p of (2 (r R_p + g G_p + b B_p) - |c_p|²)        the first of equals

is what is left of |x - c|² once |x|² is taken off; each sum is rounded to float32 once, as fused arithmetic does, so that near ties
fall as in BLAS and alike on every machine. A colour can be nearest to a point of a cell only if it is no farther from the
cell's nearest point than another is from its farthest one, but for what float32 rounds off.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quantlab.loops._numba import filled, float32, float64, given, int32, int64, loop, void

SIDE = 16  # cells along a channel
Number = np.float32 | float  # numba's float32


class Cells(NamedTuple):
    """2 c (P, 3) float64 and |c|² (P,) float32 of the colours; ``grid``: where the cells begin and how many are in a unit, (2,) float32; of each cell
    the colours that can be nearest, ``members`` (SIDE³, P) int32, of which the first ``counts`` (SIDE³,) int64 count.
    """

    twice: np.ndarray
    squares: np.ndarray
    grid: np.ndarray
    members: np.ndarray
    counts: np.ndarray


CELLS = (given(float64, 2), given(float32), given(float32), given(int32, 2), given(int64))


def cells_of(colours: np.ndarray, low: float, high: float) -> Cells:
    """The cells of colours (P, 3) for points whose coordinates lie between ``low`` and ``high``."""
    colours = np.ascontiguousarray(colours, np.float32)
    width = max(high - low, 1e-3) * (1 + 1e-6) / SIDE  # the last point lies in the last cell
    edge = low + width * np.arange(SIDE)
    before = edge[:, None, None] - colours.T.astype(np.float64)  # (SIDE, 3, P): from the colour to where the cell begins
    near, far = np.square(np.clip(0, before, before + width)), np.maximum(before**2, (before + width) ** 2)
    squares = np.square(colours).sum(axis=1)
    slack = 2.0**-16 * (3 * max(abs(low), abs(high)) ** 2 + float(squares.max()))
    members, counts = np.empty((SIDE**3, len(colours)), np.int32), np.empty(SIDE**3, np.int64)
    _list_members(np.ascontiguousarray(near), np.ascontiguousarray(far), slack, members, counts)
    return Cells(2 * colours.astype(np.float64), squares, np.array([low, 1 / width], np.float32), members, counts)


@loop(void(given(float64, 3), given(float64, 3), float64, filled(int32, 2), filled(int64)))
def _list_members(near: np.ndarray, far: np.ndarray, slack: float, members: np.ndarray, counts: np.ndarray) -> None:
    for i in range(SIDE):
        for j in range(SIDE):
            for k in range(SIDE):
                cell, count, least = (i * SIDE + j) * SIDE + k, 0, np.inf
                for p in range(near.shape[2]):
                    least = min(least, far[i, 0, p] + far[j, 1, p] + far[k, 2, p])
                for p in range(near.shape[2]):
                    if near[i, 0, p] + near[j, 1, p] + near[k, 2, p] <= least + slack:
                        members[cell, count] = p
                        count += 1
                counts[cell] = count


@loop()
def _axis(x: Number, low: Number, inverse: Number) -> int:
    return min(max(int((x - low) * inverse), 0), SIDE - 1)


@loop()
def nearest(
    r: Number, g: Number, b: Number, twice: np.ndarray, squares: np.ndarray, grid: np.ndarray, members: np.ndarray, counts: np.ndarray
) -> int:
    """The index of the colour nearest to (r, g, b); a part of other loops."""
    low, inverse = grid[0], grid[1]
    cell = (_axis(r, low, inverse) * SIDE + _axis(g, low, inverse)) * SIDE + _axis(b, low, inverse)
    best, at = np.float32(-np.inf), members[cell, 0]
    for m in range(counts[cell] if counts[cell] > 1 else 0):
        p = members[cell, m]
        score = np.float32(np.float64(r) * twice[p, 0])
        score = np.float32(np.float64(g) * twice[p, 1] + score)
        score = np.float32(np.float64(b) * twice[p, 2] + score) - squares[p]
        if score > best:
            best, at = score, p
    return at


@loop(void(given(float32, 2), *CELLS, filled(int64)))
def nearest_indices(
    points: np.ndarray,
    twice: np.ndarray,
    squares: np.ndarray,
    grid: np.ndarray,
    members: np.ndarray,
    counts: np.ndarray,
    out: np.ndarray,
) -> None:
    """``out[n]`` is the index of the colour nearest to points[n]."""
    for n in range(len(points)):
        out[n] = nearest(points[n, 0], points[n, 1], points[n, 2], twice, squares, grid, members, counts)


@loop(void(given(float32, 2), *CELLS, given(float64), filled(float64), filled(float64, 2)))
def sums_of_nearest(
    points: np.ndarray,
    twice: np.ndarray,
    squares: np.ndarray,
    grid: np.ndarray,
    members: np.ndarray,
    counts: np.ndarray,
    weights: np.ndarray,
    mass: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add each point's weight, and its weight times itself, to those of the colour nearest to it: mass (P,), sums (P, 3)."""
    for n in range(len(points)):
        p = nearest(points[n, 0], points[n, 1], points[n, 2], twice, squares, grid, members, counts)
        mass[p] += weights[n]
        for c in range(3):
            sums[p, c] += weights[n] * points[n, c]
