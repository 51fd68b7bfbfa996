"""Frequency weightings of the ear: two for faint noise, one for loudness.

A-weighting (IEC 61672-1), for the level of noise:

    R(f) = 12194^2 f^4 / ((f^2 + 20.6^2) sqrt((f^2 + 107.7^2)(f^2 + 737.9^2)) (f^2 + 12194^2))     A = 20 log10 R + 2.00 dB

The threshold of hearing in quiet, in dB of sound pressure (Terhardt 1979, doi:10.1016/0378-5955(79)90025-X), f in kHz:

    T(f) = 3.64 f^-0.8 - 6.5 exp(-0.6 (f - 3.3)^2) + 0.001 f^4

Above 12 kHz it is far stricter than A-weighting, which was made for sound pressure meters: noise shaped for the ear is
*louder* in dB(A) and fainter to hear.

K-weighting (ITU-R BS.1770), for loudness: a shelf of +4 dB above 1.7 kHz and a high-pass at 38 Hz, two biquads whose
analogue form is taken to any rate by the bilinear transform (at 48 kHz the coefficients of the standard).

    loudness = -0.691 + 10 log10 sum over channels of the mean square of the K-weighted samples      LUFS, not gated

>>> [round(float(a_weighting_db(f)), 1) for f in (100, 1000, 10000)]  # the standard's table: -19.1, 0, -2.5
[-19.1, 0.0, -2.5]
>>> t = np.arange(48000) / 48000
>>> round(loudness(np.sin(2 * np.pi * 997 * t)[:, None], 48000), 2)  # the standard's own check: -3.01
-3.01
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

SILENT = -120.0  # LUFS reported for silence
MOST_GAIN = 10 ** (12 / 20)


def a_weighting_db(f: ArrayLike) -> np.ndarray:
    """A(f) in dB, 0 at 1 kHz; f in Hz, -inf at 0."""
    f2 = np.square(np.asarray(f, np.float64))
    with np.errstate(divide="ignore"):
        r = 12194.0**2 * f2**2 / ((f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194.0**2))
        return 20 * np.log10(r) + 2.0


def threshold_db(f: ArrayLike) -> np.ndarray:
    """The threshold of hearing T(f) in dB SPL; f in Hz, above 0.

    >>> threshold_db(np.array([100, 1000, 3300, 10000, 16000])).round(1)
    array([23. ,  3.4, -5. , 10.6, 65.9])
    """
    k = np.asarray(f, np.float64) / 1000
    return 3.64 * k**-0.8 - 6.5 * np.exp(-0.6 * (k - 3.3) ** 2) + 0.001 * k**4


def k_weighting(rate: float) -> np.ndarray:
    """The two biquads of BS.1770 at this rate, scipy's sections float64 (2, 6)."""
    return np.stack((_shelf(rate), _high_pass(rate)))


def _shelf(rate: float) -> np.ndarray:
    k, q = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    b = np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]) / a0
    return np.concatenate((b, [1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]))


def _high_pass(rate: float) -> np.ndarray:
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    return np.array([1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])


def loudness(x: np.ndarray, rate: float) -> float:
    """LUFS of x (N, C), not gated; ``SILENT`` at least."""
    from scipy import signal

    heard = signal.sosfilt(k_weighting(rate).astype(x.dtype), x, axis=0)
    power = float(np.square(heard, dtype=np.float64).sum()) / len(x)
    return max(float(-0.691 + 10 * np.log10(power)), SILENT) if power > 0 else SILENT


def matching_gain(level: float, target: float, peak: float) -> float:
    """The factor that brings a sound of ``level`` LUFS to ``target``, at most 12 dB up and never past full scale.

    >>> matching_gain(-20.0, -26.0, 0.5), matching_gain(-26.0, -20.0, 0.8), matching_gain(SILENT, -20.0, 0.0)
    (0.5011872336272722, 1.25, 1.0)
    """
    if level <= SILENT:
        return 1.0
    return float(min(10 ** ((target - level) / 20), MOST_GAIN, 1 / max(peak, 1e-9)))
