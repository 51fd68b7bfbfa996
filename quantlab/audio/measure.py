"""The numbers of one copy of a sound: ratios, levels, peaks, bit rate.

    SQNR       10 log10(sum x^2 / sum e^2), e = copy - x
    segmental  the mean over stretches of 20 ms of the same, each kept within -10 ... 35 dB; stretches fainter than -60 dB
               left out (Deller, Proakis, Hansen, Discrete-Time Processing of Speech Signals, 9.2)
    levels     dB re the power of a full-scale sine (AES17); A-weighted after IEC 61672-1
    above hearing   the same weighted by the threshold of hearing instead, 0 at its most sensitive frequency
    crest      peak over root mean square
    correlation     of e with x, -1 ... 1: near 0 where the error is noise

>>> t = np.arange(48000) / 48000
>>> x = np.sin(2 * np.pi * 1000 * t)[:, None]
>>> round(level_db(x), 2), round(crest_db(x), 2), round(correlation(x, -0.1 * x), 2)
(0.0, 3.01, -1.0)
"""

from __future__ import annotations

import numpy as np

from quantlab import metrics
from quantlab.audio import spectra
from quantlab.audio.weighting import a_weighting_db, threshold_db

SEGMENT = 0.02  # seconds
WITHIN = (-10.0, 35.0)
SILENT_DB = -60.0
FAINT_DB = -90.0


def level_db(x: np.ndarray) -> float:
    """Power of x (N, C), dB re a full-scale sine; ``spectra.LEAST_DB`` at least."""
    return float(spectra.to_db(np.array(2 * np.square(x, dtype=np.float64).mean())))


def crest_db(x: np.ndarray) -> float:
    """Peak over root mean square, in dB; 0 for silence."""
    power = float(np.square(x, dtype=np.float64).mean())
    return float(10 * np.log10(np.square(np.abs(x).max(), dtype=np.float64) / power)) if power else 0.0


def segmental_db(x: np.ndarray, copy: np.ndarray, rate: float) -> float:
    """The mean SQNR of stretches of 20 ms that are not silent, in dB; nan where all are."""
    size = max(1, round(SEGMENT * rate))
    starts = np.arange(0, len(x), size)
    signal, error = (np.add.reduceat(_powers(a), starts) for a in (x, copy - x))
    counts = np.diff(np.append(starts, len(x))) * x.shape[1]
    loud = 2 * signal / counts > 10 ** (SILENT_DB / 10)
    if not loud.any():
        return float("nan")
    ratio = 10 * np.log10(signal[loud] / np.maximum(error[loud], 1e-300))
    return float(np.clip(ratio, *WITHIN).mean())


def _powers(x: np.ndarray) -> np.ndarray:
    """The sum over the channels of x², float64 (N,): channel by channel, as numpy is slow at sums of two."""
    first, *others = (np.square(channel, dtype=np.float64) for channel in x.T)
    for other in others:
        first += other
    return first


def stuck(x: np.ndarray, copy: np.ndarray, rate: float) -> float:
    """The share, 0 to 1, of the stretches of 20 ms with sound in them (above -90 dB) in which the copy stands still."""
    starts = np.arange(0, len(x), max(1, round(SEGMENT * rate)))
    power = np.add.reduceat(_powers(x) / x.shape[1], starts) / np.diff(np.append(starts, len(x)))
    sounding = 2 * power > 10 ** (FAINT_DB / 10)
    still = np.ones(len(starts), bool)
    for channel in copy.T:
        still &= np.maximum.reduceat(channel, starts) == np.minimum.reduceat(channel, starts)
    return float(still[sounding].mean()) if sounding.any() else 0.0


def correlation(x: np.ndarray, error: np.ndarray) -> float:
    """Correlation of the error with the signal, -1 to 1; 0 where either is constant."""
    a, b = (v.ravel() - v.mean(dtype=np.float64) for v in (x, error))
    products = [float(np.einsum("i,i", u, v)) for u, v in ((a, b), (a, a), (b, b))]  # not @: its threads wait for each other
    return products[0] / (products[1] * products[2]) ** 0.5 if products[1] * products[2] else 0.0


def noise_levels(error: np.ndarray, f: np.ndarray) -> tuple[float, float]:
    """(A-weighted, weighted by the threshold of hearing) level in dB re a full-scale sine, from the error's |X|^2 (M, K)."""
    a = np.concatenate(([0.0], 10 ** (a_weighting_db(f[1:]) / 10)))
    threshold = threshold_db(f[1:])
    heard = np.concatenate(([0.0], 10 ** ((_MOST_SENSITIVE - threshold) / 10)))
    levels = spectra.to_db(np.array([spectra.noise_power(error, w) for w in (a, heard)]))
    return float(levels[0]), float(levels[1])


def clipped(x: np.ndarray, levels: np.ndarray) -> int:
    """The number of samples that lie more than half a step beyond the first or the last level."""
    low, high = float(levels[0]), float(levels[-1])
    below, above = (float(levels[1]) - low) / 2, (high - float(levels[-2])) / 2
    return int(np.count_nonzero((x < low - below - 1e-9) | (x > high + above + 1e-9)))


def bit_rate(bits: float, rate: float, channels: int) -> float:
    """Uncompressed, in bits a second.

    >>> bit_rate(16, 44100, 2)  # a compact disc
    1411200.0
    """
    return float(bits * rate * channels)


def sqnr_db(x: np.ndarray, copy: np.ndarray) -> float:
    """``quantlab.metrics.sqnr_db``."""
    return metrics.sqnr_db(x, copy)


_MOST_SENSITIVE = float(threshold_db(np.linspace(3000, 4000, 1001)).min())
