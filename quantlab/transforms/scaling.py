"""Columns divided by a factor of their own, so that they are of more even size: SmoothQuant's scaling, for one tensor.

    y_j = x_j / s_j,   s_j = (m_j / g)^½,   m_j = max|x_j|,   g the geometric mean of the m_j above 0

In a network the factor is multiplied into what reads the channel, and costs nothing there. Here it is kept, a float32 a column, and undone
after: the error of column j is s_j times that of y_j, so that what a large column gains in range it pays back.
"""

from __future__ import annotations

import numpy as np

from quantlab.transforms.base import Transform, TransformRule, within_float32

ALPHA = 0.5
_ENDS = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)  # of a factor


def fit(x: np.ndarray) -> Transform:
    largest = np.abs(x.reshape(-1, x.shape[-1])).max(axis=0).astype(np.float64)
    some = largest > 0
    logs = np.log(largest, out=np.zeros_like(largest), where=some)
    middle = logs.sum() / max(1, np.count_nonzero(some))
    factors = np.where(some, np.clip(np.exp(ALPHA * (logs - middle)), *_ENDS), 1.0).astype(np.float32).astype(np.float64)
    return Transform(lambda a: within_float32(a / factors, a), lambda b: within_float32(b * factors, b), 32.0 * len(factors), 1.0, False)


TRANSFORM = TransformRule(
    slug="scaling",
    title="scaling of columns",
    blurb="Each column is divided by the root of its largest value, and multiplied again after.",
    source="Xiao et al. 2022 (SmoothQuant), arXiv:2211.10438",
    fit=fit,
    rank=20,
)
