"""Error feedback for sixteen bit widths at once: two ways of the same recursion.

    v[n] = x[n] + sum_k h_k e[n-k]      y[n] = Q(v[n] + d[n])      e[n] = y[n] - v[n]          (in steps)

*Running sums* (exact, where H = (1 - z^-1)^order and nothing clips). Divided by H the recursion loses its memory: with X and Y
for the sums of x and y, order times over, Y[n] = Q(X[n] + d[n]), as Y is whole. Only the fraction of X matters, so the sums may
wrap around: they are kept in 64-bit integers, 32 of them behind the point.

*Sample by sample* (any filter; also where the converter clips): ``loops/feedback.py``, all widths and channels side by side.
A stretch of ``STRETCH`` samples starts without memory, which leaves its first samples unshaped (1 in 5000 with five
taps: 37 dB below white noise). e is kept within ±``LIMIT`` steps: unclipped it is one step at most and the dither's one, so the limit
acts only where the converter clips, and v never strays from x by more than LIMIT sum|h_k| steps: no input makes it unstable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.audio.grids import Grid
from quantlab.audio.shaping import Shaper
from quantlab.rounding import ROUNDINGS

LIMIT = 2.0
STRETCH = 24_000
_POINT = 2.0**32


def shaped_codes(
    x: np.ndarray, grids: Sequence[Grid], shaper: Shaper, rate: float, noise: np.ndarray, stretch: int = STRETCH
) -> list[np.ndarray]:
    """Codes of x (N, C), float64, on every grid; int32 (N, C) a grid.

    grids : with equal steps and the same rounding. noise : dither in steps (N, C), the same for all grids.
    """
    done = [running_sums(x, grid, shaper.order, noise) if shaper.order else None for grid in grids]
    left = [grid for grid, codes in zip(grids, done, strict=True) if codes is None]
    others = iter(error_feedback(x, left, shaper.taps(rate), noise, stretch) if left else [])
    return [next(others) if codes is None else codes for codes in done]


def running_sums(x: np.ndarray, grid: Grid, order: int, noise: np.ndarray) -> np.ndarray | None:
    """Codes shaped by (1 - z^-1)^order, or None where one of them is out of range."""
    place = (x - _shift(grid)) / _step(grid)
    sums = np.rint(place * _POINT).astype(np.int64)
    for _ in range(order):
        np.cumsum(sums, axis=0, out=sums)  # wraps
    fraction = (sums & (int(_POINT) - 1)) / _POINT
    error = ROUNDINGS[grid.spec.rounding].apply(fraction + noise, _no_noise) - fraction
    for _ in range(order):
        error = np.diff(error, axis=0, prepend=0)
    codes = np.rint(place + error)  # whole already, but for the last digits
    inside = _low(grid) <= codes.min() and codes.max() <= _high(grid)
    return codes.astype(np.int32) + int(_one_bit(grid)) if inside else None


def error_feedback(x: np.ndarray, grids: Sequence[Grid], taps: np.ndarray, noise: np.ndarray, stretch: int = STRETCH) -> list[np.ndarray]:
    """Codes shaped by any taps."""
    from quantlab.loops.feedback import feed_back

    codes = np.empty((len(grids), *x.shape), np.int32)
    ends = np.array([[_step(g), _shift(g), _low(g), _high(g)] for g in grids], np.float64)
    x, noise = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(noise, np.float64)
    feed_back(x, noise, ends, np.ascontiguousarray(taps, np.float64), stretch, LIMIT, grids[0].spec.rounding == "floor", codes)
    return [each + int(_one_bit(g)) for each, g in zip(codes, grids, strict=True)]


def _step(g: Grid) -> float:
    if g.step is None:
        raise ValueError(f"{g.spec.scheme} has steps of different size, whose error cannot be shaped; use int-symmetric")
    return g.step


def _shift(g: Grid) -> float:
    return g.shift + (_step(g) / 2 if _one_bit(g) else 0)


def _one_bit(g: Grid) -> bool:
    """Whether the grid has one bit: its levels -s/2 and s/2 are the codes -1 and 0 moved by half a step (mid-rise)."""
    return g.qparams.codebook is not None


def _low(g: Grid) -> float:
    return -1 if _one_bit(g) else g.qparams.qmin - int(g.qparams.zero_point[0])


def _high(g: Grid) -> float:
    return 0 if _one_bit(g) else g.qparams.qmax - int(g.qparams.zero_point[0])


def _no_noise() -> np.ndarray:
    raise AssertionError("the rounding inside the loop draws no noise: the dither is given")
