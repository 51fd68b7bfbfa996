"""The entropy of four codes."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.entropy_coding import huffman


def make(rng: np.random.Generator) -> Problem:
    counts = np.sort(rng.choice(np.arange(1, 14), 4, replace=False))[::-1]
    right = huffman(np.repeat(np.arange(4), counts)).entropy
    shares = counts / counts.sum()
    return Problem(
        f"Four codes occur {listed(counts)} times. What is their entropy in bits?",
        (Asked("Entropy", right, 0.02, "bits"),),
        (f"Of {counts.sum()} codes, what share has each?", "Each adds −p · log2(p).", "Use the logarithm with base two."),
        f"Shares {listed(np.round(shares, 3))}: −Σ p·log2(p) = **{n(right, 4)} bits**.",
        {"fixed-length": (2.0,), "natural-logarithm": (right * float(np.log(2)),)},
    )


EXERCISE = Exercise("entropy-of-codes", "The entropy of four codes", "Sizes", 440, make, "tensor?bits=2&source=normal&calibrator=mse")
