"""A softened probability."""

from __future__ import annotations

import numpy as np

from quantlab.distillation import softened
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    ratio, temperature = int(rng.choice([16, 81, 256])), int(rng.choice([2, 4]))
    logits = np.log(np.array([ratio, 1.0]))
    p, sharp, hot = (float(softened(logits, t)[0]) for t in (1, 1 / temperature, temperature))
    root = round(ratio ** (1 / temperature))
    return Problem(
        f"A teacher holds one of two classes **{ratio} times** as likely as the other at temperature 1. What is the probability of the likelier one at temperature **{temperature}**?",
        (Asked("Probability, from 0 to 1", hot, 0.004),),
        (
            "Dividing logits by T takes the T-th root of the ratio of probabilities.",
            f"The ratio becomes {root}.",
            "The two probabilities sum to 1.",
        ),
        f"The ratio becomes {ratio}^(1/{temperature}) = {root}, so the probability is {root} / {root + 1} = **{n(hot, 4)}**.",
        {"probability-divided": (p / temperature,), "not-softened": (p,), "multiplied-by-temperature": (sharp,)},
    )


EXERCISE = Exercise("softened-probability", "A softened probability", "Networks", 565, make, "compress?room=distil&bits=4")
