"""The error's power with triangular dither."""

from __future__ import annotations

import numpy as np

from quantlab.audio.dithers import DITHERS
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    step = float(np.round(rng.uniform(0.5, 6.0), 1))
    right = DITHERS["tpdf"].error_variance * step**2
    return Problem(
        f"A sound is rounded to steps of **{n(step)}** after triangular dither, the sum of two even noises of one step each. What is the power of "
        "the whole error?",
        (Asked("Power", right, 0.01 * right),),
        ("Rounding alone has the power step² / 12.", "An even noise of one step has step² / 12 too.", "Powers of independent errors add."),
        f"One rounding and two noises: 3 · {n(step)}² / 12 = **{n(right, 4)}**.",
        {"rounding-alone": (step**2 / 12,), "dither-alone": (step**2 / 6,)},
    )


EXERCISE = Exercise("dithered-power", "The error's power with dither", "Errors", 160, make, "audio?dither=tpdf")
