"""An accumulator brought to the codes of the next layer."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    weights, inputs = float(rng.choice([0.02, 0.04, 0.05])), float(rng.choice([0.1, 0.2, 0.25]))
    outputs, zero = float(rng.choice([0.1, 0.125, 0.4])), int(rng.integers(20, 60))
    factor = weights * inputs / outputs
    code = int(rng.integers(15, 80))
    total = round((code + rng.uniform(0.55, 0.85)) / factor)
    exact = total * factor
    right = float(np.rint(exact)) + zero
    return Problem(
        f"A layer's accumulator holds **{total}**. Its weights have the scale {n(weights)}, its inputs {n(inputs)}; its output is stored with the "
        f"scale {n(outputs)} and the zero point **{zero}**. Which code is stored?",
        (Asked("Code", right, 0.3),),
        (
            "The accumulator counts in steps of both scales' product.",
            f"{n(weights)} · {n(inputs)} / {n(outputs)} brings it to the output's steps.",
            "Round, then add the zero point.",
        ),
        f"{total} · {n(weights)} · {n(inputs)} / {n(outputs)} = {n(exact, 5)}, rounded {n(np.rint(exact))}; with the zero point **{n(right)}**.",
        {"truncated": (float(np.floor(exact)) + zero,), "zero-point-forgotten": (float(np.rint(exact)),)},
    )


EXERCISE = Exercise(
    "requantize", "From the accumulator to the next layer", "Integers", 320, make, "tensor?source=relu&scheme=int-asymmetric&bits=8"
)
