"""Noise shaping, a registry of filters: the error of a sample is taken off the samples that follow it.

    v[n] = x[n] + sum_k h_k e[n-k]      y[n] = Q(v[n] + d[n])      e[n] = y[n] - v[n]      so that  y = x + h * e

The error's spectrum is white times |H|^2, H(z) = 1 + h_1 z^-1 + h_2 z^-2 + ...; the mean of log|H|
over frequency is never below 0 (Gerzon and Craven, AES preprint 2822, 1989): what one band wins another pays.

    first      1 - z^-1            |H|^2 = 4 sin^2(pi f / rate): silent at 0 Hz, 6 dB more at the top
    second     (1 - z^-1)^2        the square of that
    lipshitz   five taps made for 44.1 kHz after the ear's threshold (E-weighting); 40 to 50 kHz only.
               Lipshitz, Vanderkooy, Wannamaker, "Minimally audible noise shaping", JAES 39(11), 1991; SoX's "lipshitz"
    ear        nine taps for any rate: of all H with nine, the one with the least noise above the threshold of hearing in
               quiet (40 dB deep at most). That is the linear predictor of a process whose power spectrum is the inverse
               threshold, a Toeplitz system; H is minimum phase. At 48 kHz it wins 17 dB, at 16 kHz hardly 2.

How the recursion is worked through for all bit widths at once stands in ``feedback``.

>>> [round(float(white_gain_db(SHAPERS[slug].taps(48000))), 1) for slug in ("first", "second", "lipshitz", "ear")]
[3.0, 7.8, 12.2, 12.3]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantlab.audio.weighting import threshold_db

_E_WEIGHTED = (-2.033, 2.165, -1.959, 1.590, -0.6149)


@dataclass(frozen=True)
class Shaper:
    """``taps(rate)`` is (h_1, h_2, ...), float64; ValueError where the filter is not made for the rate.

    order : H is (1 - z^-1)^order; 0 for the filters that are nothing of the kind.
    """

    slug: str
    title: str
    formula: str
    taps: Callable[[float], np.ndarray]
    order: int = 0


def _lipshitz(rate: float) -> np.ndarray:
    if not 40_000 <= rate <= 50_000:
        raise ValueError(f"the filter of Lipshitz is made for 44.1 kHz, not {rate:g} Hz; use ear, which fits any rate")
    return np.array(_E_WEIGHTED)


def _ear(rate: float, order: int = 9, depth_db: float = 40.0) -> np.ndarray:
    from scipy import linalg

    f = (np.arange(2048) + 0.5) * (rate / 4096)
    threshold = threshold_db(f)
    power = 10 ** (-np.minimum(threshold, threshold.min() + depth_db) / 10)
    turns = np.outer(np.arange(order + 1), 2 * np.pi * f / rate)
    r = np.cos(turns) @ power  # the autocorrelation of a process with that spectrum
    return -linalg.solve_toeplitz(r[:-1], r[1:])


_ENTRIES = (
    Shaper("none", "none", "1", lambda rate: np.zeros(0)),
    Shaper("first", "first order", "1 − z⁻¹", lambda rate: np.array([-1.0]), 1),
    Shaper("second", "second order", "(1 − z⁻¹)²", lambda rate: np.array([-2.0, 1.0]), 2),
    Shaper("lipshitz", "psychoacoustic (Lipshitz)", "1 − 2.033z⁻¹ + 2.165z⁻² − 1.959z⁻³ + 1.590z⁻⁴ − 0.615z⁻⁵", _lipshitz),
    Shaper("ear", "psychoacoustic (any rate)", "1 + h₁z⁻¹ + … + h₉z⁻⁹", _ear),
)
SHAPERS: dict[str, Shaper] = {entry.slug: entry for entry in _ENTRIES}


def response_db(taps: np.ndarray, f: np.ndarray, rate: float) -> np.ndarray:
    """|H|^2 in dB at the frequencies f in Hz; (F,).

    >>> response_db(np.array([-1.0]), np.array([4000.0, 24000.0]), 48000).round(2)  # 4 sin^2(15°), 4 sin^2(90°)
    array([-5.72,  6.02])
    """
    h = np.concatenate(([1.0], taps))
    turns = np.exp(-2j * np.pi * np.outer(f / rate, np.arange(len(h))))
    return 20 * np.log10(np.maximum(np.abs(turns @ h), 1e-10))


def white_gain_db(taps: np.ndarray) -> float:
    """The power that shaping adds to the noise in all: sum h_k^2 with h_0 = 1, in dB."""
    return float(10 * np.log10(1 + taps @ taps))
