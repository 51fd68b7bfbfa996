"""The least entry of each row of a matrix whose least columns grow with the row, for exact k-means in one dimension.

    m[r, c] = base[c] + cost(c, r)      cost = Q_r - q_c - (S_r - s_c)² / max(W_r - w_c, 1), not below 0

is the squared error about their mean of the values between c and r, from sums of weight, weight·x and weight·x² before c
(w, s, q) and before r (W, S, Q). The middle row first; the rows above search up to its column, those below from it on.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float64, given, int64, loop, void


@loop(void(*[given(float64)] * 7, filled(float64), filled(int64)))
def row_minima(
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
    """Fill ``best`` and ``column`` (R,), the first of equal columns; base, w, s, q (C,), W, S, Q (R,)."""
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
