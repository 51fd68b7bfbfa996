"""What codes stand for."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.quantizer import dequantize, quantize
from quantlab.types import QuantSpec


def make(rng: np.random.Generator) -> Problem:
    scale, zero = float(rng.choice([0.1, 0.2, 0.5])), int(rng.integers(2, 13))
    x = scale * (np.arange(16) - zero)
    q = quantize(x.astype(np.float32), QuantSpec("int-asymmetric", bits=4))
    codes = np.sort(rng.choice([c for c in range(16) if c != zero], 3, replace=False))
    values = [float(dequantize(q)[c]) for c in codes]
    return Problem(
        f"An affine grid has the scale **{n(scale)}** and the zero point **{zero}**. Which values do the codes {listed(codes)} stand for?",
        tuple(Asked(f"Value of {c}", v, 0.02 * scale) for c, v in zip(codes, values, strict=True)),
        (
            "The code of 0.0 is the zero point.",
            "How many steps is each code away from the zero point?",
            "value = scale · (code − zero point)",
        ),
        f"{n(scale)} · (code − {zero}): **{listed(np.round(values, 4))}**.",
        {"zero-point-forgotten": tuple(scale * float(c) for c in codes)},
    )


EXERCISE = Exercise(
    "dequantize-affine", "What codes stand for", "Scale and zero point", 40, make, "tensor?source=normal&scheme=int-asymmetric&bits=4"
)
