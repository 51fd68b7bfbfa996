"""Sixteen levels for values that are divided by their group's largest magnitude: tables that stand beside NF4.

    fp4    bitsandbytes' float of 4 bits: ±{0, 1/192, 1/6, 1/4, 1/3, 1/2, 2/3, 1}; 15 values, for +0 and -0 are one
    af4    medians of their cells for groups of 64 of a normal density, as the least |error| asks; but between two of them stands a zero,
           and with it NF4's |error| is the smaller one (Yoshida 2023, arXiv:2306.06965)
    sf4    NF4's recipe with Student's t of 5 degrees of freedom (Dotzel et al. 2024, arXiv:2405.03103)
    bof4   the levels of least expected squared error of groups of 64 of a normal density, -1, 0 and 1 among them
           (Blumenberg et al. 2025, arXiv:2505.06653); computed here from that definition

For bof4, a group's largest magnitude is M and the others are normal between -M and M. A level is the mean of its cell where every
value u = x / M counts M² times, for an error of u is one of M·u.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from quantlab.caching import cache

BOF4_GROUP = 64
_FP4 = (1 / 192, 1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1)
_AF4_BELOW = (-1, -0.69441008, -0.51243739, -0.3736951, -0.25607552, -0.14982478, -0.04934812)
_AF4_ABOVE = (0.04273164, 0.12934483, 0.21961274, 0.31675666, 0.42563882, 0.55496234, 0.72424863, 1)


def _fp4() -> np.ndarray:
    return np.array([*(-x for x in reversed(_FP4)), 0, *_FP4])


def _af4() -> np.ndarray:
    return np.array([*_AF4_BELOW, 0, *_AF4_ABOVE])


def _sf4(freedom: float = 5) -> np.ndarray:
    edge = (1 / 32 + 1 / 30) / 2
    below, above = np.linspace(edge, 0.5, 8), np.linspace(0.5, 1 - edge, 9)
    levels = special.stdtrit(freedom, np.concatenate((below, above[1:])))
    return np.where(np.arange(16) == 7, 0, levels / levels[-1])


def _bof4() -> np.ndarray:
    u = (np.arange(20_000) + 0.5) / 20_000  # the middles of cells of |u|, which is symmetric
    density = _weighted_density(u)
    mass, moment = (np.concatenate(([0], np.cumsum(part))) for part in (density, density * u))
    halves = [_one_side(mass, moment, count) for count in (6, 7)]  # free levels below and above zero
    return np.array([-1, *(-halves[0][::-1]), 0, *halves[1], 1])


def _weighted_density(u: np.ndarray, group: int = BOF4_GROUP) -> np.ndarray:
    """E[M² · density of a normal value at u·M, given the group's maximum M], up to a factor; (U,)."""
    m = np.linspace(0.5, 7, 1301)
    inside = special.erf(m / np.sqrt(2))  # P(|x| < m)
    weight = np.exp(-(m**2) / 2) * inside ** (group - 2) * m**3  # density of M · M² · dx/du, over the mass inside
    return np.exp(-(np.outer(u, m) ** 2) / 2) @ weight


def _one_side(mass: np.ndarray, moment: np.ndarray, count: int) -> np.ndarray:
    """Lloyd's iterations on (0, 1) with 0 and 1 as levels that stay: the free ones, ascending (count,)."""
    cells = len(mass) - 1
    levels = np.linspace(0, 1, count + 2)
    for _ in range(2000):
        edges = (levels[1:] + levels[:-1]) / 2 * cells
        at = np.arange(cells + 1)
        total, first = (np.diff(np.interp(edges, at, part)) for part in (mass, moment))
        moved = np.concatenate(([0.0], first / total, [1.0]))
        if np.abs(moved - levels).max() < 1e-10:
            break
        levels = moved
    return levels[1:-1]


TABLES: dict[str, Callable[[], np.ndarray]] = {"fp4": _fp4, "af4": _af4, "sf4": _sf4, "bof4": _bof4}


@cache
def table(slug: str) -> np.ndarray:
    """The levels of a table, ascending, float32 (15,) or (16,), from -1 to 1 and 0 among them.

    >>> [round(float(x), 3) for x in table("sf4")[8:]]  # as published
    [0.066, 0.133, 0.205, 0.284, 0.376, 0.491, 0.657, 1.0]
    """
    return TABLES[slug]().astype(np.float32)
