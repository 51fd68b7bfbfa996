"""The largest error of rounding."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    bits, low = int(rng.integers(2, 9)), float(np.round(rng.uniform(-8, -1), 1))
    high = float(np.round(rng.uniform(1, 8), 1))
    step = (high - low) / (2**bits - 1)
    return Problem(
        f"Values between **{n(low)}** and **{n(high)}** are rounded to **{2**bits} levels** at equal distances, of which the first and the last lie "
        "at these ends. How far can a value be from its level, at most?",
        (Asked("Largest error", step / 2, 0.005 * step),),
        (
            f"{2**bits} levels have how many steps between them?",
            "What is one step?",
            "A value half way between two levels is farthest from both.",
        ),
        f"{2**bits} levels have {2**bits - 1} steps of {n(high - low)} / {2**bits - 1} = {n(step, 4)}; half of one is **{n(step / 2, 4)}**.",
        {"whole-step": (step,), "levels-for-steps": ((high - low) / 2**bits / 2,)},
    )


EXERCISE = Exercise("half-a-step", "The largest error of rounding", "Errors", 110, make, "tensor?source=uniform&bits=3")
