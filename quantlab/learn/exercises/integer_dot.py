"""A dot product in integers."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    w, x, zero = rng.integers(-7, 8, 3), rng.integers(0, 16, 3), int(rng.integers(1, 12))
    total = int(w @ (x - zero))
    return Problem(
        f"Weights have the codes {listed(w)} on a symmetric grid, inputs the codes {listed(x)} on an affine one with the zero point **{zero}**. What does "
        "the integer accumulator hold of their dot product, the zero point taken into account?",
        (Asked("Sum", float(total), 0.3),),
        (
            "A code minus its zero point is a number of steps.",
            f"Σ w · (x − {zero})",
            f"Or Σ w · x − {zero} · Σ w: the second part is known beforehand.",
        ),
        f"Σ w·x = {n(int(w @ x))}, Σ w = {n(int(w.sum()))}: {n(int(w @ x))} − {zero} · {n(int(w.sum()))} = **{n(total)}**.",
        {"zero-point-forgotten": (float(w @ x),), "zero-point-once": (float(w @ x - zero),)},
    )


EXERCISE = Exercise("integer-dot", "A dot product in integers", "Integers", 310, make, "tensor?source=relu&scheme=int-asymmetric&bits=4")
