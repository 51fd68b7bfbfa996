"""The scale of a symmetric grid."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.quantizer import quantize
from quantlab.types import QuantSpec


def make(rng: np.random.Generator) -> Problem:
    bits = int(rng.integers(3, 9))
    values = np.round(rng.uniform(-4, 4, 4), 1).astype(np.float32)
    values[0] = np.float32(rng.choice([-1, 1]) * np.round(rng.uniform(4.1, 9.9), 1))
    top, most = 2 ** (bits - 1) - 1, float(np.abs(values).max())
    scale = float(quantize(values, QuantSpec("int-symmetric", bits=bits)).qparams.scale[0])
    return Problem(
        f"A tensor has the values {listed(np.round(values.astype(float), 1))}. A symmetric grid of **{bits} bits** reaches to the largest magnitude, "
        "with as many codes above zero as below. What is its scale?",
        (Asked("Scale", scale, 0.005 * scale),),
        (
            "Which value reaches farthest from zero?",
            f"How many codes lie above zero with {bits} bits, if as many lie below?",
            "The scale is the largest magnitude over the largest code.",
        ),
        f"The largest magnitude is {n(most, 4)}, the largest code 2^{bits - 1} − 1 = {top}: the scale is {n(most, 4)} / {top} = **{n(scale, 4)}**.",
        {
            "unsigned-range": (most / (2**bits - 1),),
            "levels-for-steps": (most / 2 ** (bits - 1),),
            "inverted": (top / most,),
        },
    )


EXERCISE = Exercise("scale-symmetric", "The scale of a symmetric grid", "Scale and zero point", 10, make, "tensor?source=normal&bits=4")
