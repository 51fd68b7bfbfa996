"""Bits per value with scales."""

from __future__ import annotations

import numpy as np

from quantlab.grouping import per_group
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.quantizer import quantize
from quantlab.types import QuantSpec


def make(rng: np.random.Generator) -> Problem:
    bits, group, wide = int(rng.integers(2, 7)), int(rng.choice([16, 32, 64, 128])), str(rng.choice(["float32", "float16"]))
    spec = QuantSpec("int-symmetric", bits=bits, granularity=per_group(group), scales=wide)
    right = float(quantize(np.ones((1, 4 * group), np.float32), spec).bits_per_value)
    of_scale = 32 if wide == "float32" else 16
    return Problem(
        f"A tensor is stored in codes of **{bits} bits**; every group of **{group} values** has a scale of **{of_scale} bits**. How many bits does a "
        "value take in all?",
        (Asked("Bits per value", right, 0.004, "bits"),),
        ("How many values share one scale?", "What is a value's share of it?", "Code + scale / values in a group"),
        f"{bits} + {of_scale} / {group} = **{n(right)}**.",
        {"scale-forgotten": (float(bits),), "scale-for-each": (float(bits + of_scale),)},
    )


EXERCISE = Exercise("bits-per-value", "Bits per value with scales", "Sizes", 410, make, "tensor?granularity=group-64")
