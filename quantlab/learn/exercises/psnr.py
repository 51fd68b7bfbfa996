"""PSNR of a picture of eight bits."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    mse = float(np.round(rng.uniform(2, 400), 0))
    db = float(10 * np.log10(255.0**2 / mse))
    return Problem(
        f"A picture of 8 bits a channel has a mean square error of **{n(mse)}**. What is its PSNR in dB?",
        (Asked("PSNR", db, 0.15, "dB"),),
        ("The peak of 8 bits is 255.", "Powers are compared: square the peak.", "10 · log10(255² / MSE)"),
        f"10 · log10(255² / {n(mse)}) = **{n(db, 4)} dB**.",
        {"peak-not-squared": (float(10 * np.log10(255.0 / mse)),), "twenty-logs": (2 * db,)},
    )


EXERCISE = Exercise("psnr", "PSNR of a picture", "Errors", 150, make, "image?bits=4&dither=none")
