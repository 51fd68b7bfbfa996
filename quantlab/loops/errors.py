"""How large errors are, inside and outside the levels of a quantizer: histograms, and their squares, in one pass.

    bin(e) = (bits(|e|) >> 21) - first        for a float32: its exponent and its two leading mantissa bits

Smaller errors count in the first bin, larger ones in the last; no error in none.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, float64, given, int64, loop, void

_KINDS = ((float32, float32), (float64, float32), (float64, float64))  # of the errors' arithmetic, of their squares


_LANES = 4  # counters side by side, or an increment would wait for the one before it in the same bin


@loop(*(void(given(e), given(e), e, e, e, int64, filled(int64, 2), filled(s)) for e, s in _KINDS))
def count_errors(
    x: np.ndarray, x_hat: np.ndarray, low: float, high: float, slack: float, first: int, counts: np.ndarray, squares: np.ndarray
) -> None:
    """Add the errors of x (N,) to counts[0] (E,), those of values beyond [low, high] by more than the slack to counts[1].

    squares : (N,) to fill, or none.
    """
    bins = counts.shape[1]
    single = np.empty(len(x), np.float32)
    place = single.view(np.int32)
    lowest, highest = np.int32(first), np.int32(first + bins - 1)
    for n in range(len(x)):
        single[n] = x_hat[n] - x[n]
    for n in range(len(x)):
        beyond = x[n] - min(max(x[n], low), high)
        which = np.int32(abs(beyond) > slack) + np.int32(2) * np.int32((place[n] & 0x7FFFFFFF) == 0)
        place[n] = (min(max((place[n] & 0x7FFFFFFF) >> 21, lowest), highest) - lowest) * np.int32(4) + which
    if len(squares):
        for n in range(len(x)):
            e = x_hat[n] - x[n]
            squares[n] = e * e
    lanes = np.zeros((_LANES, 4 * bins), np.int64)
    for n in range(len(x)):
        lanes[n % _LANES, place[n]] += 1
    for i in range(bins):
        for lane in range(_LANES):
            counts[0, i] += lanes[lane, 4 * i]
            counts[1, i] += lanes[lane, 4 * i + 1]
