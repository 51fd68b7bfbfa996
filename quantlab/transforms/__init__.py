"""Transforms before quantization: a registry of rules, and one after another as a word of their slugs.

>>> x = np.random.default_rng(0).normal(size=(4, 96)).astype(np.float32)
>>> t = fit(x, "scaling,hadamard")
>>> bool(np.abs(t.inverse(t.forward(x)) - x).max() < 1e-5), t.bits, t.operations  # 96 float32; 96 = 32 * 3: 1 + (1 + 5 + 2)
(True, 3072.0, 9.0)
"""

from __future__ import annotations

import numpy as np

from quantlab.registry import Registry, lookup
from quantlab.transforms._walsh import orthogonal
from quantlab.transforms.base import NOTHING, Transform, TransformRule

__all__ = ["TRANSFORMS", "Transform", "TransformRule", "fit", "orthogonal", "rules"]

TRANSFORMS: Registry[TransformRule] = Registry("quantlab.transforms", "TRANSFORM")
MOST = 3  # one after another


def rules(word: str) -> tuple[TransformRule, ...]:
    """The rules of ``none``, or of slugs with commas between them; ValueError where one is unknown, stands twice, or there are too many."""
    if word == "none":
        return ()
    slugs = word.split(",")
    if len(slugs) > MOST or len(set(slugs)) < len(slugs):
        raise ValueError(f"{word!r} names more than {MOST} transforms, or one twice; name each once, such as scaling,hadamard")
    return tuple(lookup(TRANSFORMS, slug, "transform") for slug in slugs)


def fit(x: np.ndarray, word: str) -> Transform:
    """The transforms that the word names, in turn, each fitted to what the ones before make of x."""
    whole = NOTHING
    for rule in rules(word):
        if rule.columns and x.ndim < 2:
            raise ValueError(f"{rule.slug} needs columns, and the shape is {x.shape}; take a tensor of two axes or more, or hadamard")
        fitted = rule.fit(x)
        x, whole = fitted.forward(x), whole.then(fitted)
    return whole
