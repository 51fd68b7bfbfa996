"""A value on the µ-law curve."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    x = -float(np.round(rng.uniform(0.01, 0.5), 2))
    y = float(np.sign(x) * np.log1p(255 * abs(x)) / np.log1p(255))
    return Problem(
        f"µ-law with µ = 255 bends values between −1 and 1 before they are rounded. Where does **{n(x)}** come to lie?",
        (Asked("Value", y, 0.006),),
        ("The curve bends the magnitude.", "log(1 + 255·|x|) / log(1 + 255)", "Put the sign back."),
        f"−log(1 + 255 · {n(-x)}) / log(256) = **{n(y, 4)}**. The base of the logarithm does not matter.",
        {"sign-lost": (-y,)},
    )


EXERCISE = Exercise("mu-law-value", "A value on the µ-law curve", "Formats", 240, make, "tensor?scheme=mu-law&bits=8")
