"""Bins trimmed from the ends of a histogram while the error of so many steps over the rest falls.

A step of the quantile ε is taken on the side where it frees more bins; the end of the range on ties. Each trial's error is the integral
of the squared distance to the middle of the nearest of n equal cells, were the values of a bin spread evenly over it:

    E(b, e) = F(e) - F(b),   F(t) = k·w³/12 + ((t - c_k)³ + (w/2)³)/3,   k = clip(floor(t/w), 0, n - 1),   c_k = (k + ½)·w
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float64, given, int64, loop, void

STEP = 1e-5


@loop()
def _below(t: float, w: float, n: int) -> float:
    """F(t): the squared distance to the middles of n cells of width w, integrated from 0 to t."""
    k = min(max(np.floor(t / w), 0.0), n - 1.0)
    rest = t - (k + 0.5) * w
    return k * w * w * w / 12 + (rest * rest * rest + w * w * w / 8) / 3


@loop()
def _error(bins: np.ndarray, counts: np.ndarray, start: int, end: int, cells: int) -> float:
    """The squared error with the range [start, end + 1], in bins."""
    w, total = (end - start + 1) / cells, 0.0
    for i in range(len(bins)):
        t = float(bins[i] - start)
        total += counts[i] * (_below(t + 1, w, cells) - _below(t, w, cells))
    return total


@loop(void(given(float64, 2), int64, int64, filled(int64), filled(int64)))
def trim(places: np.ndarray, size: int, cells: int, first: np.ndarray, last: np.ndarray) -> None:
    """``first[g]`` and ``last[g]`` are the bins, of ``size``, that row g of places (0 to 1, (G, N)) keeps for so many cells."""
    histogram = np.empty(size, np.int64)
    for g in range(places.shape[0]):
        histogram[:] = 0
        for n in range(places.shape[1]):
            histogram[min(int(places[g, n] * size), size - 1)] += 1
        bins = np.flatnonzero(histogram)
        counts = histogram[bins].astype(np.float64)
        reached = np.cumsum(histogram).astype(np.float64)
        total = reached[size - 1]
        start, end, least = 0, size - 1, np.inf
        alpha, beta = 0, 0  # steps taken on each side
        left, right = 0, size - 1
        while (alpha + beta) * STEP < 1:
            while left < end and reached[left] < (alpha + 1) * STEP * total:
                left += 1
            while right > start and reached[right] > (1 - (beta + 1) * STEP) * total:
                right -= 1
            if left - start > end - right:
                alpha += 1
                trial_start, trial_end = left, end
            else:
                beta += 1
                trial_start, trial_end = start, right
            if trial_start == start and trial_end == end:
                continue
            error = _error(bins, counts, trial_start, trial_end, cells)
            if error > least:
                break
            least, start, end = error, trial_start, trial_end
            left, right = start, end
        first[g], last[g] = start, end
