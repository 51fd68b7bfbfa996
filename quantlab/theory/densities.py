"""The two model densities, standard deviation 1 and symmetric: what lies beyond a border, in closed form.

Beyond a >= 0 lie the moments T_k(a) = integral from a to infinity of x^k f(x) dx, k = 0, 1, 2. Those of a cell are
differences of two tails, which keeps the last digits far out, where differences of the distribution function lose
them. With phi and Phi of the normal density and lambda = sqrt(2) of the Laplace density:

    normal   T0 = Phi(-a)           T1 = phi(a)                     T2 = a phi(a) + Phi(-a)
    laplace  T0 = exp(-lambda a)/2  T1 = T0 (a + 1/lambda)          T2 = T0 (a^2 + 2a/lambda + 2/lambda^2)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]  # of any shape and float type


@dataclass(frozen=True)
class Density:
    """pdf and tails take borders a >= 0; ``spread`` turns ranks in (0, 1) into quantiles of f^(1/3), normalised.

    panter_dite : (integral of f^(1/3))^3 / 12, the constant of the companding asymptote constant * 4^-b.

    >>> [round(float(moment[0]), 6) for moment in DENSITIES["laplace"].tails(np.array([0.0]))]
    [0.5, 0.353553, 0.5]
    """

    slug: str
    title: str
    pdf: Callable[[Array], Array]
    tails: Callable[[Array], tuple[Array, Array, Array]]
    spread: Callable[[Array], Array]
    panter_dite: float

    def cells(self, edges: Array) -> tuple[Array, Array, Array]:
        """Moments 0, 1, 2 of the cells between ascending edges >= 0; the last cell reaches to infinity."""
        t0, t1, t2 = (np.append(t, 0.0) for t in self.tails(edges))
        return -np.diff(t0), -np.diff(t1), -np.diff(t2)


def _normal_pdf(a: Array) -> Array:
    return np.exp(-0.5 * a * a) / np.sqrt(2 * np.pi)


def _normal_tails(a: Array) -> tuple[Array, Array, Array]:
    from scipy.special import ndtr

    t0, pdf = ndtr(-a), _normal_pdf(a)
    return t0, pdf, a * pdf + t0


def _normal_spread(rank: Array) -> Array:
    from scipy.special import ndtri

    return np.sqrt(3) * ndtri(rank)


def _laplace_pdf(a: Array) -> Array:
    return np.exp(-np.sqrt(2) * a) / np.sqrt(2)


def _laplace_tails(a: Array) -> tuple[Array, Array, Array]:
    t0 = 0.5 * np.exp(-np.sqrt(2) * a)
    return t0, t0 * (a + np.sqrt(0.5)), t0 * (a * a + np.sqrt(2) * a + 1)


def _laplace_spread(rank: Array) -> Array:
    return -3 / np.sqrt(2) * np.sign(rank - 0.5) * np.log(2 * np.minimum(rank, 1 - rank))


DENSITIES = {
    entry.slug: entry
    for entry in (
        Density("normal", "Gaussian", _normal_pdf, _normal_tails, _normal_spread, np.sqrt(3) * np.pi / 2),
        Density("laplace", "Laplace", _laplace_pdf, _laplace_tails, _laplace_spread, 4.5),
    )
}


def density_of(slug: str) -> Density:
    if slug not in DENSITIES:
        raise ValueError(f"unknown density {slug!r}; choose one of {', '.join(DENSITIES)}")
    return DENSITIES[slug]
