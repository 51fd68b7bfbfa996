"""The smallest and the largest of many floats, NaN if one is: a search among integers.

    key(b) = b ^ ((b >> 31) & 0x7FFFFFFF)

of a float32's bits b, as an integer, grows with the float, with NaN beyond the infinities; and so for float64. Integers
compare without exceptions, so a processor compares many at once, which it cannot where a NaN must show.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, given, int32, int64, loop, void


@loop(*(void(given(t, 2), t, t, filled(t), filled(t)) for t in (int32, int64)))
def row_keys(bits: np.ndarray, shift: int, mask: int, low: np.ndarray, high: np.ndarray) -> None:
    """``low[g]`` and ``high[g]`` are the least and the largest key of bits[g]."""
    for g in range(bits.shape[0]):
        least = most = bits[g, 0] ^ ((bits[g, 0] >> shift) & mask)
        for n in range(bits.shape[1]):
            key = bits[g, n] ^ ((bits[g, n] >> shift) & mask)
            least = min(least, key)
            most = max(most, key)
        low[g], high[g] = least, most


def extremes(block: np.ndarray) -> np.ndarray:
    """The smallest and the largest value of each row of a block (G, N) of float32 or float64, float64 (2, G).

    Where neighbours in memory belong to different rows numpy is as fast: it compares whole rows of the memory.

    >>> extremes(np.array([[0.5, -2.0, 1.0], [3.0, np.nan, -np.inf]]))[1]
    array([ 1., nan])
    """
    if not block.flags.c_contiguous and abs(block.strides[0]) < abs(block.strides[1]):
        return np.stack((block.min(axis=1), block.max(axis=1))).astype(np.float64)
    kind = np.dtype(f"i{block.dtype.itemsize}")
    shift, mask = kind.type(8 * kind.itemsize - 1), kind.type(np.iinfo(kind).max)
    keys = np.empty((2, len(block)), kind)
    row_keys(np.ascontiguousarray(block).view(kind), shift, mask, *keys)
    with np.errstate(invalid="ignore"):  # of a signalling NaN, which becomes a quiet one
        ends = (keys ^ ((keys >> shift) & mask)).view(block.dtype).astype(np.float64)
    ends[:, np.isnan(ends).any(axis=0)] = np.nan  # a NaN with a sign lies below all, one without above
    return ends
