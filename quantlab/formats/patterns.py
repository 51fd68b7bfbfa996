"""Values as floats that hold them exactly, bit patterns as integers of the right width."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]


def as_float(x: ArrayLike) -> Array:
    """As float32 or float64, whichever holds x's dtype exactly."""
    x = np.asarray(x)
    if x.dtype.kind == "c":
        raise TypeError(f"{x.dtype} values have no nearest number here; cast .real and .imag one by one")
    exact = np.result_type(x.dtype, np.float32) == np.float32
    return x.astype(np.float32 if exact else np.float64, copy=False)


def uint(bits: int) -> type[np.unsignedinteger[Any]]:
    """The smallest unsigned type of so many bits."""
    return np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32


def patterns(bits: ArrayLike, width: int, slug: str) -> Array:
    """Bit patterns as int64; TypeError or ValueError where they are no integers of that width."""
    pattern = np.asarray(bits)
    if pattern.dtype.kind not in "ui":
        raise TypeError(f"bit patterns are integers, not {pattern.dtype}; encode() makes them from values")
    pattern = pattern.astype(np.int64)
    if pattern.size and (pattern.min() < 0 or pattern.max() >= 1 << width):
        bad = pattern.min() if pattern.min() < 0 else pattern.max()
        raise ValueError(f"{slug} has {width} bits, its patterns run from 0 to {(1 << width) - 1}, not to {bad}")
    return pattern
