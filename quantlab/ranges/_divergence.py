"""The clip that keeps most of the information: Kullback-Leibler divergence over all clips of a histogram, at once.

|x| is counted in 2048 bins up to max|x|. Keeping i of them gives P, the first i counts with all that is clipped added
to the last; and Q, the same i counts merged into n runs of (nearly) equal length, n the codes of one sign, each run's
sum spread evenly over its bins that are not empty. The best i has the least

    KL(P || Q) = sum p log(p / q) / sum p - log(sum p / sum q)

Sums over runs are differences of cumulative sums, so all i and n are one array: no loop over thresholds. The first bin
is given the second's count, so that a crowd of zeros (coded exactly at any clip) does not outweigh the rest.
Sources: Migacz 2017, 8-bit Inference with TensorRT, GTC s7310; NVIDIA pytorch-quantization, calib/histogram.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantlab.values.blocks import blocks
from quantlab.values.rows import Rows

BINS = 2048
THRESHOLDS = 256  # tried at most where there are many groups
_AT_ONCE = 1 << 22  # numbers

Array = np.ndarray


def best_clip(rows: Rows, levels: int) -> Array:
    """The clip of least divergence for each group, float64 (G,): the upper edge of the last bin kept.

    levels : codes of one sign. Groups with fewer bins than that keep max|x|.
    """
    bins = bins_for(rows)
    clip = rows.absmax.copy()
    stride = 1 if len(rows) == 1 else max(1, -(-(bins - levels) // THRESHOLDS))
    kept = thresholds(bins, levels, stride)
    if not kept.size:
        return clip
    for part, counts in _histograms(rows, bins, max(1, _AT_ONCE // (kept.size * levels + bins))):
        cost = divergence(counts, levels, kept)
        best = kept.size - 1 - np.argmin(cost[:, ::-1], axis=1)  # the last of the least
        sound = np.isfinite(cost.min(axis=1))
        clip[part] *= np.where(sound, kept[best] / bins, 1.0)
    return clip


def curve(rows: Rows, levels: int) -> tuple[Array, Array]:
    """(clips, divergence in nats) of a single group, both float64 (C,); empty where nothing can be tried."""
    bins = bins_for(rows)
    kept = thresholds(bins, levels, 1)
    counts = next(_histograms(rows, bins, 1))[1]
    return rows.absmax[0] * kept / bins, divergence(counts, levels, kept)[0]


def bins_for(rows: Rows) -> int:
    """As many bins as there are values, at most 2048."""
    return min(BINS, rows.values.shape[1])


def thresholds(bins: int, levels: int, stride: int) -> Array:
    """How many bins to keep: from ``levels`` to all of them.

    >>> thresholds(10, 4, 2)
    array([ 4,  6,  8, 10])
    """
    return np.arange(bins, levels - 1, -stride)[::-1]


def divergence(counts: Array, levels: int, kept: Array) -> Array:
    """KL(P || Q) in nats for each group's counts (G, B) and number of bins kept (C,): float64 (G, C).

    Infinite where values are clipped into a last bin that is empty in Q; NaN-free.

    >>> divergence(np.array([[4.0, 4, 4, 0, 0, 0, 0, 1]]), 2, np.array([2, 8])).round(4)
    array([[0.0759, 0.    ]])

    Keeping 2 bins, P = (4, 4 + 5) / 13 against Q = (4, 4) / 8; keeping all, runs of 4 spread evenly change nothing.
    """
    counts = np.array(counts, np.float64)
    if counts.shape[1] > 1:
        counts[:, 0] = counts[:, 1]
    total = counts.sum(axis=1, keepdims=True)  # (G, 1)
    cum = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    full = np.pad(np.cumsum(counts > 0, axis=1), ((0, 0), (1, 0)))
    cuts = -(-np.arange(levels + 1) * kept[:, None] // levels)  # (C, n + 1)
    run = np.diff(cum[:, cuts], axis=2)  # (G, C, n)
    mean = run / np.maximum(np.diff(full[:, cuts], axis=2), 1)
    p_log_q = (run * _log(mean)).sum(axis=2)  # (G, C)
    last, clipped = counts[:, kept - 1], total - cum[:, kept]
    p_log_p = np.pad(np.cumsum(counts * _log(counts), axis=1), ((0, 0), (1, 0)))[:, kept - 1]
    p_log_p += (last + clipped) * _log(last + clipped)
    p_log_q += clipped * _log(mean[:, :, -1])
    kl = (p_log_p - p_log_q) / np.maximum(total, 1) - _log(total) + _log(cum[:, kept])
    return np.where((last == 0) & (clipped > 0) | (total == 0), np.inf, kl)


def _log(x: Array) -> Array:
    """log, and 0 where x is 0 (0 log 0 = 0)."""
    return np.log(np.where(x > 0, x, 1))


def _histograms(rows: Rows, bins: int, groups: int) -> Iterator[tuple[slice, Array]]:
    """Counts of |x| in ``bins`` bins up to each group's largest, float64, some groups at a time."""
    per_value = np.divide(bins, rows.absmax, out=np.zeros(len(rows)), where=rows.absmax > bins * 2.0**-1022)
    for start in range(0, len(rows), groups):
        part = slice(start, min(start + groups, len(rows)))
        values, factor = rows.values[part], per_value[part]
        counts = np.zeros(len(values) * bins, np.int64)
        for g, columns in blocks(values):
            x = np.abs(values[g, columns]) * factor[g, None].astype(np.float64)
            place = np.minimum(x.astype(np.int32), bins - 1)
            place += np.arange(len(values), dtype=np.int32)[g, None] * bins
            counts += np.bincount(place.ravel(), minlength=len(counts))
        yield part, counts.reshape(-1, bins).astype(np.float64)
