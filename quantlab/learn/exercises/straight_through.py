"""One step of one weight under the straight-through estimator."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    step = float(rng.choice([0.2, 0.25, 0.4, 0.5]))
    w = float(np.round(step * (rng.integers(-2, 3) + rng.uniform(-0.45, 0.45)), 2))
    target, rate = float(np.round(rng.uniform(-1, 1), 1)), float(rng.choice([0.1, 0.5]))
    used = step * float(np.rint(w / step))
    slope = used - target
    return Problem(
        f"A latent weight is **{n(w)}**, the step {n(step)}, the range wide enough. The loss is (ŵ − t)² / 2 with t = **{n(target)}**, where ŵ is the rounded "
        f"weight. The gradient passes the rounding straight through. What is it, and what is the latent weight after one step of rate {n(rate)}?",
        (Asked("Gradient", slope, 1e-6), Asked("Latent weight", w - rate * slope, 1e-6)),
        (
            "Round the weight to the nearest multiple of the step.",
            "The slope of the loss is ŵ − t.",
            "The latent weight moves by minus the rate times that.",
        ),
        f"ŵ = {n(used)}, the gradient {n(used)} − {n(target)} = **{n(slope)}**; {n(w)} − {n(rate)} · ({n(slope)}) = **{n(w - rate * slope)}**.",
        {"true-slope": (0.0, w), "latent-in-the-loss": (w - target, w - rate * (w - target))},
    )


EXERCISE = Exercise("straight-through", "A gradient that passes the rounding", "Networks", 330, make, "train?room=weight")
