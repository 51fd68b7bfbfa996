"""A dot product in integers."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    return rng.integers(-127, 128, 300).astype(np.int8), rng.integers(0, 256, 300).astype(np.uint8), int(rng.integers(90, 150))


def right(weights: np.ndarray, inputs: np.ndarray, zero_point: int) -> int:
    return int(weights.astype(np.int64) @ (inputs.astype(np.int64) - zero_point))


PROGRAM = Program(
    "integer-dot",
    "A dot product in integers",
    50,
    "Write dot(weights, inputs, zero_point): what an accumulator of 32 bits holds for the dot product of symmetric weights\n"
    "(int8 codes) with affine inputs (uint8 codes and their zero point). The arrays have the types of their codes: 8 bits\nare too few for a product.",
    'def dot(weights, inputs, zero_point):\n    """A whole number."""\n    raise NotImplementedError\n',
    "dot",
    right,
    arguments,
    {
        "zero-point-forgotten": lambda w, x, z: int(w.astype(np.int64) @ x.astype(np.int64)),
        "zero-point-once": lambda w, x, z: int(w.astype(np.int64) @ x.astype(np.int64)) - z,
        "accumulator-of-8-bits": lambda w, x, z: int(w @ (x - np.uint8(z)).astype(np.int8)),
    },
)
