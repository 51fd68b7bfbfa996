"""The smallest and the largest of many floats, NaN if one is: a search among integers.

    key(b) = b ^ ((b >> 31) & 0x7FFFFFFF)

of a float32's bits b, as an integer, grows with the float, with NaN beyond the infinities; and so for float64. Integers
compare without exceptions, so a processor compares many at once, which it cannot where a NaN must show.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, float64, given, int32, int64, loop, void


@loop(*(void(given(t, 2), t, t, filled(t), filled(f), filled(float64, 2)) for t, f in ((int32, float32), (int64, float64))))
def row_extremes(bits: np.ndarray, shift: int, mask: int, two: np.ndarray, floats: np.ndarray, ends: np.ndarray) -> None:
    """``ends[:, g]`` are the smallest and the largest float of bits[g]; ``two`` are bits of the same memory as ``floats``."""
    for g in range(bits.shape[0]):
        least = most = bits[g, 0] ^ ((bits[g, 0] >> shift) & mask)
        for n in range(bits.shape[1]):
            key = bits[g, n] ^ ((bits[g, n] >> shift) & mask)
            least = min(least, key)
            most = max(most, key)
        two[0], two[1] = least ^ ((least >> shift) & mask), most ^ ((most >> shift) & mask)
        nan = 0.0 * floats[0] + 0.0 * floats[1]  # with a sign it lies below all, without above; infinity times 0 is one too
        nan = nan if floats[0] != floats[0] or floats[1] != floats[1] else 0.0
        ends[0, g], ends[1, g] = floats[0] + nan, floats[1] + nan  # of 0 and -0, 0


def extremes(block: np.ndarray) -> np.ndarray:
    """The smallest and the largest value of each row of a block (G, N) of float32 or float64, float64 (2, G).

    Where neighbours in memory belong to different rows numpy is as fast: it compares whole rows of the memory.

    >>> extremes(np.array([[0.5, -2.0, 1.0], [3.0, np.nan, -np.inf]]))[1]
    array([ 1., nan])
    """
    if not block.flags.c_contiguous and abs(block.strides[0]) < abs(block.strides[1]):
        return np.stack((block.min(axis=1), block.max(axis=1))).astype(np.float64) + 0.0
    kind = np.dtype(f"i{block.dtype.itemsize}")
    two, ends = np.empty(2, kind), np.empty((2, len(block)))
    shift, mask = kind.type(8 * kind.itemsize - 1), kind.type(np.iinfo(kind).max)
    row_extremes(np.ascontiguousarray(block).view(kind), shift, mask, two, two.view(block.dtype), ends)
    return ends
