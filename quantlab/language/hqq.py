"""HQQ: the zero point is moved so that large errors of a few weights count less, without any data.

    min over z of |w - s (q - z)|^p, p = 0.7, by half-quadratic splitting:
    e = shrink(w - s (q - z)),   z = mean(q - (w - e) / s),   β *= 1.01,   β = 10 at first, 20 turns

Scales are those of the range from the smallest to the largest value; the zero point is any number. Stops once the error grows.
Source: Badri and Shaji 2023, mobiusml.github.io/hqq_blog.
"""

from __future__ import annotations

import numpy as np

from quantlab.grouping import PerChannel
from quantlab.types import QuantSpec

P, BETA, GROWTH, TURNS = 0.7, 10.0, 1.01, 20


def shrink(x: np.ndarray, beta: float) -> np.ndarray:
    """The generalised soft threshold.

    >>> shrink(np.array([0.05, -2.0]), 10.0).round(4)  # 2 - 2 ** -0.3 / 10 = 1.9188
    array([ 0.    , -1.9188])
    """
    size = np.abs(x)
    return np.sign(x) * np.maximum(size - np.maximum(size, 1e-12) ** (P - 1) / beta, 0)


def hqq(weight: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """The weights rounded, float32 (out, K)."""
    split = PerChannel(0) if spec.granularity.kind == "tensor" else spec.granularity
    parts = [_rows(rows.astype(np.float64), 2**spec.bits - 1) for rows in split.split(weight)]
    return split.join(parts, weight.shape).astype(np.float32)


def _rows(w: np.ndarray, qmax: int) -> np.ndarray:
    """Groups (G, N), each with its own scale and zero point."""
    low, high = w.min(axis=1, keepdims=True), w.max(axis=1, keepdims=True)
    scale = np.where(high > low, (high - low) / qmax, 1.0)
    zero = -low / scale
    flat = high <= low

    def values(zero: np.ndarray) -> np.ndarray:
        return (np.clip(np.rint(w / scale + zero), 0, qmax) - zero) * scale

    best, beta = values(zero), BETA
    least = np.abs(w - best).mean(axis=1, keepdims=True)
    for _ in range(TURNS):
        codes = np.clip(np.rint(w / scale + zero), 0, qmax)
        error = shrink(w - scale * (codes - zero), beta)
        zero = (codes - (w - error) / scale).mean(axis=1, keepdims=True)
        beta *= GROWTH
        now = values(zero)
        size = np.abs(w - now).mean(axis=1, keepdims=True)
        best, least = np.where(size < least, now, best), np.minimum(size, least)
        if not (size <= least).any():
            break
    return np.where(flat, w, best)
