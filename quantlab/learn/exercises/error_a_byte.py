"""What a bit more saves, for each byte that it costs."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem

KEPT = 0.25  # of a squared error, after one bit more: the step is halved


def make(rng: np.random.Generator) -> Problem:
    sizes = 800 * rng.choice([1, 2, 5, 10, 20], 2, replace=False)
    errors = 4 * rng.choice(np.arange(1, 15), 2, replace=False)
    right = [float(error * (1 - KEPT) / (size / 8)) for size, error in zip(sizes, errors, strict=True)]
    whole = [float(error / (size / 8)) for size, error in zip(sizes, errors, strict=True)]
    first = "A" if right[0] > right[1] else "B"
    return Problem(
        f"Tensor A has **{sizes[0]}** weights and a summed squared error of **{errors[0]}**, tensor B **{sizes[1]}** weights and **{errors[1]}**. Each may get "
        "one bit more a weight (scales left out). How much error does that save for each byte, in A and in B?",
        (Asked("A", right[0], 0.01 * right[0]), Asked("B", right[1], 0.01 * right[1])),
        ("One bit more halves the step.", "Half the step is a quarter of the squared error.", "A bit of every weight is how many bytes?"),
        f"A: {errors[0]} · ¾ / ({sizes[0]} / 8) = **{n(right[0], 4)}**; B: {errors[1]} · ¾ / ({sizes[1]} / 8) = **{n(right[1], 4)}**. A budget that has "
        f"room for one of them gives the bit to {first}.",
        {
            "all-error-gone": (whole[0], whole[1]),
            "size-forgotten": (float(errors[0] * (1 - KEPT)), float(errors[1] * (1 - KEPT))),
            "bits-for-bytes": (right[0] / 8, right[1] / 8),
        },
    )


EXERCISE = Exercise("error-a-byte", "Which tensor gets the bit", "Sizes", 480, make, "model?source=language-small&plan=budget")
