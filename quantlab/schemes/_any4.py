"""A table of sixteen levels learned from a tensor, for values that are divided by their group's largest magnitude M.

A level is the mean of the shares u = x / M in its cell, where each counts M² times, for an error of u is one of M·u; the level nearest to
zero at the start stays at zero. Cells end half way between levels (Lloyd's iterations).
Source: Elhoushi and Johnson 2025, arXiv:2507.04610 (any4), there for each row and weighed by activations too.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes._clustering import first_levels
from quantlab.types import QuantSpec

ANY4 = "any4"
LEVELS = 16
_MOST, _SETTLED = 200, 1e-6  # iterations; a move of all levels below which they end


def learned(whole: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """The levels for a tensor cut as the spec says, ascending, float32 (16,), within -1 and 1 and 0 among them."""
    parts = [_shares(part.astype(np.float32)) for part in spec.granularity.split(whole)]
    share, weight = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.argsort(share, kind="stable")
    share, weight = share[order].astype(np.float64), weight[order]
    levels = first_levels(share[None], LEVELS)[0]
    zero = int(np.abs(levels).argmin())
    mass, moment = (np.concatenate(([0.0], np.cumsum(part))) for part in (weight, weight * share))
    for _ in range(_MOST):
        levels[zero] = 0
        cuts = np.concatenate(([0], np.searchsorted(share, (levels[1:] + levels[:-1]) / 2), [len(share)]))
        total, first = np.diff(mass[cuts]), np.diff(moment[cuts])
        moved = np.divide(first, total, out=levels.copy(), where=total > 0)
        moved[zero] = 0
        settled = np.abs(moved - levels).max() < _SETTLED
        levels = moved
        if settled:
            break
    return np.sort(levels.astype(np.float32)) + np.float32(0)  # -0 among 0 is whichever sorts first


def _shares(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x / M of rows (G, N), flat float32, and M² relative to the largest, float64."""
    top = np.abs(rows).max(axis=1, keepdims=True)
    share = rows / np.where(top == 0, np.float32(1), np.maximum(top, np.finfo(np.float32).tiny))
    weight = np.broadcast_to(np.maximum(np.square(top.astype(np.float64)), 1e-300), rows.shape)
    return share.ravel(), weight.ravel()
