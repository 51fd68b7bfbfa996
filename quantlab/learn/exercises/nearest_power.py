"""A value brought to a power of two."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    whole, part = int(rng.integers(-4, 0)), float(rng.uniform(0.62, 0.92))
    size = float(f"{2.0 ** (whole + part):.3g}")
    power = float(2.0 ** np.rint(np.log2(size)))
    return Problem(
        f"A grid has the levels ±2^k, k a whole number. The value **{n(-size)}** is rounded in the logarithm: its magnitude's logarithm goes to the nearest k. "
        "Which level does it get?",
        (Asked("Level", -power, 1e-6),),
        (
            "Take the logarithm to base two of the magnitude.",
            "Round it to the nearest whole number.",
            "Two to that power, with the sign put back.",
        ),
        f"log2({n(size)}) = {n(np.log2(size), 4)}, rounded {n(np.rint(np.log2(size)))}; so **{n(-power)}**.",
        {"sign-lost": (power,), "truncated": (-float(2.0 ** np.floor(np.log2(size))),)},
    )


EXERCISE = Exercise("nearest-power", "To a power of two", "Levels", 530, make, "tensor?scheme=power-of-two&bits=4")
