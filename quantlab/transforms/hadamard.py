"""A rotation by Hadamard's matrix and random signs: each value becomes a sum of all of its row, so that an outlier is spread over it.

    y = Q x,   Q orthogonal (``_walsh``): the squared error of y is that of x

Where values are alike already, nothing is won: a sum of many is close to normal, and a normal row stays one.

>>> from quantlab.transforms import fit
>>> x = np.zeros((1, 64), np.float32)
>>> x[0, 5] = 8
>>> np.unique(np.abs(fit(x, "hadamard").forward(x)))  # 8 / sqrt(64)
array([1.], dtype=float32)
"""

from __future__ import annotations

import numpy as np

from quantlab.transforms._walsh import rotate, rotate_back
from quantlab.transforms.base import Transform, TransformRule, within_float32


def fit(x: np.ndarray) -> Transform:
    two = x.shape[-1] & -x.shape[-1]
    operations = 1 + np.log2(two) + (2 if two < x.shape[-1] else 0)  # a sign, the sums in pairs, the reflection
    return Transform(lambda a: within_float32(rotate(a), a), lambda b: within_float32(rotate_back(b), b), 0.0, float(operations), True)


TRANSFORM = TransformRule(
    slug="hadamard",
    title="Hadamard rotation",
    blurb="Every value becomes a signed sum of its row: an outlier is spread over all of them.",
    source="Ashkboos et al. 2024 (QuaRot), arXiv:2404.00456",
    fit=fit,
    columns=False,
    rank=10,
)
