"""The mean of many updates that are rounded by chance."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    step, count = float(rng.choice([0.1, 0.25, 0.5])), int(rng.choice([100, 200, 400]))
    low = int(rng.integers(0, 3))
    share = float(rng.choice([0.1, 0.2, 0.3, 0.7, 0.8, 0.9]))
    g = float(np.round(step * (low + share), 4))
    return Problem(
        f"A gradient of **{n(g)}** is rounded by chance to multiples of {n(step)}: up with the probability of what is left above the level below. With which "
        f"probability does it go up, and what is the expected sum of {count} such roundings?",
        (Asked("Probability", share, 1e-6), Asked("Expected sum", count * g, 1e-6 * count)),
        (
            "Which multiple lies below, and what is left?",
            "The probability is what is left over the step.",
            "The expected value of one rounding is the gradient itself.",
        ),
        f"({n(g)} − {n(low * step)}) / {n(step)} = **{n(share)}**. One rounding is {n(g)} on average, {count} of them **{n(count * g)}**.",
        {
            "nearest-expected": (float(share > 0.5), count * step * (low + (share > 0.5))),
            "even-chances": (0.5, count * step * (low + 0.5)),
        },
    )


EXERCISE = Exercise("rounding-by-chance", "Rounded by chance, added up", "Networks", 350, make, "train?room=gradients")
