"""Accumulators of few bits: sums that wrap around, or saturate at every addition.

    wrap       ((S + 2^(b-1)) mod 2^b) - 2^(b-1)                     of the whole sum: the order of adding changes nothing
    saturate   S_k = clip(S_(k-1) + p_k, -2^(b-1), 2^(b-1) - 1)      at every step: the order changes the result

A dot product of K codes never needs more than ``bits_needed(sum of |w| times the largest |x - z|)`` bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

import numpy as np


def limits(bits: int) -> tuple[int, int]:
    """The smallest and the largest number of so many bits in two's complement.

    >>> limits(16)
    (-32768, 32767)
    """
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def bits_needed(magnitude: int) -> int:
    """The fewest bits of an accumulator that holds every number from -magnitude to magnitude.

    >>> bits_needed(127), bits_needed(128), bits_needed(9 * 127 * 255)
    (8, 9, 20)
    """
    return int(magnitude).bit_length() + 1


def wrap(sums: np.ndarray, bits: int) -> np.ndarray:
    """Whole sums as an accumulator of so many bits holds them once they have wrapped around.

    >>> wrap(np.array([127, 128, -129]), 8).tolist()
    [127, -128, 127]
    """
    low, _ = limits(bits)
    return ((np.asarray(sums, np.int64) - low) & ((1 << bits) - 1)) + low


def saturate(products: Iterable[np.ndarray], bits: int) -> np.ndarray:
    """The sum of products (arrays of one shape, one after another), held within the limits at every addition.

    >>> saturate([np.array(100), np.array(100), np.array(-100)], 8).item()  # 127 - 100
    27
    """
    low, high = limits(bits)
    total: np.ndarray | None = None
    for product in products:
        if total is None:
            total = np.array(product, np.int64 if bits > 30 else np.int32)  # of its own, and wide enough for one addition more
        else:
            total += product
        np.clip(total, low, high, out=total)
    if total is None:
        raise ValueError("there are no products to add; give at least one")
    return total


def wrapped(products: Iterable[np.ndarray], bits: int) -> np.ndarray:
    """The sum of products, wrapped around once: it is the same as at every addition."""
    return wrap(reduce(np.add, (np.asarray(product, np.int64) for product in products)), bits)


OVERFLOWS: dict[str, tuple[str, Callable[[Iterable[np.ndarray], int], np.ndarray]]] = {
    "wrap": ("wraps around", wrapped),
    "saturate": ("saturates", saturate),
}
