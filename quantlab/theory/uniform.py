"""A uniform quantizer on a model density: its exact error, and the step that makes it least.

Positive levels y_i = k_i * step, borders halfway between, the last cell open. The step is best where

    sum over i of k_i (M1_i - y_i P_i) = 0

(P and M1 the cells' probability and first moment; the borders' own movement cancels, they lie halfway).
Everything is per standard deviation; mean squared errors per variance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from quantlab.caching import lru_cache
from quantlab.theory.densities import density_of

Array = np.ndarray[Any, Any]  # of any shape and float type


class Grid(NamedTuple):
    """The positive half in steps: levels, the inner edges of their cells, and the half range that is called clip."""

    offsets: Array
    edges: Array
    reach: float


class UniformDistortion(NamedTuple):
    """MSE of the values between the outer levels (granular), beyond them (overload), and their sum."""

    granular: float
    overload: float
    mse: float


def _mid_rise(bits: int) -> Grid:
    edges = np.arange(2 ** (bits - 1), dtype=np.float64)
    return Grid(edges + 0.5, edges, float(edges.size))


def _restricted(bits: int) -> Grid:
    if bits < 2:
        raise ValueError("a restricted mid-tread grid of 1 bit has only the level 0; use 2 bits or the mid-rise grid")
    levels = np.arange(1, 2 ** (bits - 1), dtype=np.float64)
    return Grid(levels, levels - 0.5, float(levels[-1]))


GRIDS: dict[str, Callable[[int], Grid]] = {"mid-rise": _mid_rise, "restricted": _restricted}


def grid_of(slug: str, bits: int) -> Grid:
    if slug not in GRIDS:
        raise ValueError(f"unknown grid {slug!r}; choose one of {', '.join(GRIDS)}")
    if bits != int(bits) or not 1 <= bits <= 16:
        raise ValueError(f"bits={bits}: a grid has 1 to 16 whole bits")
    return GRIDS[slug](int(bits))


def uniform_distortion(bits: int, clip: float, density: str = "normal", grid: str = "restricted") -> UniformDistortion:
    """Exact granular and overload MSE of a uniform quantizer that covers ±clip standard deviations.

    grid : "restricted": levels -qmax..qmax times clip / qmax, qmax = 2^(b-1) - 1, the outer ones at ±clip;
        "mid-rise": 2^b levels, the outer ones half a step inside ±clip.
    Overload begins at the outer levels in both, as in ``quantlab.Distribution``.
    Cells of width 2^-15 still leave 6 digits: the absolute error is some 1e-16.

    >>> d = uniform_distortion(4, clip=2.474)
    >>> [round(float(part), 5) for part in d]
    [0.01027, 0.00262, 0.01289]
    """
    if not clip > 0:
        raise ValueError(f"clip={clip} must be above 0; it is the half range in standard deviations")
    model, g = density_of(density), grid_of(grid, bits)
    step = clip / g.reach
    y = g.offsets * step
    p, m1, m2 = model.cells(np.append(g.edges * step, y[-1]))  # (levels + 1): the last is the overload
    error = m2 - 2 * np.append(y, y[-1]) * m1 + np.append(y, y[-1]) ** 2 * p
    zero = 0.5 - m2.sum()  # of the cell around zero, where the grid has one
    granular, overload = 2 * float(error[:-1].sum() + zero), 2 * float(error[-1])
    return UniformDistortion(granular, overload, granular + overload)


@lru_cache(maxsize=256)
def best_clip(bits: int, density: str = "normal", grid: str = "restricted") -> float:
    """The clip, in standard deviations, of least MSE. Source: Max 1960, doi:10.1109/TIT.1960.1057548, for mid-rise.

    >>> [round(best_clip(b), 3) for b in (2, 3, 4, 8)]
    [1.224, 1.952, 2.474, 3.921]
    """
    model, g = density_of(density), grid_of(grid, bits)

    def slope(clip: float) -> float:
        step = clip / g.reach
        p, m1, _ = model.cells(g.edges * step)
        return float((g.offsets * (g.offsets * step * p - m1)).sum())

    return _root(slope, 0.1, 40.0)


def uniform_midrise(bits: int, density: str = "normal") -> tuple[float, float]:
    """(best step, its MSE) of the uniform quantizer with 2^b levels and none at zero. Source: Max 1960.

    >>> [round(value, 6) for value in uniform_midrise(2)]
    [0.995687, 0.118846]
    """
    clip = best_clip(bits, density, "mid-rise")
    return clip / 2 ** (bits - 1), uniform_distortion(bits, clip, density, "mid-rise").mse


@lru_cache(maxsize=256)
def aciq_clip(bits: int, density: str = "normal") -> float:
    """The clip of least (clip^2 / (3 * 4^b) + overload error): noise inside taken as uniform, step 2 clip / 2^b.

    The overload error is 2 * integral beyond the clip of (x - clip)^2 f. A smooth formula: 40 % off the best clip at
    2 bits, 0.1 % at 8. Source: Banner, Nahshan, Soudry 2019, arXiv:1810.05723.

    >>> [round(aciq_clip(b), 4) for b in (2, 4, 8)]
    [1.7106, 2.5591, 3.924]
    """
    model = density_of(density)

    def slope(clip: float) -> float:
        t0, t1, _ = model.tails(np.array([clip]))
        return float(clip / (3 * 4.0**bits) - 2 * (t1[0] - clip * t0[0]))

    return _root(slope, 0.0, 60.0)


def aciq_mse(bits: int, clip: Array, density: str = "normal") -> Array:
    """The error that ``aciq_clip`` makes least, for clips of any shape in standard deviations; per variance.

    >>> [round(float(aciq_mse(4, np.array(clip))), 5) for clip in (2.0, aciq_clip(4), 3.0)]
    [0.01675, 0.01049, 0.01213]
    """
    t0, t1, t2 = density_of(density).tails(np.asarray(clip, np.float64))
    return clip**2 / (3 * 4.0**bits) + 2 * (t2 - 2 * clip * t1 + clip**2 * t0)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """The place where a function goes from negative to positive, by bisection, to the last digit."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return middle
