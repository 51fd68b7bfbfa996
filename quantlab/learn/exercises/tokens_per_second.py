"""The bound of memory's bandwidth on tokens a second."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    billions, bits, speed = int(rng.choice([1, 3, 7, 13])), int(rng.choice([2, 4, 8])), 50 * int(rng.integers(1, 9))
    right = speed / (billions * bits / 8)
    return Problem(
        f"A model of **{billions} · 10⁹ weights** takes **{bits} bits** a weight, all counted. Each new token reads every weight once, from a memory of "
        f"**{speed} GB/s**. How many tokens a second are possible at most?",
        (Asked("Tokens a second", right, 0.01 * right),),
        ("How many gigabytes are read for a token?", "Bits are eighths of bytes.", "Bandwidth over bytes a token."),
        f"{billions} · {bits} / 8 = {n(billions * bits / 8)} GB; {speed} / {n(billions * bits / 8)} = **{n(right, 4)}**. Fewer bits are faster here "
        "because less is read; the sums are still made in 16 bits.",
        {"bits-for-bytes": (right / 8,), "sixteen-bits-read": (speed / (billions * 2),)},
    )


EXERCISE = Exercise("tokens-per-second", "Tokens a second that a memory allows", "Language", 640, make, "language?bits=4")
