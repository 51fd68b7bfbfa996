"""The scale that equalises a channel between two layers."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem

RANGES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def make(rng: np.random.Generator) -> Problem:
    while True:
        written, read = (float(value) for value in rng.choice(RANGES, 2, replace=False))
        scale, common = np.sqrt(written / read), np.sqrt(written * read)
        if float(scale * 4).is_integer() and float(common * 8).is_integer() and scale != 1:
            break
    return Problem(
        f"A channel's largest weight is **{n(written)}** in the layer that writes it and **{n(read)}** in the layer that reads it; a ReLU stands between. "
        "The writing layer's weights are divided by s and the reading layer's multiplied by it. Which s gives both the same range, and which range is that?",
        (Asked("s", float(scale), 1e-6), Asked("Range", float(common), 1e-6)),
        (
            f"After it the ranges are {n(written)} / s and {n(read)} · s.",
            "Set them equal: s² is a ratio of the two ranges.",
            "The common range is the root of their product.",
        ),
        f"{n(written)} / s = {n(read)} · s, so s = √({n(written)} / {n(read)}) = **{n(scale)}**, and both have the range √({n(written)} · {n(read)}) = **{n(common)}**.",
        {"other-direction": (float(1 / scale), float(common)), "root-of-product": (float(common), float(scale))},
    )


EXERCISE = Exercise("equalise-channels", "One range on both sides", "Repair", 710, make, "repair?room=channels&bits=3")
