"""Error feedback for sixteen bit widths at once, in numpy: two ways of the same recursion.

    v[n] = x[n] + sum_k h_k e[n-k]      y[n] = Q(v[n] + d[n])      e[n] = y[n] - v[n]          (in steps)

*Running sums* (exact, where H = (1 - z^-1)^order and nothing clips). Divided by H the recursion loses its memory: with X and Y
for the sums of x and y, order times over, Y[n] = Q(X[n] + d[n]), as Y is whole. Only the fraction of X matters, so the sums may
wrap around: they are kept in 64-bit integers, 32 of them behind the point.

*Lanes* (any filter; also where the converter clips). One numpy step a sample for all widths, channels and stretches of
``STRETCH`` samples together. A stretch starts without memory, which leaves its first samples unshaped (1 in 5000 with five
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
_CHUNK = 400  # samples of all lanes at a time: what the cache holds
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
    """Codes shaped by any taps, stretches of the sound as lanes."""
    n, channels = x.shape
    count, order = len(grids), len(taps)
    stretch = min(stretch, n)
    parts = -(-n // stretch)
    x, noise = (_stretches(a, parts, stretch) for a in (x, noise))  # (T, P, 1, C)
    step = np.array([[_step(g)] for g in grids])  # (L, 1)
    shift = np.array([[_shift(g)] for g in grids])
    low, high = (_lanes(np.array([[end(g)] for g in grids], np.float64), parts, channels) for end in (_low, _high))
    rounding = ROUNDINGS[grids[0].spec.rounding].apply
    lanes = parts * count * channels
    codes = np.empty((stretch, lanes), np.int32)
    errors = np.zeros((order + _CHUNK, lanes))
    in_range = np.empty((_CHUNK, lanes))
    taps = np.ascontiguousarray(taps[::-1])
    fed, place = np.empty(lanes), np.empty(lanes)
    for start in range(0, stretch, _CHUNK):
        rows = slice(start, min(start + _CHUNK, stretch))
        size = rows.stop - rows.start
        v = ((x[rows] - shift) / step).reshape(size, lanes)  # (T, P, L, C) as rows of lanes
        d = np.broadcast_to(noise[rows], (size, parts, count, channels)).reshape(size, lanes)
        for t in range(size):
            np.dot(taps, errors[t : t + order], out=fed)
            fed += v[t]
            np.add(fed, d[t], out=place)
            code = rounding(place, _no_noise)
            np.maximum(code, low, out=code)
            np.minimum(code, high, out=in_range[t])
            error = np.subtract(in_range[t], fed, out=errors[t + order])
            np.maximum(error, -LIMIT, out=error)
            np.minimum(error, LIMIT, out=error)
        codes[rows] = in_range[:size]
        errors[:order] = errors[size : size + order].copy()
    whole = codes.reshape(stretch, parts, count, channels).transpose(2, 1, 0, 3).reshape(count, parts * stretch, channels)
    return [each[:n] + int(_one_bit(g)) for each, g in zip(whole, grids, strict=True)]


def _stretches(a: np.ndarray, parts: int, stretch: int) -> np.ndarray:
    """(N, C) as (T, P, 1, C): stretch p, sample t; zeros fill the last."""
    padded = np.zeros((parts * stretch, a.shape[1]))
    padded[: len(a)] = a
    return np.ascontiguousarray(padded.reshape(parts, stretch, 1, a.shape[1]).swapaxes(0, 1))


def _lanes(a: np.ndarray, parts: int, channels: int) -> np.ndarray:
    return np.broadcast_to(a, (parts, len(a), channels)).reshape(-1).copy()


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
