"""From how many texts at once arithmetic is the bound, and no longer the memory."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    bits, bandwidth, peak = int(rng.choice([2, 4, 8, 16])), 100 * int(rng.integers(1, 10)), int(rng.choice([10, 20, 40, 80, 160]))
    weights = int(rng.choice([1, 3, 7]))
    right = bits / 8 * peak * 1e12 / (2 * bandwidth * 1e9)
    return Problem(
        f"A model of **{weights} · 10⁹ weights** of **{bits} bits** is read once a step from a memory of **{bandwidth} GB/s**, for all texts together. Each weight "
        f"is multiplied and added once for each text, and the unit makes **{peak} · 10¹²** multiplications and additions a second, counted one each. "
        "At how many texts do reading and computing take as long? (Caches are left out.)",
        (Asked("Texts", right, 0.01 * right),),
        (
            "How long does reading take? And computing, for one text?",
            "Two operations a weight and text.",
            "Set both times equal: the weights cancel.",
        ),
        f"{bits} / 8 · {peak} · 10¹² / (2 · {bandwidth} · 10⁹) = **{n(right, 4)}**. Below it the memory is the bound and fewer bits are faster; above "
        "it weights in fewer bits save memory alone.",
        {"bits-for-bytes": (8 * right,), "additions-forgotten": (2 * right,)},
    )


EXERCISE = Exercise(
    "bound-of-arithmetic",
    "Where fewer bits are no longer faster",
    "Language",
    645,
    make,
    "model?source=language-small&room=hardware&batch=64",
)
