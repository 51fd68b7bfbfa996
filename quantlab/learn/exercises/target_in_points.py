"""A target in percentage points as a number of pictures."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    count, points = int(rng.choice([500, 1000, 2000])), int(rng.integers(1, 4))
    right = int(count * rng.integers(60, 80) / 100)
    least = right - count * points // 100
    return Problem(
        f"Of {count} pictures the float model answers **{right}** correctly. The target is `top1=-{points}pp`. How many must the quantized model "
        "answer correctly, at least?",
        (Asked("Right answers", least, 0.4),),
        (
            "pp are percentage points: of all pictures.",
            f"How many pictures are {points} % of {count}?",
            "Take them from the float model's right answers.",
        ),
        f"{points} % of {count} are {n(count * points / 100)}; {right} − {n(count * points / 100)} = **{least}**.",
        {"points-for-percent": (right * (1 - points / 100),), "float-forgotten": (count * (1 - points / 100),)},
    )


EXERCISE = Exercise("target-in-points", "What a target asks", "Testing", 825, make, "bench?source=small&target=top1%3D-2pp")
