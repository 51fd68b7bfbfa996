"""SQNR from two powers."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    signal, error = float(np.round(rng.uniform(0.5, 9.5), 1)), float(np.round(rng.uniform(0.001, 0.09), 3))
    db = float(10 * np.log10(signal / error))
    return Problem(
        f"The mean square of a signal is **{n(signal)}**, that of its quantization error **{n(error)}**. What is the SQNR in dB?",
        (Asked("SQNR", db, 0.15, "dB"),),
        ("These are powers: squares already.", "How many times larger is the signal's power?", "10 · log10 of that ratio."),
        f"10 · log10({n(signal)} / {n(error)}) = 10 · log10({n(signal / error, 4)}) = **{n(db, 4)} dB**.",
        {"twenty-logs": (2 * db,), "natural-logarithm": (float(10 * np.log(signal / error)),)},
    )


EXERCISE = Exercise("decibels-of-a-ratio", "SQNR from two powers", "Errors", 130, make, "tensor?source=normal&bits=6")
