"""The price of a codebook."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.quantizer import quantize
from quantlab.types import QuantSpec


def make(rng: np.random.Generator) -> Problem:
    bits, count = int(rng.integers(3, 7)), int(rng.choice([512, 1024, 2048, 4096]))
    x = rng.standard_normal(count).astype(np.float32)
    right = float(quantize(x, QuantSpec("kmeans", bits=bits, method="lloyd")).bits_per_value)
    return Problem(
        f"**{count} values** are stored as codes of **{bits} bits** of a k-means codebook, whose {2**bits} levels are kept as float32. How many bits does "
        "a value take in all?",
        (Asked("Bits per value", right, 0.02, "bits"),),
        ("The codes are not all that is stored.", f"The codebook has {2**bits} levels of 32 bits.", "Spread it over all values."),
        f"{bits} + {2**bits} · 32 / {count} = **{n(right, 4)}**.",
        {"codebook-forgotten": (float(bits),), "bits-for-bytes": (bits + 2**bits * 4 / count,)},
    )


EXERCISE = Exercise("codebook-bits", "The price of a codebook", "Sizes", 430, make, "tensor?scheme=kmeans&method=lloyd&bits=4")
