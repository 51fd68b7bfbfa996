"""Error over step where a share of the values lies on a level."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    zeros = int(rng.integers(3, 9)) * 10
    ratio = float(np.sqrt((1 - zeros / 100) / 12))
    return Problem(
        f"**{zeros} %** of what a layer reads is zero after a ReLU, and zero is a level. The others are spread evenly within a step. "
        "What is the rms error over the step?",
        (Asked("Rms error / step", ratio, 0.002),),
        (
            "Evenly spread values have a mean square error of a twelfth of the squared step.",
            "Zeros have none: mean square errors are averaged, not rms ones.",
            "Take the root in the end.",
        ),
        f"√({n(1 - zeros / 100)} / 12) = **{n(ratio, 4)}**.",
        {"all-spread": (float(np.sqrt(1 / 12)),), "rms-averaged": ((1 - zeros / 100) / float(np.sqrt(12)),)},
    )


EXERCISE = Exercise("error-over-step", "Why is the ratio not 0.289?", "Testing", 810, make, "bench?source=small&bits=8")
