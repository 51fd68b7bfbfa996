"""LSQ's gradient of a learned step."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    step, q = float(rng.choice([0.2, 0.4, 0.5])), 3
    places = np.array([rng.uniform(-2.4, 2.4), rng.choice([-1, 1]) * rng.uniform(3.6, 5)])
    x = np.round(step * places, 2)
    codes = np.rint(x / step)
    inside = np.abs(codes) <= q
    clipped = np.clip(codes, -q, q)
    slopes = np.where(inside, codes - x / step, clipped)
    return Problem(
        f"A learned step is **{n(step)}**, the codes reach from −{q} to {q}. The values are {listed(x)}. What is d x̂ / d s of each, as LSQ takes it (without its "
        "factor)?",
        tuple(Asked(f"Of {n(value)}", float(slope), 0.005) for value, slope in zip(x, slopes, strict=True)),
        (
            "Divide by the step and round: the code.",
            "Inside the range it is the code minus x / s.",
            "Where the value is clipped it is the code at the end.",
        ),
        f"The places are {listed(np.round(x / step, 4))}, the codes {listed(clipped)}: **{n(slopes[0], 4)}** and **{n(slopes[1], 4)}**.",
        {
            "place-forgotten": tuple(clipped.tolist()),
            "clipped-as-inside": tuple((clipped - x / step).tolist()),
            "true-slope": (0.0, 0.0),
        },
    )


EXERCISE = Exercise("step-gradient", "The gradient of a learned step", "Networks", 340, make, "train?room=weight&rule=learned")
