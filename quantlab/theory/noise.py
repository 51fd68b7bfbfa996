"""Quantization error as noise: when step^2 / 12 and "independent of the signal" hold, and how dither makes it so.

For a unit Gaussian x and x_hat = step * rint(x / step), e = x_hat - x, the sawtooth's Fourier series gives exactly

    E[e^2] = step^2 / 12 * (1 + 12/pi^2 * sum (-1)^k / k^2 * c_k),   E[x e] = 2 * sum (-1)^k c_k,

k = 1, 2, ..., with the characteristic function c_k = exp(-2 pi^2 k^2 / step^2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]  # of any shape and float type
ErrorMoments = Callable[[Array], tuple[Array, Array]]  # x in steps -> mean and variance of the error in steps


class UniformNoise(NamedTuple):
    """corr : correlation of x and e, -1 to 0. variance_ratio : E[e^2] over step^2 / 12."""

    corr: float
    variance_ratio: float


class DitherMoments(NamedTuple):
    """Moments of the error at constant inputs: largest |mean|, and the variance's least, largest and average over inputs."""

    max_bias: float
    min_variance: float
    max_variance: float
    mean_variance: float


def uniform_noise_variance(step: float) -> float:
    """step^2 / 12, the variance of an error spread evenly over one step. Source: Bennett 1948.

    >>> uniform_noise_variance(6.0)
    3.0
    """
    return step * step / 12


def uniform_noise_holds(step: float) -> UniformNoise:
    """The distance from uniform noise of the error of a unit Gaussian on an unbounded mid-tread grid; step in sigmas.

    Sources: Sripad and Snyder 1977, doi:10.1109/TASSP.1977.1162977; Widrow and Kollar, Quantization Noise, 2008.

    >>> [[round(number, 3) for number in uniform_noise_holds(step)] for step in (4.0, 2.0, 1.0)]
    [[-0.611, 0.648], [-0.025, 0.991], [-0.0, 1.0]]
    """
    if not 0 < step <= 1000:
        raise ValueError(f"step={step}: give it in standard deviations, above 0 and up to 1000")
    k = np.arange(1, int(2 * step) + 4)  # c_k < 1e-34 beyond
    terms = (-1.0) ** k * np.exp(-2 * (np.pi * k / step) ** 2)
    ratio = 1 + 12 / np.pi**2 * (terms / k**2).sum()
    return UniformNoise(float(2 * terms.sum() / np.sqrt(step * step / 12 * ratio)), float(ratio))


def dither_error(kind: str, step: float, x: ArrayLike) -> tuple[Array, Array]:
    """(mean, variance) of x_hat - x at each constant input x, for x_hat = step * rint((x + d) / step) [- d].

    kind : "none" (d = 0); "rpdf" (d even over one step; stochastic rounding is the same); "tpdf" (the sum of two
        such); "subtractive" (rpdf, taken off again). With p = x / step - floor(x / step) the rpdf variance is
        step^2 p (1 - p). Sources: Schuchman 1964, doi:10.1109/TCOM.1964.1088973; Lipshitz, Wannamaker,
        Vanderkooy 1992.

    >>> mean, variance = dither_error("rpdf", 1.0, [0.0, 0.25, 0.5])
    >>> mean.tolist(), variance.tolist()
    ([0.0, 0.0, 0.0], [0.0, 0.1875, 0.25])
    """
    u = np.asarray(x, np.float64) / step
    mean, variance = _ditherer(kind)(u)
    return step * mean, step * step * variance


def dither_moments(kind: str, step: float) -> DitherMoments:
    """Mean and variance of the error under dither, the extremes over all constant inputs; kinds as above.

    >>> dither_moments("none", 1.0).max_bias, dither_moments("tpdf", 1.0)
    (0.5, DitherMoments(max_bias=0.0, min_variance=0.25, max_variance=0.25, mean_variance=0.25))
    """
    _ditherer(kind)
    bias, low, high, average = MOMENTS[kind]
    return DitherMoments(step * bias, step * step * low, step * step * high, step * step * average)


def _ditherer(kind: str) -> ErrorMoments:
    if kind not in DITHERS:
        raise ValueError(f"unknown dither {kind!r}; choose one of {', '.join(DITHERS)}")
    return DITHERS[kind]


def _rpdf(u: Array) -> tuple[Array, Array]:
    p = u - np.floor(u)
    return np.zeros_like(u), p * (1 - p)


DITHERS: dict[str, ErrorMoments] = {  # kind -> u = x / step -> (mean, variance) of the error in steps
    "none": lambda u: (np.rint(u) - u, np.zeros_like(u)),
    "rpdf": _rpdf,
    "tpdf": lambda u: (np.zeros_like(u), np.full_like(u, 1 / 4)),
    "subtractive": lambda u: (np.zeros_like(u), np.full_like(u, 1 / 12)),
}
MOMENTS = {  # kind -> (max_bias, min_variance, max_variance, mean_variance) in steps
    "none": (1 / 2, 0.0, 0.0, 0.0),
    "rpdf": (0.0, 0.0, 1 / 4, 1 / 6),
    "tpdf": (0.0, 1 / 4, 1 / 4, 1 / 4),
    "subtractive": (0.0, 1 / 12, 1 / 12, 1 / 12),
}
