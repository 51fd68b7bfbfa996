"""A layer's own error and the one that it inherits."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    exact = float(np.round(rng.uniform(1, 5), 2))
    alone = float(np.round(exact + rng.choice([-1, 1]) * rng.uniform(0.05, 0.4), 2))
    seen = float(np.round(alone + rng.choice([-1, 1]) * rng.uniform(0.5, 1.2), 2))
    own, inherited = alone - exact, seen - alone
    return Problem(
        f"A layer gives **{n(exact)}** in float. Quantized, and fed with the float model's own input, it gives **{n(alone)}**; inside the quantized "
        f"model it gives **{n(seen)}**. How large are its own error and the inherited one, with their signs?",
        (Asked("Own", own, 0.005), Asked("Inherited", inherited, 0.005)),
        (
            "Its own error is there even where its input is exact.",
            "Inherited is what changes when the input is the quantized model's.",
            "Both add up to the whole error.",
        ),
        f"Own: {n(alone)} − {n(exact)} = **{n(own, 2)}**; inherited: {n(seen)} − {n(alone)} = **{n(inherited, 2)}**.",
        {"parts-swapped": (inherited, own), "whole-inherited": (own, seen - exact)},
    )


EXERCISE = Exercise("own-and-inherited", "Its own error, or an inherited one", "Testing", 815, make, "bench?source=small&bits=4")
