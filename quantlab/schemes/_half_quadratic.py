"""Zero points by half-quadratic splitting: the shift of a grid for which large errors of a few values count less.

    min over z of |x - s (q - z)|^p, p = 0.7:
    e = shrink(x - s (q - z)),   z = mean(q - (x - e) / s),   β *= 1.01,   β = 10 at first, at most 20 turns

A group stops once a turn does not lessen its mean |error|. The threshold is in the values' own unit: of x · 2^k the zero point may differ.
Source: Badri and Shaji 2023, mobiusml.github.io/hqq_blog.
"""

from __future__ import annotations

import numpy as np

P, BETA, GROWTH, TURNS = 0.7, 10.0, 1.01, 20
_BLOCK = 1 << 18  # values at once


def shrink(x: np.ndarray, beta: float) -> np.ndarray:
    """The generalised soft threshold.

    >>> shrink(np.array([0.05, -2.0]), 10.0).round(4)  # 2 - 2 ** -0.3 / 10 = 1.9188
    array([ 0.    , -1.9188])
    """
    size = np.abs(x)
    return np.sign(x) * np.maximum(size - np.maximum(size, 1e-12) ** (P - 1) / beta, 0)


def zeros(x: np.ndarray, scale: np.ndarray, zero: np.ndarray, qmax: int) -> np.ndarray:
    """The zero points, float64 (G,), of groups (G, N) with these scales, from those to begin with."""
    most = max(1, _BLOCK // max(1, x.shape[1]))
    cuts = [slice(i, i + most) for i in range(0, len(x), most)]
    parts = [_zeros(np.ascontiguousarray(x[cut], np.float64), scale[cut, None].astype(np.float64), zero[cut, None], qmax) for cut in cuts]
    return np.concatenate(parts) if parts else np.zeros(0)


def _zeros(x: np.ndarray, scale: np.ndarray, zero: np.ndarray, qmax: int) -> np.ndarray:
    best, zero = zero[:, 0].copy(), zero.copy()
    codes = np.clip(np.rint(x / scale + zero), 0, qmax)  # (G, N)
    error = x - scale * (codes - zero)
    least, beta, going = np.abs(error).mean(axis=1), BETA, np.arange(len(x))
    for _ in range(TURNS):
        zero = (codes - (x - shrink(error, beta)) / scale).mean(axis=1, keepdims=True)
        codes = np.clip(np.rint(x / scale + zero), 0, qmax)
        error = x - scale * (codes - zero)
        size = np.abs(error).mean(axis=1)
        better = size < least[going]
        going = going[better]
        if not len(going):
            break
        best[going], least[going] = zero[better, 0], size[better]
        x, scale, zero, codes, error = x[better], scale[better], zero[better], codes[better], error[better]
        beta *= GROWTH
    return best
