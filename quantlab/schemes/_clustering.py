"""One-dimensional k-means, exact and iterative: the K levels of least squared error.

``optimal`` finds the global optimum: the sorted values are cut into K runs, at positions p_1 <= ... <= p_(K-1), and a
run's cost is its squared error about its mean, c(j, i). Where p_k is only known to lie in a range s_k .. t_k, the run
between p_(k-1) and p_k holds at least the values t_(k-1) .. s_k, so sum c(t_(k-1), s_k) bounds the cost from below. The
least bound over all ranges is a dynamic programme; its best column grows with the row (Wu 1991; Grønlund et al. 2017,
arXiv:1701.07204), so a layer is filled by halving. Ranges whose bound exceeds the cost of a solution at hand cannot
hold the optimal cut and go; the others are cut finer, until each is one position and the bound is the cost.
``lloyd`` alternates borders half way between levels and levels at the mean of their run: a local optimum.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from quantlab.values.blocks import together

_RANGES = 2048  # ranges at first
_PARTS = 8  # into which a range that stays is cut
_LONG = 1 << 16  # values from which on a row is worth the best start

Sums = list[np.ndarray]  # of weight, weight·x and weight·x² over all values before some positions
Range = tuple[np.ndarray, np.ndarray]  # positions low .. high, both within, for many ranges at once


def optimal(values: np.ndarray, levels: int) -> np.ndarray:
    """The global minimum of squared error: ascending levels, float64 (K,), from sorted values (N,).

    With fewer distinct values than levels the last one is repeated.

    >>> optimal(np.array([0.0, 1.0, 10.0, 11.0, 12.0]), 2)
    array([ 0.5, 11. ])
    """
    return _optimal_weighted(values.astype(np.float64), np.ones(len(values)), levels)


def _optimal_weighted(point: np.ndarray, weight: np.ndarray, levels: int) -> np.ndarray:
    new = np.flatnonzero(np.diff(point, prepend=-np.inf))
    if len(new) <= levels:
        return np.append(point[new], np.full(levels - len(new), point[-1]))
    point, weight = point[new], np.add.reduceat(weight, new)  # equal values stay together at the optimum
    middle = (point * weight).sum() / weight.sum()
    x = point - middle
    moments = weight, weight * x, weight * x * x
    runs = Runs(x, *(np.concatenate(([0.0], np.cumsum(moment))) for moment in moments))
    return middle + runs.means(runs.best_cuts(levels))


class Runs:
    """Sorted values x (N,) with prefix sums of weight, weight·x and weight·x², (N + 1,): what any run costs."""

    def __init__(self, x: np.ndarray, s0: np.ndarray, s1: np.ndarray, s2: np.ndarray):
        self.x, self.sums = x, (s0, s1, s2)

    def means(self, cuts: np.ndarray) -> np.ndarray:
        """The mean of each run between neighbouring cuts; 0 for an empty one."""
        weight, total = (np.diff(s[cuts]) for s in self.sums[:2])
        return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)

    def cost(self, cuts: np.ndarray) -> float:
        """The squared error of all runs about their means."""
        return float(_cost(self.at(cuts[:-1]), self.at(cuts[1:])).sum())

    def at(self, positions: np.ndarray) -> Sums:
        return [s[positions] for s in self.sums]

    def best_cuts(self, k: int) -> np.ndarray:
        """0, the cuts of the best k runs, N; int64 (k + 1,)."""
        n, slack = len(self.x), 1e-12 * self.sums[2][-1]
        inner = self._first_ranges(k)
        if len(inner[0]) > n:  # every position by itself
            from quantlab.loops.clusters import best_cuts

            cuts = np.empty(k + 1, np.int64)
            best_cuts(*self.sums, cuts)
            return cuts
        low, high = (np.concatenate(([0], np.tile(end, k - 1), [n])) for end in inner)
        begins = np.cumsum([0, 1, *[len(inner[0])] * (k - 1), 1])
        known = np.inf
        while True:
            done = bool((low == high).all())
            ways = together([partial(self._bounds, low, high, begins, back) for back in ((False,) if done else (False, True))])
            before, column = ways[0]
            at = [len(low) - 1]
            for layer in range(k - 1, -1, -1):
                at.append(int(begins[layer] + column[at[-1]]))
            cuts = np.maximum.accumulate(low[at[::-1]])
            if done:
                return cuts
            known = min(known, self.cost(self.improved(cuts)))
            stays = before + ways[1][0] <= known * (1 + 1e-9) + slack
            parts = np.minimum(high - low + 1, _PARTS) * stays
            low, high = _finer(low, high, parts)
            begins = np.concatenate(([0], np.cumsum(parts)))[begins]

    def _bounds(self, low: np.ndarray, high: np.ndarray, begins: np.ndarray, back: bool) -> tuple[np.ndarray, np.ndarray]:
        """The bounds of the cost up to each range, or from it on, float64 (R,), and the way there."""
        from quantlab.loops.clusters import fill_bounds

        bound, column = np.empty(len(low)), np.empty(0 if back else len(low), np.int64)
        fill_bounds(low, high, begins, *self.sums, back, bound, column)
        return bound, column

    def _first_ranges(self, k: int) -> Range:
        """All positions 0 .. N, one by one if they are few, else in ranges: most of equal count, some of equal width."""
        n, most = len(self.x), max(_RANGES, 16 * k)
        if n < 4 * most:
            return np.arange(n + 1), np.arange(n + 1)
        wide = np.searchsorted(self.x, np.linspace(self.x[0], self.x[-1], most // 2))
        edges = np.union1d(np.linspace(0, n + 1, most + 1).astype(np.intp), wide)
        return edges[:-1], edges[1:] - 1

    def improved(self, cuts: np.ndarray) -> np.ndarray:
        """The cuts after some of Lloyd's iterations."""
        for _ in range(50):
            means = np.maximum.accumulate(self.means(cuts))
            moved = np.concatenate(([0], np.searchsorted(self.x, (means[1:] + means[:-1]) / 2), cuts[-1:]))
            if np.array_equal(moved, cuts):
                break
            cuts = moved
        return cuts


def _cost(start: Sums, stop: Sums) -> np.ndarray:
    """Squared error about the mean of the values between, from prefix sums; 0 where there are none."""
    weight, total = stop[0] - start[0], stop[1] - start[1]
    cost = stop[2] - start[2]
    cost -= total * total / np.maximum(weight, 1)
    return np.maximum(cost, 0, out=cost)


def _finer(low: np.ndarray, high: np.ndarray, parts: np.ndarray) -> Range:
    """Each range of positions low .. high in so many parts of nearly equal length; in none, left out."""
    from quantlab.loops.clusters import fill_parts

    first, last = np.empty((2, int(parts.sum())), np.int64)
    fill_parts(low, high, parts, first, last)
    return first, last


def lloyd(rows: np.ndarray, levels: np.ndarray, iterations: int = 100, tolerance: float = 1e-7) -> Iterator[np.ndarray]:
    """Lloyd's iterations: yields the levels (G, K) after each, from sorted rows (G, N) and first levels (G, K).

    Ends when no level moves by more than ``tolerance`` of its row's span. A level without values stays.
    """
    sums = np.concatenate((np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)), axis=1)
    span = np.maximum(rows[:, -1:].astype(np.float64) - rows[:, :1], np.finfo(np.float32).tiny)
    moving = np.ones(len(rows), bool)  # rows; one that has settled stays, whatever the others do
    for _ in range(iterations):
        cuts = _rank(rows, (levels[:, 1:] + levels[:, :-1]) / 2)
        cuts = np.pad(cuts, ((0, 0), (1, 1)))
        cuts[:, -1] = rows.shape[1]
        count = np.diff(cuts, axis=1)
        total = np.diff(np.take_along_axis(sums, cuts, 1), axis=1)
        moved = np.divide(total, count, out=levels.copy(), where=count > 0)
        moved[~moving] = levels[~moving]
        moving &= (np.abs(moved - levels) / span).max(axis=1) > tolerance
        levels = moved
        yield levels
        if not moving.any():
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

    Long rows: the exact optimum for a few thousand cells of neighbouring values. Short rows: a density of levels
    like the cube root of that of the values (Panter & Dite 1951), read off the spacing of the sorted values.
    """
    if rows.shape[1] < _LONG:
        return _cube_root_levels(rows, levels)
    count = 4096 if levels <= 64 else 1024
    return np.stack([_optimal_weighted(*cells(row, count), levels) for row in rows])


def cells(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sorted values (N,) as means and sizes of at most ``count`` runs: half of equal size, half of equal width."""
    wide = np.linspace(float(values[0]), float(values[-1]), count // 2 + 1).astype(values.dtype)
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
