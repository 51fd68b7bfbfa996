"""Which K levels make the squared error smallest? One-dimensional k-means, exact and iterative.

``optimal`` finds the global optimum by dynamic programming over the sorted values: the first i of them in k
runs cost D_k(i) = min_j D_{k-1}(j) + c(j, i), where c is a run's squared error about its mean. The best j grows
with i, so a layer is filled by halving (Wu 1991; Grønlund et al. 2017, arXiv:1701.07204), all i of a halving at once.
``lloyd`` alternates borders half way between levels and levels at the mean of their run: a local optimum.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def optimal(values: np.ndarray, levels: int) -> np.ndarray:
    """The global minimum of squared error: ascending levels, float64 (K,), from sorted values (N,).

    With fewer distinct values than levels the last one is repeated. Time grows as N·log N·K.

    >>> optimal(np.array([0.0, 1.0, 10.0, 11.0, 12.0]), 2)
    array([ 0.5, 11. ])
    """
    point, weight = np.unique(values, return_counts=True)
    return _optimal_weighted(point.astype(np.float64), weight.astype(np.float64), levels)


def _optimal_weighted(point: np.ndarray, weight: np.ndarray, levels: int) -> np.ndarray:
    n, k = len(point), min(levels, len(point))
    middle = np.average(point, weights=weight)
    x = point - middle
    s0, s1, s2 = (np.concatenate(([0.0], np.cumsum(weight * x**p))) for p in range(3))

    def run_cost(j: np.ndarray, i: np.ndarray) -> np.ndarray:
        sum_x = s1[i] - s1[j]
        return s2[i] - s2[j] - sum_x * sum_x / (s0[i] - s0[j])

    cost = np.concatenate(([0.0], run_cost(np.zeros(n, np.intp), np.arange(1, n + 1))))
    starts = []
    for layer in range(2, k + 1):
        cost, start = _layer(cost, run_cost, layer, n)
        starts.append(start)
    cuts = [n]
    for start in reversed(starts):
        cuts.append(int(start[cuts[-1]]))
    cuts = np.array([*cuts, 0][::-1])
    means = middle + np.diff(s1[cuts]) / np.diff(s0[cuts])
    return np.append(means, np.full(levels - k, means[-1]))


def _layer(cost: np.ndarray, run_cost, layer: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """D_layer(i) and the start of its last run, for all i of 0..n, from D_(layer-1)."""
    best, start = np.full(n + 1, np.inf), np.full(n + 2, n - 1)
    start[: layer - 1] = layer - 1
    first = layer  # fewer values than runs are impossible
    span = n - first + 1
    stride = 1 << span.bit_length()
    while stride := stride >> 1:
        i = np.arange(first - 1 + stride, n + 1, 2 * stride)
        left, right = i - stride, np.minimum(i + stride, n + 1)
        low = np.where(left < first, layer - 1, start[left])
        high = np.minimum(start[right], i - 1)
        count = high - low + 1
        offset = np.cumsum(count) - count
        j = np.arange(count.sum()) + np.repeat(low - offset, count)
        total = cost[j] + run_cost(j, np.repeat(i, count))
        best[i] = np.minimum.reduceat(total, offset)
        hit = np.flatnonzero(total == np.repeat(best[i], count))
        start[i] = j[hit[np.searchsorted(hit, offset)]]
    return best, start


def lloyd(rows: np.ndarray, levels: np.ndarray, iterations: int = 100, tolerance: float = 1e-7) -> Iterator[np.ndarray]:
    """Lloyd's iterations: yields the levels (G, K) after each, from sorted rows (G, N) and first levels (G, K).

    Ends when no level moves by more than ``tolerance`` of its row's span. A level without values stays.
    """
    sums = np.concatenate((np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)), axis=1)
    span = np.maximum(rows[:, -1:] - rows[:, :1], np.finfo(np.float32).tiny)
    for _ in range(iterations):
        cuts = _rank(rows, (levels[:, 1:] + levels[:, :-1]) / 2)
        cuts = np.pad(cuts, ((0, 0), (1, 1)))
        cuts[:, -1] = rows.shape[1]
        count = np.diff(cuts, axis=1)
        total = np.diff(np.take_along_axis(sums, cuts, 1), axis=1)
        moved = np.divide(total, count, out=levels.copy(), where=count > 0)
        done = np.max(np.abs(moved - levels) / span) <= tolerance
        levels = moved
        yield levels
        if done:
            return


def _rank(rows: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """How many values of each sorted row lie below each border, (G, K)."""
    if len(rows) == 1:
        return np.searchsorted(rows[0], borders[0].astype(rows.dtype))[None]
    rank = np.zeros(borders.shape, np.intp)
    jump = 1 << rows.shape[1].bit_length()
    while jump := jump >> 1:
        ahead = rank + jump
        inside = ahead <= rows.shape[1]
        below = np.take_along_axis(rows, np.minimum(ahead, rows.shape[1]) - 1, 1) < borders
        np.copyto(rank, ahead, where=inside & below)
    return rank


def first_levels(rows: np.ndarray, levels: int) -> np.ndarray:
    """A good start for ``lloyd``, float64 (G, K), from sorted rows (G, N).

    One row: the exact optimum for a few thousand cells of neighbouring values. Many rows: a density of levels
    like the cube root of that of the values (Panter & Dite 1951), read off the spacing of the sorted values.
    """
    if len(rows) == 1:
        point, weight = cells(rows[0], 4096 if levels <= 64 else 1024)
        return _optimal_weighted(point, weight, levels)[None]
    return _cube_root_levels(rows, levels)


def cells(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values (N,) as means and sizes of at most ``count`` runs: half of equal size, half of equal width."""
    wide = np.linspace(values[0], values[-1], count // 2 + 1).astype(values.dtype)
    cuts = np.union1d(np.linspace(0, len(values), count // 2 + 1).astype(np.intp), np.searchsorted(values, wide))
    sums = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    cuts = np.union1d(cuts, [0, len(values)])
    weight = np.diff(cuts)
    return np.maximum.accumulate(np.diff(sums[cuts]) / weight), weight.astype(np.float64)


def _cube_root_levels(rows: np.ndarray, levels: int) -> np.ndarray:
    n = rows.shape[1]
    knots = rows[:, np.linspace(0, n - 1, min(n, 16 * levels + 1)).round().astype(np.intp)].astype(np.float64)
    if n == 1:
        return np.repeat(knots, levels, axis=1)
    weight = np.cumsum(np.diff(knots, axis=1) ** (2 / 3), axis=1)
    weight = np.concatenate((np.zeros((len(rows), 1)), weight), axis=1)
    target = weight[:, -1:] * (np.arange(levels) + 0.5) / levels
    i = np.clip(_rank(weight, target) - 1, 0, weight.shape[1] - 2)
    low, high = np.take_along_axis(weight, i, 1), np.take_along_axis(weight, i + 1, 1)
    part = np.divide(target - low, high - low, out=np.zeros_like(target), where=high > low)
    a, b = np.take_along_axis(knots, i, 1), np.take_along_axis(knots, i + 1, 1)
    return a + part * (b - a)
