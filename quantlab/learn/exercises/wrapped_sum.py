"""A sum that wraps around."""

from __future__ import annotations

import numpy as np

from quantlab.integer.accumulate import limits, wrap
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    bits = int(rng.choice([8, 16]))
    low, high = limits(bits)
    sign = int(rng.choice([-1, 1]))
    total = sign * (high + int(rng.integers(3, high // 2)))
    right, held = int(wrap(np.array(total), bits)), high if sign > 0 else low
    return Problem(
        f"The true sum of a dot product is **{n(total, 9)}**. Its accumulator has **{bits} bits** and wraps around. What does it hold?",
        (Asked("Accumulator", float(right), 0.3),),
        (
            f"It holds {n(low, 9)} to {n(high, 9)}.",
            f"Beyond its end it goes on from the other end: {2**bits} away.",
            f"{n(total, 9)} {'−' if sign > 0 else '+'} {2**bits}",
        ),
        f"{n(total, 9)} {'−' if sign > 0 else '+'} 2^{bits} = **{n(right, 9)}**: the sign is wrong and the error is {2**bits}.",
        {"saturated": (float(held),), "not-clipped": (float(total),)},
    )


EXERCISE = Exercise("wrapped-sum", "A sum that wraps around", "Integers", 335, make, "integer?room=accumulator&source=small&bits=16")
