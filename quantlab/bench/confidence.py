"""Confidence beside the share of right answers: reliability, and the expected calibration error.

Expected calibration error over B bins of equal width of the largest probability: sum_b n_b / n |right_b - confidence_b|.
Source: Guo et al. 2017, arXiv:1706.04599.
"""

from __future__ import annotations

import numpy as np

BINS = 10


def are_probabilities(outputs: np.ndarray) -> bool:
    """Whether outputs (N, C) are probabilities, not logits."""
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=1, dtype=np.float64), 1, atol=1e-3))


def probabilities(outputs: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Probabilities float64 (N, C) of outputs. like : the float model's, which say whether they are such already, or logits.

    A quantized softmax does not sum to one: its answers are scaled, and no softmax is taken of them once more.

    >>> probabilities(np.array([[0.25, 0.70]]), like=np.array([[0.3, 0.7]])).round(3).tolist()
    [[0.263, 0.737]]
    >>> probabilities(np.array([[0.0, 0.0]]), like=np.array([[3.0, -1.0]])).tolist()
    [[0.5, 0.5]]
    """
    x = outputs.astype(np.float64)
    if are_probabilities(like):
        x = np.maximum(x, 0)
        total = x.sum(axis=1, keepdims=True)
        return np.where(total > 0, x / np.where(total > 0, total, 1), 1 / x.shape[1])
    x = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(x / x.sum(axis=1, keepdims=True))


def reliability(p: np.ndarray, labels: np.ndarray, bins: int = BINS) -> list[tuple[int, float, float]]:
    """Of each bin of confidence that occurs: how many, mean confidence, share right. p : probabilities (N, C)."""
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return [(int(own.sum()), float(sure[own].mean()), float(right[own].mean())) for b in range(bins) if (own := place == b).any()]


def calibration_error(p: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error, 0 to 1."""
    return sum(n * abs(right - sure) for n, sure, right in reliability(p, labels, bins)) / len(labels)
