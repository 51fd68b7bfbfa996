"""A byte of E4M3."""

from __future__ import annotations

import numpy as np

from quantlab.labs.reference.bits import read, single_format
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    exponent, fraction, sign = int(rng.integers(4, 12)), int(rng.integers(1, 8)), int(rng.integers(0, 2))
    word = sign << 7 | exponent << 3 | fraction
    value = read(single_format("e4m3fn"), word).value
    text = f"{word:08b}"
    return Problem(
        f"Which number is the E4M3 byte **{text[0]} {text[1:5]} {text[5:]}** (sign, four bits of exponent with bias 7, three of fraction)?",
        (Asked("Number", value, 0.005 * abs(value)),),
        (
            "What is the exponent as a whole number, and what less the bias?",
            "A normal number has a one before its fraction: 1 + fraction / 8.",
            "sign · 2^(exponent − 7) · (1 + fraction / 8)",
        ),
        f"Exponent {exponent} − 7 = {n(exponent - 7)}, fraction {fraction}/8: {'−' if sign else ''}2^{n(exponent - 7)} · {n(1 + fraction / 8)} = **{n(value)}**.",
        {"bias-forgotten": (value * 2.0**7,), "hidden-one-forgotten": (value / (1 + fraction / 8) * fraction / 8,)},
    )


EXERCISE = Exercise("decode-e4m3", "A byte of E4M3", "Formats", 210, make, "reference?room=bits-of&format=e4m3fn")
