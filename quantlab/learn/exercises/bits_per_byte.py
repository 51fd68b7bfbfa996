"""Bits per byte of a model that reads tokens."""

from __future__ import annotations

import numpy as np

from quantlab.language.evaluation import Scores
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    perplexity, size = int(rng.choice([8, 12, 16, 20, 32])), int(rng.integers(3, 6))
    nothing = np.zeros(1)
    right = Scores(np.array([-np.log(perplexity)]), nothing, nothing, nothing, nothing, size).bits_per_byte
    return Problem(
        f"A model has perplexity **{perplexity}** a token, and a token of its vocabulary is **{size} bytes** long on average. How many bits per byte "
        "is that?",
        (Asked("Bits per byte", right, 0.01 * right, "bits"),),
        ("How many bits does a token cost?", "log2 of the perplexity.", "Divide by the bytes of a token."),
        f"log2({perplexity}) / {size} = **{n(right, 4)} bits**. So models of different vocabularies can be compared.",
        {"natural-logarithm": (float(np.log(perplexity)) / size,), "of-a-token": (float(np.log2(perplexity)),)},
    )


EXERCISE = Exercise("bits-per-byte", "From perplexity to bits per byte", "Language", 610, make, "language")
