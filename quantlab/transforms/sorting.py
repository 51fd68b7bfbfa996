"""Columns in the order of their largest value, so that groups along a row hold columns of like size.

A permutation: no value changes. With one scale for the whole tensor, for a row or for a column, nothing is won.
Of C columns a file keeps the order in C·ceil(log2 C) bits.
"""

from __future__ import annotations

import numpy as np

from quantlab.transforms.base import Transform, TransformRule


def fit(x: np.ndarray) -> Transform:
    order = np.argsort(np.abs(x.reshape(-1, x.shape[-1])).max(axis=0), kind="stable")
    back = np.argsort(order)
    bits = len(order) * int(len(order) - 1).bit_length()
    return Transform(lambda a: np.ascontiguousarray(a[..., order]), lambda b: np.ascontiguousarray(b[..., back]), float(bits), 1.0, True)


TRANSFORM = TransformRule(
    slug="sorting",
    title="sorting of columns",
    blurb="Columns of like size stand beside each other, so that a group's scale fits all of it.",
    source="Yuan et al. 2023 (RPTQ), arXiv:2304.01089",
    fit=fit,
    rank=30,
)
