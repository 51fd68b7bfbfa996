"""Bytes of packed codes."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.bit_packing import pack


def make(rng: np.random.Generator) -> Problem:
    bits, count = int(rng.choice([2, 3, 5, 6])), 8 * int(rng.integers(20, 300))
    right = len(pack(np.zeros(count, np.int64), bits))
    return Problem(
        f"**{count} codes** of **{bits} bits** are packed bit after bit. How many bytes is that?",
        (Asked("Bytes", float(right), 0.4, "bytes"),),
        ("How many bits are there in all?", "A byte has eight.", f"{count} · {bits} / 8"),
        f"{count} · {bits} = {count * bits} bits, over 8: **{n(right)} bytes**.",
        {"byte-each": (float(count),), "bits-for-bytes": (float(count * bits),)},
    )


EXERCISE = Exercise("packed-bytes", "Bytes of packed codes", "Sizes", 420, make, "tensor?bits=3")
