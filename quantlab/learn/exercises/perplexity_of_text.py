"""The perplexity of a short text."""

from __future__ import annotations

import numpy as np

from quantlab.language.evaluation import Scores
from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    shares = np.array([1 / int(k) for k in rng.choice([2, 4, 5, 8, 10, 16, 20], 3, replace=False)])
    nothing = np.zeros(3)
    right = Scores(np.log(shares), nothing, nothing, nothing, nothing, 3).perplexity
    return Problem(
        f"A model gives the three tokens that come the probabilities **{listed(shares)}**. What is its perplexity on them?",
        (Asked("Perplexity", right, 0.01 * right),),
        ("Logarithms first.", "Perplexity is e to the mean of minus log p.", "The cube root of 1 / (p₁ p₂ p₃) is the same."),
        f"(1 / ({' · '.join(n(p) for p in shares)}))^(1/3) = **{n(right, 4)}**.",
        {"mean-of-inverses": (float((1 / shares).mean()),), "mean-probability": (float(1 / shares.mean()),)},
    )


EXERCISE = Exercise("perplexity-of-text", "The perplexity of a short text", "Language", 600, make, "language")
