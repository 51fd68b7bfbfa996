"""Tiny layers whose best rounding can be found by trying all."""

from itertools import product

import numpy as np

import quantlab as ql
from quantlab.networks.engine.repair._grid import Grid, grid_of


def tiny(seed: int, rows: int = 3, columns: int = 8, bits: int = 3) -> tuple[np.ndarray, Grid, np.ndarray]:
    """Weights (rows, columns), their grid, and the moments (1, columns, columns) of inputs that depend on one another, as after a ReLU."""
    rng = np.random.default_rng(seed)
    x = np.maximum(rng.normal(size=(columns, columns)) @ rng.normal(size=(columns, 60)) + 0.5, 0)
    weight = rng.normal(size=(rows, columns)).astype(np.float32)
    grid = grid_of(ql.quantize(weight, ql.QuantSpec("int-symmetric", bits=bits)))
    return weight.astype(np.float64), grid, (x @ x.T / 60)[None]


def errors_of_all_roundings(weight: np.ndarray, grid: Grid, h: np.ndarray) -> np.ndarray:
    """The output's error of every way to round each weight down or up, (rows, 2^columns): as sums over the inputs themselves."""
    root = np.linalg.cholesky(h[0] + 1e-12 * np.eye(len(h[0])))  # inputs with these moments
    down = np.clip(np.floor(grid.place(weight)), grid.qmin, grid.qmax - 1)
    ways = np.array(list(product((0, 1), repeat=weight.shape[1])))
    return np.array([(((w - s * (low + ways)) @ root) ** 2).sum(axis=1) for w, s, low in zip(weight, grid.scale, down, strict=True)])
