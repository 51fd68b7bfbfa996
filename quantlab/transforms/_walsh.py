"""An orthogonal matrix of any size that is applied in n·log n: Hadamard's over the power of two in n, a reflection over the rest.

    Q = (R ⊗ H)·D,   H = Hadamard/√two,   R = 1 - 2/rest·11ᵀ,   D random signs,   n = rest · two

R ⊗ H is symmetric and its own inverse, so that Qᵀ is the same with D last.
"""

from __future__ import annotations

import numpy as np


def signs(size: int, seed: int) -> np.ndarray:
    """Random signs, float64 (size,)."""
    return np.where(np.random.default_rng(seed).random(size) < 0.5, -1.0, 1.0)


def spread(x: np.ndarray) -> np.ndarray:
    """(R ⊗ H) of the last axis, float64."""
    size = x.shape[-1]
    two = size & -size
    y = x.astype(np.float64).reshape(-1, size // two, two)  # (rows, rest, two)
    half = 1
    while half < two:
        pairs = y.reshape(*y.shape[:2], -1, 2, half)
        y = np.stack((pairs[..., 0, :] + pairs[..., 1, :], pairs[..., 0, :] - pairs[..., 1, :]), axis=-2).reshape(y.shape)
        half *= 2
    y /= np.sqrt(two)
    if y.shape[1] > 1:
        y -= 2 * y.mean(axis=1, keepdims=True)
    return y.reshape(x.shape)


def rotate(x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Q of the last axis, float64."""
    return spread(x * signs(x.shape[-1], seed))


def rotate_back(y: np.ndarray, seed: int = 0) -> np.ndarray:
    """Qᵀ of the last axis, float64."""
    return spread(y) * signs(y.shape[-1], seed)


def orthogonal(size: int, seed: int = 0) -> np.ndarray:
    """Q as a matrix, float64 (size, size).

    >>> q = orthogonal(12)  # 12 = 4 * 3
    >>> bool(np.allclose(q @ q.T, np.eye(12)))
    True
    """
    return rotate(np.eye(size), seed).T
