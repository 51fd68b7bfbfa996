"""Invertible maps of a tensor before quantization: forward, inverse, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Map = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Transform:
    """A map that was fitted to one tensor; its arrays keep their shape.

    forward, inverse : of each other, float32 for float32. bits : what a file keeps of it for the whole tensor.
    operations : additions, multiplications or look-ups a value that undoing it costs. orthogonal : whether lengths stay.
    """

    forward: Map
    inverse: Map
    bits: float
    operations: float
    orthogonal: bool

    def then(self, other: Transform) -> Transform:
        """This one first, then the other."""
        return Transform(
            lambda x: other.forward(self.forward(x)),
            lambda y: self.inverse(other.inverse(y)),
            self.bits + other.bits,
            self.operations + other.operations,
            self.orthogonal and other.orthogonal,
        )


NOTHING = Transform(lambda x: x, lambda y: y, 0.0, 0.0, True)


@dataclass(frozen=True)
class TransformRule:
    """How a transform is fitted: ``fit(x)`` -> ``Transform``; words, and whether it needs ``columns`` (two axes or more)."""

    slug: str
    title: str
    blurb: str
    source: str
    fit: Callable[[np.ndarray], Transform]
    columns: bool = True
    rank: int = 100


def within_float32(y: np.ndarray, like: np.ndarray) -> np.ndarray:
    """y in the type of ``like``; ValueError where it lies beyond float32's range."""
    largest = float(np.finfo(np.float32).max)
    if y.size and float(np.abs(y).max()) > largest:
        raise ValueError(
            f"transformed values reach {float(np.abs(y).max()):.3g}, beyond float32's {largest:.3g}; scale the tensor down first"
        )
    return y.astype(like.dtype, copy=False)
