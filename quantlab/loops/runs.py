"""Runs of sorted values: where they begin, and their squared errors from sums over segments.

    bin(v) = clip(int((v - low) · density), 0, B - 1)         guide[b] = how many values lie in bins before b

grows with v, so what lies below a border lies between guide[bin] and guide[bin + 1]: a look-up, and a search among few.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, float64, given, int64, loop, void


@loop()
def _bin(v: float, low: float, density: float, bins: int) -> int:
    return int(min(max((np.float64(v) - low) * density, 0.0), np.float64(bins - 1)))


@loop(*(void(given(t), float64, float64, filled(int64)) for t in (float32, float64)))
def fill_guide(values: np.ndarray, low: float, density: float, guide: np.ndarray) -> None:
    """``guide`` (B + 1,) of ascending values (N,)."""
    bins, done = len(guide) - 1, 0
    for i in range(len(values)):
        b = _bin(values[i], low, density, bins)
        while done <= b:
            guide[done] = i
            done += 1
    guide[done:] = len(values)


@loop(*(void(given(t), float64, float64, given(int64), given(t), filled(int64)) for t in (float32, float64)))
def ranks(values: np.ndarray, low: float, density: float, guide: np.ndarray, borders: np.ndarray, out: np.ndarray) -> None:
    """``out[k]`` is how many of the ascending values lie below borders[k]."""
    bins = len(guide) - 1
    for k in range(len(borders)):
        b = _bin(borders[k], low, density, bins)
        begin, end = guide[b], guide[b + 1]
        while begin < end:
            middle = (begin + end) // 2
            if values[middle] < borders[k]:
                begin = middle + 1
            else:
                end = middle
        out[k] = begin


@loop(void(given(int64), given(float64), given(float64), given(float64, 2), given(float64, 2), int64, filled(float64)))
def run_errors(
    cuts: np.ndarray, levels: np.ndarray, centre: np.ndarray, first: np.ndarray, second: np.ndarray, shift: int, out: np.ndarray
) -> None:
    """``out[k]`` is the sum of (x - levels[k])² over the values cuts[k] to cuts[k + 1], from sums within segments of 2^shift values:

    first, second : of x - centre and of its square from the start of the segment on, (S, 2^shift + 1).
    """
    m, last = 1 << shift, len(centre) - 1
    for k in range(len(levels)):
        begin, end, level = cuts[k], cuts[k + 1], levels[k]
        head, tail = min(begin >> shift, last), min(end >> shift, last)
        at, to = begin - head * m, end - head * m if head == tail else m
        d = centre[head] - level
        total = second[head, to] - second[head, at] + d * (2 * (first[head, to] - first[head, at]) + (to - at) * d)
        if tail > head:
            to = end - tail * m
            d = centre[tail] - level
            total += second[tail, to] + d * (2 * first[tail, to] + to * d)
            between = 0.0
            for segment in range(head + 1, tail):
                d = centre[segment] - level
                between += second[segment, m] + d * (2 * first[segment, m] + m * d)
            total += between
        out[k] = total
