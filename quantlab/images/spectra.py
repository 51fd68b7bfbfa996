"""The spectrum of the error: its power by spatial frequency, whatever the direction.

    S(f) = mean over all waves of frequency |k| near f of |DFT(e)|^2 / (H W),        e = luma of (frame - original)

in cycles a pixel, from 0 (flat) to 0.5 (every other pixel); 10 log10 S in dB of squared steps of a byte. White noise is
flat. Blue noise and error diffusion put little below 0.1 cycles, where the eye sees best.
"""

from __future__ import annotations

import numpy as np

from quantlab.caching import lru_cache

BINS = 64
_FLOOR = 1e-4  # -40 dB: no error


def frequencies() -> np.ndarray:
    """The middles of the bins in cycles a pixel, float64 (BINS,)."""
    return (np.arange(BINS) + 0.5) * 0.5 / BINS


def error_spectrum_db(error: np.ndarray) -> np.ndarray:
    """S in dB for each bin, float64 (BINS,), of an error (H, W, 3) in steps of a byte; NaN where a bin holds no wave.

    >>> flat = np.full((64, 64, 3), 2.0)  # one wave, that of frequency 0: 4 * 64 * 64 = 42.1 dB
    >>> error_spectrum_db(flat)[[0, 20]].round(1).tolist()
    [42.1, -40.0]
    """
    from scipy.fft import rfft2

    luma = error @ np.array([0.299, 0.587, 0.114], np.float32)
    power = np.abs(rfft2(luma)) ** 2 / luma.size
    place, waves = _bins(*luma.shape)
    sums = np.bincount(place, power.ravel(), BINS + 1)[:BINS]
    with np.errstate(invalid="ignore"):
        return 10 * np.log10(np.maximum(sums / waves, _FLOOR))


@lru_cache(maxsize=16)
def _bins(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The bin of each wave of ``rfft2``, flat, those beyond 0.5 cycles in one more; how many are in each."""
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    place = np.minimum((radius * 2 * BINS).astype(np.intp), BINS).ravel()
    return place, np.bincount(place, minlength=BINS + 1)[:BINS].astype(float)
