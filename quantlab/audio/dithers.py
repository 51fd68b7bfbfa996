"""Dithers of a converter, a registry: four kinds of noise, in steps, added before rounding so that the error does not follow the signal.

    rpdf         u - 1/2                     variance 1/12: the mean of the error is 0; its power still follows the music
    tpdf         u1 + u2 - 1                 variance 2/12: mean and power are steady; 3/12 with the rounding, +4.77 dB
    tpdf-hp      u[n] - u[n-1]               the same moments, but the noise's spectrum rises to the treble: |1 - z^-1|^2
    subtractive  u - 1/2, taken off again    1/12 in all and independent of the music; the player must know the noise

u is even over [0, 1) and drawn from ``quantlab.rounding.uniform_noise`` by the place of a sample: the same for all bit
widths, so that two levels differ in nothing but the step. rpdf and tpdf are the core's roundings ``dither-rpdf`` and
``dither-tpdf``, as noise of its own because shaping needs it inside a loop.
Source: Lipshitz, Wannamaker, Vanderkooy, JAES 40(5), 1992; numerics.md section 7.

>>> {slug: round(float(12 * DITHERS[slug].noise((50_000, 1), 0).var()), 1) for slug in DITHERS}
{'none': 0.0, 'rpdf': 1.0, 'tpdf': 2.0, 'tpdf-hp': 2.0, 'subtractive': 1.0}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantlab.rounding import uniform_noise

Shape = tuple[int, ...]
NOISE_LEVELS = 256  # values of the subtractive noise, so that a byte a sample tells the player all of it


@dataclass(frozen=True)
class Dither:
    """``noise((n, channels), seed)`` is float64 of that shape, in steps; ``error_variance`` with the rounding, in steps^2."""

    slug: str
    title: str
    formula: str
    error_variance: float
    noise: Callable[[Shape, int], np.ndarray]
    subtractive: bool = False
    high_passed: bool = False

    def error_colour_db(self, f: np.ndarray, rate: float) -> np.ndarray:
        """The error's power spectrum against a white one of the same power, in dB; f in Hz (F,).

        The rounding's part stays white; of three parts in all, a high-passed dither makes |1 - z^-1|^2 = 4 sin^2(pi f / rate).

        >>> DITHERS["tpdf-hp"].error_colour_db(np.array([0.0, 24000.0]), 48000).round(2)  # 1/3 and 5/3
        array([-4.77,  2.22])
        """
        return 10 * np.log10((1 + 4 * np.sin(np.pi * f / rate) ** 2) / 3) if self.high_passed else np.zeros(len(f))


def _uniform(shape: Shape, seed: int) -> np.ndarray:
    return uniform_noise(shape, seed, 0)


def _rpdf(shape: Shape, seed: int) -> np.ndarray:
    return _uniform(shape, seed) - 0.5


def _tpdf(shape: Shape, seed: int) -> np.ndarray:
    u = _uniform(shape, seed) * 2  # the triangle's quantile function, as in quantlab.rounding
    return np.where(u < 1, np.sqrt(u) - 1, 1 - np.sqrt(np.maximum(2 - u, 0)))


def _high_passed(shape: Shape, seed: int) -> np.ndarray:
    return np.diff(_uniform((shape[0] + 1, *shape[1:]), seed), axis=0)


def _stepped(shape: Shape, seed: int) -> np.ndarray:
    return (np.floor(_uniform(shape, seed) * NOISE_LEVELS) + 0.5) / NOISE_LEVELS - 0.5


_ENTRIES = (
    Dither("none", "none", "0", 1 / 12, lambda shape, seed: np.zeros(shape)),
    Dither("rpdf", "even over one step", "u − ½", 2 / 12, _rpdf),
    Dither("tpdf", "triangular over two steps", "u₁ + u₂ − 1", 3 / 12, _tpdf),
    Dither("tpdf-hp", "triangular, high-passed", "u[n] − u[n−1]", 3 / 12, _high_passed, high_passed=True),
    Dither("subtractive", "subtractive", "u − ½, taken off again", 1 / 12, _stepped, True),
)
DITHERS: dict[str, Dither] = {entry.slug: entry for entry in _ENTRIES}
