"""GPTQ column by column: every state between the first column and the last, beside rounding to nearest.

    e = (w_k - q_k) / U_kk,   w_j -= e U_kj  for j > k,   objective = tr(Δ H Δᵀ) = mean over the text of |(W - Ŵ) x|²

The states of a small block of a layer, as plain as the algorithm is stated; ``gptq.rounded`` gives the last one for whole layers.
Source: Frantar et al. 2023, arXiv:2210.17323.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.calibration import output_error
from quantlab.language.gptq import Grid, grid_of, spreader
from quantlab.types import QuantSpec


@dataclass(frozen=True, eq=False)
class Walk:
    """A block (R, K) after 0, 1, ..., K columns. weight : before. grid : its levels. states : (K + 1, R, K), columns from k on still free.

    errors, nearest : (K + 1, R), each row's mean squared output error of GPTQ and of rounding the same k columns to nearest.
    """

    weight: np.ndarray
    grid: Grid
    states: np.ndarray
    errors: np.ndarray
    nearest: np.ndarray

    @property
    def moved(self) -> np.ndarray:
        """How far each weight is from where it began, in steps of its own grid, (K + 1, R, K)."""
        moved: np.ndarray = (self.states - self.weight) / self.grid.scale
        return moved


def walk(weight: np.ndarray, grid: Grid, moments: np.ndarray) -> Walk:
    """All states of a block (R, K) with its second moments (K, K).

    >>> grid = Grid(np.ones((1, 2)), np.zeros((1, 2)), -4, 3)
    >>> w = walk(np.array([[0.4, 0.4]]), grid, np.array([[1.0, 0.9], [0.9, 1.0]]))  # 0 leaves 0.4, of which the second takes 0.4 * 0.89
    >>> w.states[1].round(2), w.states[2].round(2)
    (array([[0.  , 0.76]]), array([[0., 1.]]))
    >>> w.errors[-1].round(3), w.nearest[-1].round(3)  # 0.16 + 0.36 - 2 * 0.9 * 0.24; 0.16 + 0.16 + 2 * 0.9 * 0.16
    (array([0.088]), array([0.608]))
    """
    u, now, levels = spreader(moments), weight.astype(np.float64), grid.nearest(weight.astype(np.float64))
    states = [now.copy()]
    for k in range(now.shape[1]):
        free = now[:, k].copy()
        now[:, k] = grid.nearest(now[:, k : k + 1], slice(k, k + 1))[:, 0]
        now[:, k + 1 :] -= np.outer((free - now[:, k]) / u[k, k], u[k, k + 1 :])
        states.append(now.copy())
    errors = [output_error(state - weight, moments) for state in states]
    nearest = []
    for k in range(len(states)):
        change = np.where(np.arange(weight.shape[1]) < k, levels - weight, 0)
        nearest.append(output_error(change, moments))
    return Walk(weight, grid, np.stack(states), np.stack(errors), np.stack(nearest))


def block(weight: np.ndarray, spec: QuantSpec, moments: np.ndarray, rows: slice, columns: slice) -> Walk:
    """The walk through a block of a layer (out, K) on the grid of the whole layer; other columns stay as they are."""
    grid = grid_of(weight, spec)
    part = Grid(grid.scale[rows, columns], grid.zero[rows, columns], grid.qmin, grid.qmax)
    return walk(weight[rows, columns].astype(np.float64), part, moments[columns, columns])
