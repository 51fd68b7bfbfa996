"""Right answers after quantization, from those lost and gained."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    count = int(rng.choice([200, 250, 400, 500]))
    right, lost, gained = int(rng.integers(int(0.7 * count), int(0.9 * count))), int(rng.integers(12, 40)), int(rng.integers(3, 12))
    after = 100 * (right - lost + gained) / count
    return Problem(
        f"Of {count} pictures the float model answers **{right}** correctly. Quantized, **{lost}** of these are answered wrongly, and **{gained}** "
        "that were wrong are right. What is Top-1 of the quantized model, in percent?",
        (Asked("Top-1", after, 0.05, "%"),),
        ("Begin with the right answers of the float model.", "Which go, and which come?", "Divide by all pictures."),
        f"{right} − {lost} + {gained} = {right - lost + gained} of {count}: **{n(after, 2)} %**.",
        {
            "gains-forgotten": (100 * (right - lost) / count,),
            "flips-for-losses": (100 * (count - lost - gained) / count,),
        },
    )


EXERCISE = Exercise("lost-and-gained", "Lost, gained, right", "Testing", 800, make, "bench?source=small&bits=4")
