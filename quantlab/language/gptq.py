"""GPTQ for linear layers: columns are rounded one after the other, and what each leaves is made good by those that follow.

    H = 2 X Xᵀ / n + 0.01 mean(diag) I,   Uᵀ U = H⁻¹ (U upper triangular)
    e = (w_k - q_k) / U_kk,   w_j -= e U_kj  for j > k

Scales are those of rounding to nearest, so that codes alone differ; columns go in blocks, whose sum moves the rest at once. A row
whose output moves more than to nearest keeps the nearest codes. Source: Frantar et al. 2023, arXiv:2210.17323.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.calibration import output_error
from quantlab.quantizer import quantize
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

DAMPING = 0.01  # of the mean of the diagonal
BLOCK = 64  # columns


@dataclass(frozen=True, eq=False)
class Grid:
    """The values that codes stand for, s (c - z): scale, zero (out, K) of each weight's own group."""

    scale: np.ndarray
    zero: np.ndarray
    qmin: int
    qmax: int

    def nearest(self, weight: np.ndarray, columns: slice = slice(None)) -> np.ndarray:
        """The nearest values of some columns."""
        s, z = self.scale[:, columns], self.zero[:, columns]
        return (np.clip(np.rint(weight / s + z), self.qmin, self.qmax) - z) * s


def grid_of(weight: np.ndarray, spec: QuantSpec) -> Grid:
    """The grid that a scheme of even steps lays over weights (out, K); ValueError for another scheme."""
    if not SCHEMES[spec.scheme].affine or spec.bits < 2:
        raise ValueError(
            f"{spec.scheme} at {spec.bits} bits has no even steps to choose among; choose int-symmetric or int-asymmetric, 2 bits or more"
        )
    codes = quantize(weight, spec)
    index, q = codes.group_index, codes.qparams
    return Grid(q.scale[index].astype(np.float64), q.zero_point[index].astype(np.float64), q.qmin, q.qmax)


def spreader(moments: np.ndarray) -> np.ndarray:
    """U, float64 (K, K), upper triangular; moments : X Xᵀ / n."""
    from scipy.linalg import cholesky, solve_triangular

    h = 2 * moments
    mean = float(np.trace(h)) / len(h) or 1.0  # inputs that are all zero: any rounding is as good
    low = cholesky(h + DAMPING * mean * np.eye(len(h)), lower=True)
    inverse = solve_triangular(low, np.eye(len(h)), lower=True)
    u: np.ndarray = cholesky(inverse.T @ inverse)
    return u


def rounded(weight: np.ndarray, grid: Grid, moments: np.ndarray) -> np.ndarray:
    """The weights on the grid, float64 (out, K)."""
    u, now = spreader(moments), weight.astype(np.float64).copy()
    found = np.empty_like(now)
    for a in range(0, now.shape[1], BLOCK):
        b = min(a + BLOCK, now.shape[1])
        errors = np.empty((len(now), b - a))
        for k in range(a, b):
            found[:, k] = grid.nearest(now[:, k : k + 1], slice(k, k + 1))[:, 0]
            errors[:, k - a] = error = (now[:, k] - found[:, k]) / u[k, k]
            now[:, k + 1 : b] -= error[:, None] * u[k, k + 1 : b]
        now[:, b:] -= errors @ u[a:b, b:]
    return found


def gptq(weight: np.ndarray, spec: QuantSpec, moments: np.ndarray) -> np.ndarray:
    """The weights on the spec's grid, float32 (out, K): no row's output moves more on the calibration text than to nearest."""
    grid = grid_of(weight, spec)
    chosen, nearest = rounded(weight, grid, moments), grid.nearest(weight.astype(np.float64))
    better = output_error(weight - chosen, moments) < output_error(weight - nearest, moments)
    return np.where(better[:, None], chosen, nearest).astype(np.float32)
