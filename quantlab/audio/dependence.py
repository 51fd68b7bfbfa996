"""Dependence of the error on the sound: the error against the place of a sample between two levels.

    u = x / step, e / step         for the samples with |u| < REACH, where single levels can be told apart
    mean(u), spread(u)             mean and standard deviation of e / step in bins of u
    fixed                          the share of the error's power that u fixes: the correlation ratio, mean(u)^2 over e^2 on average,
                                   free of what the means of few samples scatter by chance (Kelley, PNAS 21(9), 1935)

Without dither e is a function of u (a sawtooth); even dither (RPDF) makes its mean 0, triangular dither its spread steady
as well: 1/2 of a step. Source: Lipshitz, Wannamaker, Vanderkooy, JAES 40(5), 1992.

>>> x = np.linspace(-2.5, 2.5, 4001)[:, None]
>>> d = dependence(x, np.rint(x) - x, 1.0)
>>> at = int(np.argmax(d.centres > 0.3))
>>> [round(float(v), 2) for v in (d.centres[at], d.mean[at])]  # rounded down to 0: e = -u
[0.34, -0.34]
>>> round(d.fixed, 2), round(float(np.corrcoef(x.ravel(), (np.rint(x) - x).ravel())[0, 1]), 2)  # a straight line sees little
(0.99, -0.2)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REACH = 3.0  # steps on either side of zero
POINTS = 240
_BINS = 96  # sixteen a step
_DRAWN_FROM = 20_000
_FEW = 8  # samples a bin needs before its mean is shown


@dataclass(frozen=True, eq=False)
class Dependence:
    """points : float32 (2, POINTS), u and e / step of single samples, beyond REACH where there are fewer.

    centres : float64 (B,), of the bins of u. mean, spread : float32 (B,), nan where a bin has too few samples.
    fixed : 0 to 1; nan where there are too few samples, or no error.
    """

    points: np.ndarray
    centres: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    fixed: float

    @property
    def nbytes(self) -> int:
        """Bytes that travel."""
        return self.points.nbytes + self.mean.nbytes + self.spread.nbytes


def dependence(x: np.ndarray, error: np.ndarray, step: float) -> Dependence:
    """The dependence of the error on the sound, both (N, C)."""
    near = np.flatnonzero(np.abs(x.ravel()) < REACH * step)
    u, e = (a.ravel()[near] / step for a in (x, error))
    points = np.full((2, POINTS), 2 * REACH, np.float32)
    places = _spread_over(u)
    points[:, : len(places)] = u[places], e[places]
    edges = np.linspace(-REACH, REACH, _BINS + 1)
    at = np.clip(((u + REACH) * (_BINS / (2 * REACH))).astype(int), 0, _BINS - 1)
    count = np.bincount(at, minlength=_BINS)
    safe = np.maximum(count, 1)
    mean = np.bincount(at, e, _BINS) / safe
    spread = np.sqrt(np.maximum(np.bincount(at, e * e, _BINS) / safe - mean**2, 0))
    few = count < _FEW
    return Dependence(
        points,
        (edges[:-1] + edges[1:]) / 2,
        np.where(few, np.nan, mean).astype(np.float32),
        np.where(few, np.nan, spread).astype(np.float32),
        _fixed(e, count, mean),
    )


def _fixed(e: np.ndarray, count: np.ndarray, mean: np.ndarray) -> float:
    """The share of e's power that lies in the means of its bins, what they scatter by chance taken off."""
    power, between, bins = float(np.square(e, dtype=np.float64).sum()), float((count * mean**2).sum()), int((count > 0).sum())
    if power == 0 or len(e) < _FEW * bins:
        return float("nan")
    by_chance = (power - between) * bins / (len(e) - bins)
    return max(between - by_chance, 0.0) / power


def _spread_over(u: np.ndarray) -> np.ndarray:
    """Places in u, at most ``POINTS``, whose values lie evenly over ±REACH as far as there are any."""
    if not len(u):
        return np.zeros(0, int)
    sample = np.arange(0, len(u), max(1, len(u) // _DRAWN_FROM))
    order = sample[np.argsort(u[sample])]
    return order[np.unique(np.searchsorted(u[order], np.linspace(-REACH, REACH, POINTS)).clip(0, len(order) - 1))]


def step_at_zero(levels: np.ndarray) -> float:
    """The distance between the two levels on either side of zero's nearest one; of ascending levels (L,), L > 1.

    >>> step_at_zero(np.array([-1.0, -0.25, 0.0, 0.25, 1.0]))
    0.25
    """
    gaps = np.diff(np.unique(levels))
    middle = int(np.abs(np.unique(levels)).argmin())
    return float(gaps[min(middle, len(gaps) - 1)])


def even_step(error: np.ndarray) -> float:
    """The step of an even grid that would make an error of this power, step^2 / 12; 1 for no error.

    >>> round(even_step(np.array([0.5, -0.5])), 3)  # sqrt(12) / 2
    1.732
    """
    return float(np.sqrt(12 * np.square(error, dtype=np.float64).mean())) or 1.0
