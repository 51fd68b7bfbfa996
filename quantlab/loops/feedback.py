"""Error feedback of a converter, sample after sample, all grids and channels side by side.

v[n] = x[n] + sum_k h_k e[n-k]      y[n] = clip(Q(v[n] + d[n]))      e[n] = clip(y[n] - v[n], -limit, limit)          (in steps)
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import boolean, filled, float64, given, int32, int64, loop, void


@loop(void(*[given(float64, 2)] * 3, given(float64), int64, float64, boolean, filled(int32, 3)))
def feed_back(
    x: np.ndarray, noise: np.ndarray, grids: np.ndarray, taps: np.ndarray, stretch: int, limit: float, down: bool, out: np.ndarray
) -> None:
    """``out[l, n, c]`` is the code of x (N, C) with the noise (N, C) on grid l, ``grids`` (L, 4): its step, shift, low and high.

    taps : h_1, h_2, ... down : whether Q rounds down instead of to the nearest, ties to even. Each ``stretch`` starts without memory.
    """
    count, order, channels = len(grids), len(taps), x.shape[1]
    rows = max(order, 1)
    errors = np.zeros((rows, count * channels))
    v = np.empty(count * channels)
    for n in range(len(x)):
        if n % stretch == 0:
            errors[:, :] = 0
        v[:] = 0
        for k in range(order):  # the oldest first
            h, row = taps[order - 1 - k], (n + k) % rows
            for lane in range(len(v)):
                v[lane] += h * errors[row, lane]
        for level in range(count):
            step, shift, low, high = grids[level]
            for c in range(channels):
                lane = level * channels + c
                fed = v[lane] + (x[n, c] - shift) / step
                place = fed + noise[n, c]
                y = min(max(np.floor(place) if down else np.rint(place), low), high)
                errors[n % rows, lane] = min(max(y - fed, -limit), limit)
                out[level, n, c] = np.int32(y)
