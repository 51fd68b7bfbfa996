"""The levels of least error: the Lloyd-Max quantizer of a model density, by Newton's method.

A level must be its cell's centroid and a border the middle of two levels: r_i = y_i - M1_i / P_i = 0 with
b_i = (y_(i-1) + y_i) / 2. Both neighbours of a level enter r_i, so Newton's matrix has three diagonals and a step
costs O(levels); Lloyd's own iteration needs thousands of passes for the same digits. The densities are symmetric and
log-concave: one solution (Fleischer 1964), and half of it is enough.
Sources: Lloyd 1957/1982, doi:10.1109/TIT.1982.1056489; Max 1960, doi:10.1109/TIT.1960.1057548.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from quantlab.caching import lru_cache
from quantlab.theory.densities import Density, density_of

Array = np.ndarray[Any, Any]  # of any shape and float type
MAX_LEVELS = 4096


class LloydMax(NamedTuple):
    """levels float64 (n,), borders float64 (n - 1,), both ascending and read-only; mse for variance 1."""

    levels: Array
    borders: Array
    mse: float


@lru_cache(maxsize=128)
def lloyd_max(density: str = "normal", levels: int = 16) -> LloydMax:
    """The quantizer of least MSE with that many levels (1 to 4096), residual below 1e-10. Beyond, ``panter_dite``.

    >>> q = lloyd_max("normal", 4)
    >>> [round(float(y), 4) for y in q.levels], round(q.mse, 8)
    ([-1.5104, -0.4528, 0.4528, 1.5104], 0.11748185)
    """
    model = density_of(density)
    if levels != int(levels) or not 1 <= levels <= MAX_LEVELS:
        raise ValueError(f"levels={levels}: 1 to {MAX_LEVELS} are solved; theory.panter_dite gives the MSE of more")
    odd = levels % 2
    y = model.spread((np.arange(levels - levels // 2, levels) + 0.5) / levels)  # the positive half, by companding
    p, y = _newton(model, y, odd)
    full = np.concatenate([-y[::-1], np.zeros(odd), y])
    borders = (full[1:] + full[:-1]) / 2
    full.flags.writeable = borders.flags.writeable = False
    return LloydMax(full, borders, float(1 - 2 * (p * y * y).sum()))


def _newton(model: Density, y: Array, odd: int) -> tuple[Array, Array]:
    """(cell probabilities, levels), both of the positive half; with ``odd`` the level left of it is 0, else -y[0]."""
    p, residual, bands = _equations(model, y, odd)
    for _ in range(100):
        if not y.size or np.abs(residual).max() < 1e-13:
            break
        from scipy.linalg import solve_banded

        step = solve_banded((1, 1), bands, residual)
        for damping in 0.5 ** np.arange(30):
            trial = y - damping * step
            if trial[0] > 0 and (np.diff(trial) > 0).all():
                new = _equations(model, trial, odd)
                if np.abs(new[1]).max() < np.abs(residual).max():
                    break
        else:
            break  # rounding errors are all that is left
        y, (p, residual, bands) = trial, new
    if y.size and not np.abs(residual).max() < 1e-10:
        raise ArithmeticError(f"Lloyd-Max with {2 * y.size + odd} levels stopped at {np.abs(residual).max():.1e}")
    return p, y


def _equations(model: Density, y: Array, odd: int) -> tuple[Array, Array, Array]:
    """(P, r, dr/dy as the three diagonals that solve_banded reads) at the levels y."""
    low = (y + np.concatenate([[0.0 if odd else -y[0]], y[:-1]])) / 2 if y.size else y
    p, m1, _ = model.cells(low)
    centroid = m1 / p
    f = model.pdf(low)
    by_low = f * (centroid - low) / p  # d centroid / d its lower border
    by_high = np.append(f[1:] * (low[1:] - centroid[:-1]) / p[:-1], 0.0)
    own_low = by_low.copy()
    own_low[:1] *= odd  # border 0 of an even quantizer stays where it is
    bands = np.zeros((3, y.size))
    bands[0, 1:] = -by_high[:-1] / 2
    bands[1] = 1 - (own_low + by_high) / 2
    bands[2, :-1] = -by_low[1:] / 2
    return p, y - centroid, bands
