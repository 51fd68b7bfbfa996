"""The bias that takes away the mean error of a rounded layer."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    while True:
        weights = np.round(rng.uniform(-1.4, 1.4, 3), 1)
        levels = np.clip(np.rint(weights / 0.5) * 0.5, -1.5, 1.5)
        means, bias = np.round(rng.uniform(0.5, 4, 3), 1), float(np.round(rng.uniform(-1, 1), 1))
        shift = float((levels - weights) @ means)
        if abs(shift) > 0.15 and abs(float((levels - weights).sum()) - shift) > 0.05:
            break
    return Problem(
        f"A row of weights {listed(weights)} is rounded to {listed(levels)}. Its inputs are {listed(means)} on average, its bias is **{n(bias)}**. "
        "Which bias makes the mean error of the output zero?",
        (Asked("Bias", bias - shift, 0.006),),
        (
            "The mean error of the output is the sum of each weight's error times the mean of its input.",
            "An error is the rounded weight minus the weight.",
            "Take the sum from the bias.",
        ),
        f"The errors are {listed(np.round(levels - weights, 4))}; times the means they add up to {n(shift, 4)}. The bias becomes {n(bias)} − ({n(shift, 4)}) = **{n(bias - shift, 4)}**.",
        {"error-added": (bias + shift,), "inputs-forgotten": (bias - float((levels - weights).sum()),)},
    )


EXERCISE = Exercise("correct-bias", "A bias that takes the mean error away", "Repair", 720, make, "repair?repairs=bias&bits=4")
