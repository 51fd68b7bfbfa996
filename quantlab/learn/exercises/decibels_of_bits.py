"""What some more bits are worth."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    before = int(rng.integers(5, 9))
    more = int(rng.integers(2, 7))
    db = float(20 * np.log10(2.0**more))
    return Problem(
        f"A signal fills its range, and the step is small against it. It is stored with **{before + more}** in place of {before} bits. By how many dB "
        "does its SQNR rise?",
        (Asked("Rise", db, 0.35, "dB"),),
        (
            f"The step becomes 2^{more} times smaller.",
            "The error's size with it; what about its power?",
            "10 · log10 of the ratio of powers.",
        ),
        f"The error is 2^{more} times smaller, its power 4^{more} times: 10 · log10(4^{more}) = {more} · 6.02 = **{n(db, 4)} dB**.",
        {"three-decibels": (db / 2,), "natural-logarithm": (float(20 * np.log(2.0**more)),)},
    )


EXERCISE = Exercise("decibels-of-bits", "What some more bits are worth", "Errors", 140, make, "tensor?source=uniform&bits=6")
