"""Scale and zero point of a range."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    return float(np.round(-rng.uniform(0.3, 2), 2)), float(np.round(rng.uniform(2.2, 6), 2)), int(rng.integers(3, 9))


def right(low: float, high: float, bits: int) -> tuple[float, int]:
    scale = (high - low) / (2**bits - 1)
    return scale, round(-low / scale)


PROGRAM = Program(
    "scale-and-zero-point",
    "Scale and zero point of a range",
    30,
    "Write qparams(low, high, bits): scale and zero point of an affine grid with the codes 0 to 2**bits - 1, whose ends\n"
    "are low (below zero) and high (above it). The zero point is the code of 0.0, a whole number.",
    'def qparams(low, high, bits):\n    """(scale, zero_point)."""\n    raise NotImplementedError\n',
    "qparams",
    right,
    arguments,
    {
        "levels-for-steps": lambda low, high, bits: ((high - low) / 2**bits, round(-low / ((high - low) / 2**bits))),
        "middle": lambda low, high, bits: (right(low, high, bits)[0], 2 ** (bits - 1)),
        "sign-of-zero-point": lambda low, high, bits: (right(low, high, bits)[0], -right(low, high, bits)[1]),
    },
)
