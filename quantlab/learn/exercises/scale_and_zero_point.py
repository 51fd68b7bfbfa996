"""Scale and zero point of an affine grid."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.quantizer import quantize
from quantlab.types import QuantSpec


def make(rng: np.random.Generator) -> Problem:
    bits = int(rng.choice([4, 8]))
    steps = 2**bits - 1
    step, zero = float(rng.choice([0.1, 0.2, 0.25, 0.5])), int(rng.integers(1, steps - 1))
    low, high = -zero * step, (steps - zero) * step
    qparams = quantize(np.array([low, 0.0, high], np.float32), QuantSpec("int-asymmetric", bits=bits)).qparams
    scale, point = float(qparams.scale[0]), float(qparams.zero_point[0])
    return Problem(
        f"Values reach from **{n(low)}** to **{n(high)}**. An affine grid of **{bits} bits** has the codes 0 to {steps}; its first level is the "
        "lowest value, its last one the highest. What are its scale and its zero point?",
        (Asked("Scale", scale, 0.005 * scale), Asked("Zero point", point, 0.4)),
        (
            "How many steps lie between the first and the last code?",
            "The scale is the span over the number of steps.",
            "The zero point is the code of 0.0: how many steps is it above the lowest value?",
        ),
        f"The span {n(high - low)} has {steps} steps: the scale is **{n(scale, 4)}**. Zero lies {n(-low)} / {n(scale, 4)} = **{n(point)}** steps above the lowest value.",
        {
            "levels-for-steps": ((high - low) / 2**bits, point),
            "one-side": (max(-low, high) / steps, point),
            "middle": (scale, 2.0 ** (bits - 1)),
            "sign-of-zero-point": (scale, -point),
        },
    )


EXERCISE = Exercise(
    "scale-and-zero-point",
    "Scale and zero point of an affine grid",
    "Scale and zero point",
    20,
    make,
    "tensor?source=relu&scheme=int-asymmetric",
)
