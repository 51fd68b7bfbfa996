"""The divergence of one prediction from another."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    before, after = (np.sort(rng.multinomial(14, (0.6, 0.25, 0.15)) + 2)[::-1] / 20 for _ in range(2))
    right, back = (float((p * np.log(p / q)).sum()) for p, q in ((before, after), (after, before)))
    return Problem(
        f"Before rounding a model gives three tokens **{listed(before)}**, after it **{listed(after)}**. What is the Kullback-Leibler divergence of "
        "after from before, in nats?",
        (Asked("Divergence", right, 0.0006, "nats"),),
        ("Weigh with the probabilities before.", "Each token adds p · log(p / q).", "The natural logarithm gives nats."),
        f"{' + '.join(f'{n(p)} · ln({n(p)}/{n(q)})' for p, q in zip(before, after, strict=True))} = **{n(right, 3)} nats**.",
        {"other-way-of-divergence": (back,), "bits-for-nats": (right / float(np.log(2)),)},
    )


EXERCISE = Exercise("divergence-of-two", "The divergence of two predictions", "Language", 620, make, "language")
