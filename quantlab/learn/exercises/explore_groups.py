"""Weights under four and a half bits."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._judged import judge
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    decibels = float(rng.choice([16.0, 17.0, 18.0]))
    return Problem(
        f"Find a setting of the tensor lab that stores the *weights with outliers* in **at most 4.6 bits per value**, scales included, at an SQNR "
        f"**above {n(decibels)} dB**. Hand in its address.",
        (),
        (
            "One scale for the whole tensor has to reach the farthest outlier.",
            "Which values need to share a scale?",
            "Try groups, and look at the bits per value.",
        ),
        "Groups of 64 with 4-bit codes take 4.5 bits and spare all but the outliers' own groups; blocks such as NVFP4 do too.",
        judge=judge("tensor", (("bits_per_value", "<", 4.6), ("sqnr_db", ">", decibels)), {"source": "weights"}),
    )


EXERCISE = Exercise("explore-groups", "Weights under four and a half bits", "Explore", 610, make, "tensor")
