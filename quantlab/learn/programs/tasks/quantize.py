"""Codes of a symmetric grid."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    bits = int(rng.integers(2, 9))
    scale = float(rng.choice([0.25, 0.5, 1.0, 2.0]))
    reach = scale * 2 ** (bits - 1) * 1.3
    return rng.choice(np.round(rng.uniform(-reach, reach, 6) / (scale / 2)) * (scale / 2), 6), scale, bits


def right(x: np.ndarray, scale: float, bits: int) -> np.ndarray:
    top = 2 ** (bits - 1) - 1
    return np.clip(np.rint(x / scale), -top, top)


def _truncated(x: np.ndarray, scale: float, bits: int) -> np.ndarray:
    top = 2 ** (bits - 1) - 1
    return np.clip(np.trunc(x / scale), -top, top)


def _not_clipped(x: np.ndarray, scale: float, bits: int) -> np.ndarray:
    return np.rint(x / scale)


def _inverted(x: np.ndarray, scale: float, bits: int) -> np.ndarray:
    return right(x, 1 / scale, bits)


PROGRAM = Program(
    "quantize",
    "Codes of a symmetric grid",
    10,
    "Write quantize(x, scale, bits): the codes of an array on a symmetric grid that leaves the lowest code unused.\n"
    "Round to the nearest whole number, ties to even, and clip to the grid's ends.",
    'def quantize(x, scale, bits):\n    """Codes from -(2**(bits - 1) - 1) to 2**(bits - 1) - 1, of the shape of x."""\n    raise NotImplementedError\n',
    "quantize",
    right,
    arguments,
    {"truncated": _truncated, "not-clipped": _not_clipped, "inverted": _inverted},
)
