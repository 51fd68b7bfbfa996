"""The least entry of each row of a matrix whose least columns grow with the row, for exact k-means in one dimension.

    m[r, c] = base[c] + cost(c, r)      cost = Q_r - q_c - (S_r - s_c)² / max(W_r - w_c, 1), not below 0

is the squared error about their mean of the values between c and r, from sums of weight, weight·x and weight·x² before c
(w, s, q) and before r (W, S, Q). The middle row first; the rows above search up to its column, those below from it on.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import boolean, filled, float64, given, int64, loop, void


@loop()
def _row_minima(
    base: np.ndarray,
    w: np.ndarray,
    s: np.ndarray,
    q: np.ndarray,
    W: np.ndarray,
    S: np.ndarray,
    Q: np.ndarray,
    best: np.ndarray,
    column: np.ndarray,
) -> None:
    rows, columns = len(W), len(base)
    stride = 1
    while stride <= rows:
        stride *= 2
    while stride > 1:
        stride //= 2
        for r in range(stride - 1, rows, 2 * stride):
            low = column[r - stride] if r >= stride else 0
            high = column[r + stride] if r + stride < rows else columns - 1
            least, at = np.inf, low
            for c in range(low, high + 1):
                total = S[r] - s[c]
                cost = (Q[r] - q[c]) - total * total / max(W[r] - w[c], 1.0)
                cost = base[c] + max(cost, 0.0)
                if cost < least:
                    least, at = cost, c
            best[r], column[r] = least, at


@loop(void(*[given(int64)] * 3, *[given(float64)] * 3, boolean, filled(float64), filled(int64)))
def fill_bounds(
    low: np.ndarray,
    high: np.ndarray,
    begins: np.ndarray,
    w: np.ndarray,
    s: np.ndarray,
    q: np.ndarray,
    back: bool,
    bound: np.ndarray,
    column: np.ndarray,
) -> None:
    """Fill ``bound`` (R,) with what runs up to each range cost at least, ``column`` with which range of the layer before they come from.

    Ranges of positions low .. high (R,) lie layer after layer, begins[l] to begins[l + 1]; the first and the last layer have one.
    ``back``: what the runs from each range on cost, from the layer after, where negated sums ascend; ``column`` (0,).
    """
    layers, sign = len(begins) - 1, -1.0 if back else 1.0
    bound[len(bound) - 1 if back else 0] = 0.0
    for step in range(1, layers):
        layer, other = (layers - 1 - step, layers - step) if back else (step, step - 1)
        rows, columns = slice(begins[layer], begins[layer + 1]), slice(begins[other], begins[other + 1])
        start, stop = (low[columns], high[rows]) if back else (high[columns], low[rows])
        at = np.empty(len(stop), np.int64) if back else column[rows]
        W, S, Q = sign * w[stop], sign * s[stop], sign * q[stop]
        _row_minima(bound[columns], sign * w[start], sign * s[start], sign * q[start], W, S, Q, bound[rows], at)


@loop(void(*[given(int64)] * 3, *[filled(int64)] * 2))
def fill_parts(low: np.ndarray, high: np.ndarray, parts: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
    """Fill ``first`` and ``last`` with each range of positions low .. high in so many parts of nearly equal length, or in none."""
    done = 0
    for r in range(len(low)):
        size, count = high[r] - low[r] + 1, parts[r]
        for i in range(count):
            first[done], last[done] = low[r] + size * i // count, low[r] + size * (i + 1) // count - 1
            done += 1


@loop(void(*[given(float64)] * 3, filled(int64)))
def best_cuts(w: np.ndarray, s: np.ndarray, q: np.ndarray, cuts: np.ndarray) -> None:
    """Fill ``cuts`` (K + 1,), 0 to N, with those of the K runs of least squared error; w, s, q (N + 1,) are the sums before each value."""
    n, k = len(w) - 1, len(cuts) - 1
    before = np.zeros(1)
    columns = np.empty((k, n + 1), np.int64)
    for layer in range(k):
        rows = slice(n, n + 1) if layer == k - 1 else slice(0, n + 1)
        start = slice(0, n + 1) if layer else slice(0, 1)  # the first run begins at 0
        best = np.empty(n + 1)
        _row_minima(before, w[start], s[start], q[start], w[rows], s[rows], q[rows], best, columns[layer])
        before = best
    cuts[k], at = n, 0
    for layer in range(k - 1, 0, -1):
        at = columns[layer, at]
        cuts[layer] = at
    cuts[0] = 0
    for layer in range(1, k + 1):
        cuts[layer] = max(cuts[layer], cuts[layer - 1])
