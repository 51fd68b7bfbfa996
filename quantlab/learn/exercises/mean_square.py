"""The mean square error of a few values."""

from __future__ import annotations

import numpy as np

from quantlab import metrics
from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    x = np.round(rng.uniform(-3, 3, 4), 1)
    levels = np.rint(x)
    mse = float(metrics.mse(x.astype(np.float32), levels.astype(np.float32)))
    apart = x - levels
    return Problem(
        f"The values {listed(x)} became {listed(levels)}. What is the mean square error?",
        (Asked("MSE", mse, 0.002),),
        ("What is the error of each?", "Square each error.", "The mean of the squares."),
        f"The errors are {listed(np.round(apart, 3))}, their squares {listed(np.round(apart**2, 4))}; the mean is **{n(mse, 4)}**.",
        {"mean-difference": (float(apart.mean()),), "root-forgotten": (float(np.sqrt(mse)),)},
    )


EXERCISE = Exercise("mean-square", "The mean square error", "Errors", 120, make, "tensor?source=paste&bits=3")
