"""Error diffusion, pixel after pixel: the error of each goes to neighbours that are not done yet.

    v = clip(u + sum of weight · error of (x - dx, y - dy), 0, N - 1)      q = what v becomes      error = v - q

Rows from the top, each from left to right; in serpentine order the odd rows run back, with the kernel turned over. Shares are added
in the order in which they are given. The errors of the last few rows are kept, with columns of zeros on both sides.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import boolean, filled, float32, given, int64, loop, uint8, void
from quantlab.loops.colours import CELLS, nearest

_KERNEL = given(int64, 2), given(float32), boolean  # (dx, dy) of each share, its weight; whether in serpentine order


@loop()
def _extent(shares: np.ndarray) -> tuple[int, int]:
    """How many rows the errors are kept of, and how far to the side they go."""
    rows = pad = 0
    for k in range(len(shares)):
        rows, pad = max(rows, shares[k, 1] + 1), max(pad, abs(shares[k, 0]))
    return rows, pad


@loop()
def _no_errors(width: int, lanes: int, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zeros (rows · W', K) for the errors of the last rows; room for where in them each share comes from."""
    rows, pad = _extent(shares)
    return np.zeros((rows * (width + 2 * pad), lanes), np.float32), np.empty(len(shares) + 1, np.int64)


@loop()
def _begin_row(y: int, width: int, shares: np.ndarray, serpentine: bool, start: np.ndarray) -> bool:
    """Fill ``start`` (shares + 1,): errors[start[k] + x] is the one of which share k reaches x, the last the pixel's own.

    Gives whether the row runs back.
    """
    rows, pad = _extent(shares)
    for k in range(len(shares)):
        row = y - shares[k, 1]
        dx = -shares[k, 0] if serpentine and row % 2 else shares[k, 0]
        start[k] = row % rows * (width + 2 * pad) + pad - dx
    start[len(shares)] = y % rows * (width + 2 * pad) + pad
    return serpentine and y % 2 == 1


@loop(*(void(given(float32, 3), given(float32, 3), *_KERNEL, filled(t, 4)) for t in (uint8, float32)))
def through_tables(u: np.ndarray, tables: np.ndarray, shares: np.ndarray, weights: np.ndarray, serpentine: bool, out: np.ndarray) -> None:
    """``out[l, y, x, c]`` from u (H, W, C) by tables (L, C, N), all levels and channels side by side."""
    height, width, channels = u.shape
    levels, _, size = tables.shape
    top = np.float32(size - 1)
    errors, start = _no_errors(width, levels * channels, shares)
    v = np.empty(levels * channels, np.float32)
    for y in range(height):
        back = _begin_row(y, width, shares, serpentine, start)
        for step in range(width):
            x = width - 1 - step if back else step
            for level in range(levels):
                for c in range(channels):
                    v[level * channels + c] = u[y, x, c]
            for share in range(len(weights)):
                at, weight = start[share] + x, weights[share]
                for lane in range(len(v)):
                    v[lane] += errors[at, lane] * weight
            here = start[len(weights)] + x
            for level in range(levels):
                for c in range(channels):
                    lane = level * channels + c
                    now = min(max(v[lane], np.float32(0)), top)
                    q = tables[level, c, int(np.rint(now))]
                    errors[here, lane] = now - q
                    out[level, y, x, c] = q


@loop(void(given(uint8, 3), *CELLS, *_KERNEL, filled(uint8, 3)))
def to_nearest(
    u: np.ndarray,
    twice: np.ndarray,
    squares: np.ndarray,
    grid: np.ndarray,
    members: np.ndarray,
    counts: np.ndarray,
    shares: np.ndarray,
    weights: np.ndarray,
    serpentine: bool,
    out: np.ndarray,
) -> None:
    """``out[y, x]`` is the colour of a palette (``colours.Cells``) that is nearest to u[y, x] (H, W, 3), within 0 to 255."""
    height, width, _ = u.shape
    errors, start = _no_errors(width, 3, shares)
    top = np.float32(255)
    for y in range(height):
        back = _begin_row(y, width, shares, serpentine, start)
        for step in range(width):
            x = width - 1 - step if back else step
            r, g, b = np.float32(u[y, x, 0]), np.float32(u[y, x, 1]), np.float32(u[y, x, 2])
            for share in range(len(weights)):
                at, weight = start[share] + x, weights[share]
                r += errors[at, 0] * weight
                g += errors[at, 1] * weight
                b += errors[at, 2] * weight
            r, g, b = min(max(r, np.float32(0)), top), min(max(g, np.float32(0)), top), min(max(b, np.float32(0)), top)
            p = nearest(r, g, b, twice, squares, grid, members, counts)
            here = start[len(weights)] + x
            R, G, B = np.float32(0.5 * twice[p, 0]), np.float32(0.5 * twice[p, 1]), np.float32(0.5 * twice[p, 2])
            errors[here, 0], errors[here, 1], errors[here, 2] = r - R, g - G, b - B
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = np.uint8(R), np.uint8(G), np.uint8(B)
