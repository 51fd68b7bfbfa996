"""Lower sample rates: every k-th sample is kept; frequencies above half the new rate fold down unless filtered first.

    without a filter   x[::k]
    with it            resample_poly(x, 1, k): a low-pass up to half the new rate, then every k-th sample
    to be heard        resample_poly(y, k, 1): zeros between the samples, then the same low-pass times k

The filter is scipy's: 20 k + 1 taps, a Kaiser window with beta = 5. ``taps(k)`` is what a player needs:
y[n] = sum_m h[n - k·m + 10·k] low[m].

>>> x = np.sin(2 * np.pi * 7000 / 16000 * np.arange(1600))[:, None]  # 7 kHz, folded to 1 kHz at a rate of 8 kHz
>>> [round(float(np.abs(down(x, 2, filtered)[50:-50]).max()), 2) for filtered in (False, True)]
[1.0, 0.0]
"""

from __future__ import annotations

import numpy as np

FACTORS = (1, 2, 3, 4, 6, 8, 12)
_LOBES = 10  # zero crossings of the filter on either side


def taps(factor: int) -> np.ndarray:
    """The interpolating low-pass, float64 (20·factor + 1,), symmetric, gain ``factor`` at 0 Hz."""
    from scipy import signal

    return signal.firwin(2 * _LOBES * factor + 1, 1 / factor, window=("kaiser", 5.0)) * factor


def down(x: np.ndarray, factor: int, antialias: bool = True) -> np.ndarray:
    """Every ``factor``-th sample of x (N, C), filtered before or not; (ceil(N / factor), C), x's type."""
    from scipy import signal

    if factor not in FACTORS:
        raise ValueError(f"a sample rate cannot be divided by {factor!r} here; choose one of {', '.join(map(str, FACTORS))}")
    if factor == 1:
        return x
    return signal.resample_poly(x, 1, factor, axis=0, window=taps(factor) / factor).astype(x.dtype) if antialias else x[::factor]


def up(y: np.ndarray, factor: int, length: int) -> np.ndarray:
    """y (M, C) at ``factor`` times its rate, cut to ``length`` samples; y's type."""
    from scipy import signal

    if factor == 1:
        return y
    return signal.resample_poly(y, factor, 1, axis=0, window=taps(factor) / factor)[:length].astype(y.dtype)
