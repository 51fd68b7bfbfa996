"""A picture of few bits that looks good from afar."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._judged import judge
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    decibels = float(rng.choice([27.0, 28.0, 29.0]))
    return Problem(
        f"Find a setting of the image lab at **2 bits** a channel in which the *astronaut* has a PSNR from afar **above {n(decibels)} dB**, in RGB. Hand in "
        "its address.",
        (),
        ("Without dither, bands stay bands from any distance.", "An eye far away blurs pixels together.", "Compare the dithers."),
        "Error diffusion puts the error where the eye blurs it away.",
        judge=judge("image", (("psnr_afar_db", ">", decibels),), {"source": "astronaut", "bits": "2", "what": "rgb"}),
    )


EXERCISE = Exercise("explore-from-afar", "Few values, seen from afar", "Explore", 630, make, "image?dither=none&bits=2")
