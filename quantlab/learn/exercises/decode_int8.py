"""A word of int8."""

from __future__ import annotations

import numpy as np

from quantlab.labs.reference.bits import read, single_format
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    word = int(rng.integers(129, 255))
    value = read(single_format("int8"), word).value
    return Problem(
        f"Which number is the int8 word **{word:08b}** (two's complement)?",
        (Asked("Number", value, 0.3),),
        ("The first bit counts −128.", "What do the other seven bits make?", "Add both."),
        f"−128 + {word - 128} = **{n(value)}**.",
        {"read-unsigned": (float(word),), "sign-and-magnitude": (-float(word - 128),)},
    )


EXERCISE = Exercise("decode-int8", "A word of int8", "Formats", 220, make, "reference?room=bits-of&format=int8")
