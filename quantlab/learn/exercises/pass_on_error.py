"""One step of GPTQ on two columns."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    first, second = (float(value) for value in np.round(rng.uniform(-2, 2, 2), 1))
    level = float(np.rint(first))
    own, common = float(rng.choice([2.0, 4.0, 5.0])), float(rng.choice([1.0, 1.5, -1.0]))
    shifted = second + (first - level) * common / own
    return Problem(
        f"GPTQ rounds the first of two weights, **{n(first)}**, to {n(level)}. The second is **{n(second)}**. On the calibration pictures the second input's mean square is "
        f"{n(own)}, and the mean product of both inputs {n(common)}. What does the second weight become, before it is rounded itself?",
        (Asked("Second weight", shifted, 0.006),),
        (
            "The first leaves an error: what it was minus what it became.",
            "The second is to add to the output what is missing there, as nearly as its input can.",
            "Least squares: the error times the mean product over the second's mean square.",
        ),
        f"The first leaves {n(first - level, 4)}. The second becomes {n(second)} + {n(first - level, 4)} · {n(common)} / {n(own)} = **{n(shifted, 4)}**.",
        {"nothing-made-good": (second,), "passed-on-whole": (second + first - level,)},
    )


EXERCISE = Exercise("pass-on-error", "An error passed on", "Repair", 740, make, "repair?room=columns")
