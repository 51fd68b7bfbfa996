"""Bytes of a key-value cache."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    layers, heads, width = int(rng.choice([12, 16, 24, 32])), int(rng.choice([4, 8])), int(rng.choice([64, 128]))
    tokens, bits = 1024 * int(rng.integers(1, 9)), int(rng.choice([2, 4, 8, 16]))
    right = 2 * layers * heads * width * tokens * bits / 8 / 1e6
    return Problem(
        f"A language model has **{layers} layers** with **{heads} heads** of keys and values, each **{width}** numbers wide. Its cache holds **{tokens} "
        f"tokens** at **{bits} bits** a number (scales left out). How many megabytes (10⁶ bytes) is that?",
        (Asked("Size", right, 0.01 * right, "MB"),),
        (
            "A token leaves a key and a value for every head of every layer.",
            "Multiply, and mind the bits.",
            "2 · layers · heads · width · tokens · bits / 8",
        ),
        f"2 · {layers} · {heads} · {width} · {tokens} · {bits} / 8 = **{n(right, 5)} MB**.",
        {"keys-alone": (right / 2,), "bits-for-bytes": (8 * right,)},
    )


EXERCISE = Exercise("cache-bytes", "Bytes of a key-value cache", "Sizes", 460, make, "tensor?bits=4")
