"""What Huffman's words take off the codes of a codebook."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.entropy_coding import huffman


def make(rng: np.random.Generator) -> Problem:
    shares = [(50, 25, 15, 10), (60, 20, 10, 10), (70, 10, 10, 10), (40, 30, 20, 10), (55, 25, 15, 5)][int(rng.integers(5))]
    count = 100 * int(rng.integers(10, 60))
    code = huffman(np.repeat(np.arange(4), shares))
    right = count * (2 - code.bits_per_code) / 8
    lengths = [len(code.words[k]) for k in range(4)]
    return Problem(
        f"**{count} weights** share four values, which occur in {listed(shares)} % of them. How many bytes do Huffman's words save against codes of 2 bits? "
        "The table of words does not count.",
        (Asked("Bytes", right, 0.6, "bytes"),),
        (
            "Join the two rarest values, again and again.",
            "The mean length is the sum of share times length.",
            "Take it from 2, times the weights, over 8.",
        ),
        f"The words have {listed(lengths)} bits, on average {n(code.bits_per_code, 4)}: {count} · (2 − {n(code.bits_per_code, 4)}) / 8 = **{n(right, 5)} bytes**.",
        {"bits-for-bytes": (8 * right,), "entropy-for-length": (count * (2 - code.entropy) / 8,)},
    )


EXERCISE = Exercise("huffman-gain", "What Huffman's words save", "Sizes", 480, make, "compress?bits=2")
