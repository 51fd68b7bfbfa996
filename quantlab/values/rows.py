"""The values that share a quantizer, and what range rules and fitted codebooks ask of them.

``Rows`` holds the groups of a tensor as (G, N) and answers lazily, each answer computed once: extremes,
mean magnitude, percentiles, and for a single row the sorted ``Distribution`` behind every exact search.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from quantlab.caching import cached_property
from quantlab.values.blocks import SIZE, Block, blocks, in_threads
from quantlab.values.distribution import Distribution

_PASS = 1 << 20  # values of a block that one loop reads once


class Rows:
    """The values of G groups, float (G, N); ``whole`` is the tensor they come from, left out where they are all of it."""

    def __init__(self, values: np.ndarray, whole: np.ndarray | None = None, every: Rows | None = None):
        self.values = values
        self.whole = values if whole is None else whole
        self._every = every

    def part(self, groups: slice | np.ndarray) -> Rows:
        """Some of the groups, which share what is known of their tensor."""
        return Rows(self.values[groups], self.whole, self)

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def tensor(self) -> Sequence[Rows]:
        """All values of the tensor these rows come from, in one row."""
        return self._every.tensor if self._every is not None else (Rows(self.whole.reshape(1, -1)),)

    @property
    def low(self) -> np.ndarray:
        """The smallest value of each group, float64 (G,); NaN if one is."""
        return self._extremes[0]

    @property
    def high(self) -> np.ndarray:
        """The largest value of each group, float64 (G,); NaN if one is."""
        return self._extremes[1]

    @cached_property
    def absmax(self) -> np.ndarray:
        """The largest magnitude of each group, float64 (G,); NaN if one is."""
        return np.maximum(-self.low, self.high)

    @cached_property
    def _extremes(self) -> np.ndarray:
        """The smallest and the largest value of each group, float64 (2, G)."""
        from quantlab.loops.extremes import extremes

        def of_blocks(cuts: Sequence[Block]) -> list[np.ndarray]:
            return [extremes(self.values[cut]) for cut in cuts]

        cuts = blocks(self.values, size=_PASS if self.values.flags.c_contiguous else SIZE)
        ends = np.full((2, len(self)), ((np.inf,), (-np.inf,)))
        for (groups, _), (low, high) in zip(cuts, chain.from_iterable(in_threads(of_blocks, cuts)), strict=True):
            np.minimum(ends[0, groups], low, out=ends[0, groups])
            np.maximum(ends[1, groups], high, out=ends[1, groups])
        return ends

    @cached_property
    def mean_abs(self) -> np.ndarray:
        """The mean magnitude of each group, float64 (G,)."""
        return np.abs(self.values, order="C").mean(axis=1, dtype=np.float64)  # in one order, however the values lie in memory

    @cached_property
    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each group, float64 (G,) each."""
        values = np.ascontiguousarray(self.values)
        return values.mean(axis=1, dtype=np.float64), values.std(axis=1, dtype=np.float64)

    def quantile(self, q: float) -> np.ndarray:
        """The q-quantile of each group, linear between values, float64 (G,)."""
        if len(self) == 1:
            return self.distribution.quantile(np.array([q]))
        return _quantile(self.values, q)

    def abs_quantile(self, q: float) -> np.ndarray:
        """The q-quantile of the magnitudes of each group, float64 (G,)."""
        if len(self) == 1:
            return self.magnitudes.quantile(np.array([q]))
        return _quantile(np.abs(self.values), q)

    @cached_property
    def distribution(self) -> Distribution:
        """The sorted values of the only group."""
        return Distribution(self.values)

    @cached_property
    def magnitudes(self) -> Distribution:
        """The sorted magnitudes of the only group."""
        return Distribution(np.abs(self.distribution.sorted))


def _quantile(values: np.ndarray, q: float) -> np.ndarray:
    """``Distribution.quantile`` of every row, to the last bit; float64 (G,)."""
    place = q * (values.shape[1] - 1)
    low = int(place)
    high = min(low + 1, values.shape[1] - 1)
    ordered = np.partition(values, (low, high), axis=1)
    a, b = ordered[:, low].astype(np.float64), ordered[:, high].astype(np.float64)
    return a + (b - a) * (place - low)


def rows_of(parts: Sequence[np.ndarray], whole: np.ndarray) -> list[Rows]:
    """The parts of one tensor (``Granularity.split``) as Rows that know it."""
    return [Rows(values, whole) for values in parts]
