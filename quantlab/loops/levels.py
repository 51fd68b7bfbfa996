"""Values read back from a quantizer whose borders are known: the level of how many borders are not above each.

    key(v) = the leading bits of a float32, sign, exponent and eight of the mantissa, which grow with v
    guide[key] = how many borders have smaller keys

so the borders not above v lie between guide[key(v)] and guide[key(v) + 1]: a look-up, and a search among few.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, given, int32, loop, void

_SHIFT = 15  # bits that are left out
KEYS = 1 << (32 - _SHIFT)


@loop()
def _key(bits: int) -> int:
    """Of a float32's bits: from 0 to KEYS - 1, in the order of the values."""
    return ((bits ^ ((bits >> 31) & 0x7FFFFFFF)) >> _SHIFT) + KEYS // 2


@loop(void(given(float32), filled(int32)))
def fill_keys(borders: np.ndarray, guide: np.ndarray) -> None:
    """``guide`` (KEYS + 1,) of ascending borders (L - 1,), of which none is -0."""
    bits, done = borders.view(np.int32), 0
    for i in range(len(borders)):
        key = _key(bits[i])
        while done <= key:
            guide[done] = i
            done += 1
    guide[done:] = len(borders)


@loop(void(given(float32), given(float32), given(int32), given(float32), filled(float32)))
def read_levels(x: np.ndarray, borders: np.ndarray, guide: np.ndarray, levels: np.ndarray, out: np.ndarray) -> None:
    """``out[k]`` is the level of x[k]: levels (L,) in the order of the borders between them."""
    bits = x.view(np.int32)
    for k in range(len(x)):
        key = _key(bits[k])
        code, left = guide[key], guide[key + 1] - guide[key]
        while left > 1:  # as often for all of a key, whatever the values: no guess that fails
            half = left >> 1
            code += half * np.int32(borders[code + half - 1] <= x[k])
            left -= half
        if left:
            code += np.int32(borders[code] <= x[k])
        out[k] = levels[code]
