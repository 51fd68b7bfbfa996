"""A factor as a multiplier of a few bits and a shift."""

from __future__ import annotations

import numpy as np

from quantlab.integer.fixed_point import fixed_point
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem

BITS = 6


def make(rng: np.random.Generator) -> Problem:
    factor = round(float(rng.uniform(0.011, 0.24)), 4)
    fixed = fixed_point(factor, BITS)
    m, shift = int(fixed.multiplier[0]), BITS - int(fixed.shift[0])
    cut = int(factor * 2**shift)
    return Problem(
        f"A processor without floating point is to multiply by M = **{n(factor)}**. It multiplies by a whole number m of **{BITS} bits**, from {2 ** (BITS - 1)} "
        f"to {2**BITS - 1}, and shifts right by k: M ≈ m / 2^k. Which m and k come nearest?",
        (Asked("m", float(m), 0.3), Asked("k", float(shift), 0.3)),
        (
            "Double M until it lies between ½ and 1: that many shifts.",
            f"m is that number times 2^{BITS}, rounded.",
            f"M · 2^k must lie between {2 ** (BITS - 1)} and {2**BITS}.",
        ),
        f"{n(factor)} · 2^{shift} = {n(factor * 2**shift, 5)}, rounded **{m}**, with k = **{shift}**: {m} / {2**shift} = {n(m / 2**shift, 5)}.",
        {
            "not-normalised": (float(np.floor(factor * 2 ** (shift - 1) + 0.5)), float(shift - 1)),
            "truncated": (float(cut), float(shift)),
        },
    )


EXERCISE = Exercise("multiplier-and-shift", "A multiplier and a shift", "Integers", 325, make, "integer?room=rounding&source=small&bits=6")
