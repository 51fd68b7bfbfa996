"""A weight rounded under a channel's scale, as AWQ does it."""

from __future__ import annotations

import numpy as np

import quantlab as ql
from quantlab.language.awq import scaled
from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem

SPEC = ql.QuantSpec("int-symmetric", bits=3)


def make(rng: np.random.Generator) -> Problem:
    small, large = int(rng.integers(3, 12)), 30
    factor = 2
    weights = np.array([[small, large]], np.float32) / 10
    right = float(scaled(weights, SPEC, np.array([factor, 1.0]))[0, 0])
    plain = float(ql.fake_quantize(weights, SPEC)[0, 0])
    return Problem(
        f"A row has the weights **{listed(weights[0])}**, and codes of 3 bits from −3 to 3 with one scale, largest / 3. The first channel reads large "
        f"values, so AWQ multiplies its weight by **{factor}** before rounding and divides by it after. What becomes of the first weight?",
        (Asked("Weight", right, 1e-6),),
        ("The scale stays, since the second weight is still the largest.", "Round the scaled weight.", "Divide by the factor."),
        f"The scale is {n(large / 10)} / 3 = {n(large / 30)}; {n(weights[0, 0])} · {factor} = {n(weights[0, 0] * factor)} is rounded to {n(right * factor)}, "
        f"and {n(right * factor)} / {factor} = **{n(right)}**: the step is half as wide for this channel.",
        {"not-scaled": (plain,), "not-divided": (right * factor,)},
    )


EXERCISE = Exercise("scaled-channel", "A channel that AWQ scales", "Language", 670, make, "language?method=awq&bits=2")
