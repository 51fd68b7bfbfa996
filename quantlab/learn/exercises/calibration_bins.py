"""Expected calibration error of two bins."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    many, few = int(rng.integers(6, 9)) * 10, 0
    few = 100 - many
    sure = [float(np.round(rng.uniform(0.5, 0.65), 2)), float(np.round(rng.uniform(0.85, 0.98), 2))]
    right = [float(np.round(sure[0] + rng.uniform(0.04, 0.12), 2)), float(np.round(sure[1] - rng.uniform(0.1, 0.25), 2))]
    gaps = [right[0] - sure[0], right[1] - sure[1]]
    error = (few * abs(gaps[0]) + many * abs(gaps[1])) / 100
    return Problem(
        f"**{few}** answers are {n(sure[0])} sure on average, and {n(right[0])} of them are right. **{many}** are {n(sure[1])} sure, and {n(right[1])} of "
        "them are right. What is the expected calibration error?",
        (Asked("ECE", error, 0.001),),
        (
            "In each bin: how far is confidence from the share of right answers?",
            "The sign does not count.",
            "Weigh each bin by its answers.",
        ),
        f"({few} · {n(abs(gaps[0]), 2)} + {many} · {n(abs(gaps[1]), 2)}) / 100 = **{n(error, 4)}**.",
        {
            "bins-alike": ((abs(gaps[0]) + abs(gaps[1])) / 2,),
            "signs-cancel": (abs(few * gaps[0] + many * gaps[1]) / 100,),
        },
    )


EXERCISE = Exercise("calibration-bins", "How sure, how right", "Testing", 820, make, "bench?source=small&bits=3")
