"""The mean length of Huffman's words."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.entropy_coding import huffman


def make(rng: np.random.Generator) -> Problem:
    counts = np.sort(rng.choice(np.arange(1, 16), 4, replace=False))[::-1]
    code = huffman(np.repeat(np.arange(4), counts))
    lengths = [len(code.words[k]) for k in range(4)]
    return Problem(
        f"Four codes occur {listed(counts)} times. How many bits does a Huffman word have on average?",
        (Asked("Mean length", code.bits_per_code, 0.015, "bits"),),
        (
            "Join the two rarest again and again.",
            "A word is as long as the number of joints above it.",
            "Weigh every length with how often it occurs.",
        ),
        f"The words have {listed(lengths)} bits: the mean is **{n(code.bits_per_code, 4)}**.",
        {"fixed-length": (2.0,), "entropy-for-length": (code.entropy,)},
    )


EXERCISE = Exercise("huffman-length", "The mean length of Huffman's words", "Sizes", 450, make, "tensor?bits=4")
