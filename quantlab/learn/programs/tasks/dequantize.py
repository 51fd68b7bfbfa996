"""Values of an affine grid's codes."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    return rng.integers(0, 16, 6), float(rng.choice([0.1, 0.25, 0.5])), int(rng.integers(1, 12))


def right(codes: np.ndarray, scale: float, zero_point: int) -> np.ndarray:
    return (codes - zero_point) * scale


PROGRAM = Program(
    "dequantize",
    "Values of an affine grid",
    20,
    "Write dequantize(codes, scale, zero_point): the values that the codes of an affine grid stand for.",
    'def dequantize(codes, scale, zero_point):\n    """The values, of the shape of codes."""\n    raise NotImplementedError\n',
    "dequantize",
    right,
    arguments,
    {
        "zero-point-forgotten": lambda codes, scale, zero_point: codes * scale,
        "inverted": lambda codes, scale, zero_point: (codes - zero_point) / scale,
    },
)
