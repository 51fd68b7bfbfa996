"""GPTQ: columns are rounded one after the other, and what each leaves is made good by those that follow.

    H = 2 X Xᵀ / n + 0.01 mean(diag H) I,     Uᵀ U = H⁻¹  (U upper triangular)
    for each column k:  q_k = nearest(w_k),   e = (w_k - q_k) / U_kk,   w_j -= e U_kj  for j > k

which is, step by step, the least-squares answer of the columns that are still free (Optimal Brain Surgeon).
Source: Frantar et al. 2023, arXiv:2210.17323; Hassibi and Stork 1993 for the closed form of one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from quantlab.networks.engine.repair._choosing import choose_codes
from quantlab.networks.engine.repair._grid import Grid
from quantlab.networks.engine.repair._moments import by_group
from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import REPAIRS
from quantlab.progress import Steps

DAMPING = 0.01  # of the mean of the diagonal


@dataclass(frozen=True, eq=False)
class Column:
    """One column rounded. weight : the weights (out, K) as they stand after it: columns up to ``at`` rounded, the others shifted.

    codes : (out,) of this column. error : (out,), what it left, w_k - q_k.
    """

    at: int
    weight: np.ndarray
    codes: np.ndarray
    error: np.ndarray


def spreader(h: np.ndarray) -> np.ndarray:
    """U of each group, float64 (G, K, K), upper triangular; h : X Xᵀ / n of each group (G, K, K)."""
    hessian = 2 * h
    mean = np.einsum("gkk->g", hessian) / h.shape[1]
    mean = np.where(mean > 0, mean, 1.0)  # inputs that are all zero: any rounding is as good
    inverse = np.linalg.inv(hessian + DAMPING * mean[:, None, None] * np.eye(h.shape[1]))
    return np.linalg.cholesky((inverse + inverse.transpose(0, 2, 1)) / 2).transpose(0, 2, 1)


def columns_rounded(weight: np.ndarray, grid: Grid, h: np.ndarray) -> Iterator[Column]:
    """One column after the other, for all rows at once."""
    u = spreader(h)
    now = weight.astype(np.float64).copy()
    for k in range(weight.shape[1]):
        codes = grid.nearest(now)[:, k]
        error = now[:, k] - (codes - grid.zero[:, k]) * grid.scale[:, k]
        rest = by_group(now, len(h))  # a view (G, out / G, K)
        rest[:, :, k:] -= (error.reshape(len(h), -1) / u[:, k, k, None])[:, :, None] * u[:, None, k, k:]
        yield Column(k, now.copy(), codes, error)


def codes_by_column(weight: np.ndarray, grid: Grid, h: np.ndarray) -> Steps[np.ndarray]:
    """The codes (out, K); yields (columns done, columns)."""
    codes = np.empty_like(weight, dtype=np.float64)
    for column in columns_rounded(weight, grid, h):
        codes[:, column.at] = column.codes
        yield column.at, weight.shape[1]
    return codes


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece whose layers are rounded column by column."""
    return choose_codes(piece, codes_by_column)


METHOD = Method(REPAIRS["gptq"], apply)
