"""The ratio of two perplexities from the change of log p."""

from __future__ import annotations

import numpy as np

from quantlab.language.evaluation import Scores
from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    before = -rng.integers(2, 30, 4) / 10
    change = rng.integers(-2, 7, 4) / 10
    nothing = np.zeros(4)
    first, then = (Scores(right, nothing, nothing, nothing, nothing, 4) for right in (before, before - change))
    right, mean = then.ratio(first).value, float(change.mean())
    return Problem(
        f"Of four tokens log p was **{listed(before)}** before rounding and is **{listed((before - change).round(1))}** after it (natural logarithms). "
        "How many times as large is the perplexity now?",
        (Asked("Ratio", right, 0.002, "times"),),
        ("Look at the change token by token.", "The mean of log p before minus after.", "e to that mean."),
        f"The changes {listed(change)} have the mean {n(mean)}: e^{n(mean)} = **{n(right, 5)}**.",
        {"change-for-ratio": (mean,), "total-for-mean": (float(np.exp(change.sum())),)},
    )


EXERCISE = Exercise("ratio-of-perplexities", "How many times the perplexity", "Language", 660, make, "language?bits=3")
