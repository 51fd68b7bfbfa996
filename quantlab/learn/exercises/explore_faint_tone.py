"""A tone smaller than half a step."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._judged import judge
from quantlab.learn.exercises.base import Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    bits = str(rng.choice([7, 8, 9]))
    return Problem(
        f"At {bits} bits the faint tone of the audio lab falls silent: most of the time the copy stands still. Find a setting at **{bits} bits** in "
        "which it stands still for **less than 1 %** of the time. Hand in its address.",
        (),
        (
            "The tone is smaller than half a step: rounding gives zero.",
            "What could carry it over the border?",
            "A little noise before rounding is called dither.",
        ),
        "Any dither carries the tone over the border now and then; triangular dither keeps the noise steady.",
        judge=judge("audio", (("stuck", "<", 0.01),), {"source": "faint", "bits": bits}),
    )


EXERCISE = Exercise("explore-faint-tone", "A tone smaller than half a step", "Explore", 620, make, "audio?source=faint")
