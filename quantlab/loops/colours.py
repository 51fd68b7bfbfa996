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
    """2 c (P, 3) float64 and |c|² (P,) float32 of the colours; where the cells begin and how many are in a unit, (2, 3) float32; of each cell
    the colours that can be nearest, ``members`` (SIDE³, P) int32, of which the first ``counts`` (SIDE³,) int64 count.
    """

    twice: np.ndarray
    squares: np.ndarray
    grid: np.ndarray
    members: np.ndarray
    counts: np.ndarray


CELLS = (given(float64, 2), given(float32), given(float32, 2), given(int32, 2), given(int64))


def cells_of(colours: np.ndarray, low: np.ndarray, high: np.ndarray) -> Cells:
    """The cells of colours (P, 3) for points between ``low`` and ``high``, (3,) each."""
    colours = np.ascontiguousarray(colours, np.float32)
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    width = np.maximum(high - low, 1e-3) * (1 + 1e-6) / SIDE  # the last point lies in the last cell
    edge = low + width * np.arange(SIDE)[:, None]  # (SIDE, 3)
    before = edge[:, :, None] - colours.T.astype(np.float64)  # (SIDE, 3, P): from the colour to where the cell begins
    after = before + width[:, None]
    near = np.ascontiguousarray(np.square(np.clip(0, before, after)))
    far = np.ascontiguousarray(np.maximum(before**2, after**2))
    slack = 2.0**-16 * float(np.square(np.maximum(np.abs(low), np.abs(high))).sum() + np.square(colours).sum(axis=1).max())
    members, counts = np.empty((SIDE**3, len(colours)), np.int32), np.empty(SIDE**3, np.int64)
    _list_members(near, far, slack, members, counts)
    return Cells(
        2 * colours.astype(np.float64), np.square(colours).sum(axis=1), np.stack((low, 1 / width)).astype(np.float32), members, counts
    )


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
    cell = (_axis(r, grid[0, 0], grid[1, 0]) * SIDE + _axis(g, grid[0, 1], grid[1, 1])) * SIDE + _axis(b, grid[0, 2], grid[1, 2])
    best, at = np.float32(-np.inf), 0
    for m in range(counts[cell]):
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
