"""The zero-point terms of a dot product."""

from __future__ import annotations

import numpy as np

from quantlab.integer.dot import dot_terms
from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    w, x = rng.integers(-9, 10, 3), rng.integers(-8, 8, 3)
    w_zero, x_zero = int(rng.choice([-3, -2, 2, 3])), int(rng.choice([-8, -6, -4]))
    terms = dot_terms(w, x, w_zero, x_zero)
    return Problem(
        f"Weights have the codes {listed(w)} and the zero point **{n(w_zero)}**, inputs the codes {listed(x)} and the zero point **{n(x_zero)}**. A "
        f"processor has multiplied codes alone, Σ w·x = {n(terms.raw)}. What does the accumulator hold once all zero-point terms are added?",
        (Asked("Sum", float(terms.total), 0.3),),
        (
            "Each code minus its zero point is a number of steps.",
            "Multiply out (w − z_w)(x − z_x): there are four terms.",
            "Σ w·x − z_x · Σ w − z_w · Σ x + K · z_w · z_x, with K = 3",
        ),
        f"{n(terms.raw)} − ({n(x_zero)}) · {n(int(w.sum()))} − ({n(w_zero)}) · {n(int(x.sum()))} + 3 · ({n(w_zero)}) · ({n(x_zero)}) = **{n(terms.total)}**.",
        {
            "zero-point-forgotten": (float(terms.raw),),
            "constant-forgotten": (float(terms.total - terms.constant),),
            "zero-point-once": (float(terms.raw - x_zero - w_zero),),
        },
    )


EXERCISE = Exercise(
    "zero-point-terms", "Four terms of one dot product", "Integers", 312, make, "integer?room=dot&source=small&weights=asymmetric&bits=10"
)
