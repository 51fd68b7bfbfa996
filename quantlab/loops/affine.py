"""Affine integers, the default order of arithmetic, in one pass: codes, or the values they stand for.

    q = clip(rint(x / s) + z, qmin, qmax)         x_hat = s·(q - z)

in float32. ``rows`` have one scale and zero point each; ``columns`` of the memory have one each where neighbours in it
belong to different groups, as those of a matrix with a scale for each column do.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, given, int32, loop, void

Number = np.float32 | float  # numba's float32
_ROWS = void(given(float32, 2), given(float32), given(int32), float32, float32, filled(float32, 2))
_LARGEST = np.finfo(np.float32).max


@loop()
def _code(x: Number, s: Number, z: Number, qmin: Number, qmax: Number) -> Number:
    return min(max(np.rint(x / s) + z, qmin), qmax)


@loop()
def _value(q: Number, s: Number, z: Number) -> Number:
    return min(max((q - z) * s, -_LARGEST), _LARGEST)


@loop(_ROWS)
def row_codes(x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, qmin: float, qmax: float, out: np.ndarray) -> None:
    """``out[g, n]`` is the code of x[g, n], by scale[g]."""
    for g in range(x.shape[0]):
        s, z = scale[g], np.float32(zero_point[g])
        for n in range(x.shape[1]):
            out[g, n] = _code(x[g, n], s, z, qmin, qmax)


@loop(_ROWS)
def column_codes(x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, qmin: float, qmax: float, out: np.ndarray) -> None:
    """``out[n, g]`` is the code of x[n, g], by scale[g]."""
    for n in range(x.shape[0]):
        for g in range(x.shape[1]):
            out[n, g] = _code(x[n, g], scale[g], np.float32(zero_point[g]), qmin, qmax)


@loop(_ROWS)
def row_values(x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, qmin: float, qmax: float, out: np.ndarray) -> None:
    """``out[g, n]`` is the value of the code of x[g, n], by scale[g]."""
    for g in range(x.shape[0]):
        s, z = scale[g], np.float32(zero_point[g])
        for n in range(x.shape[1]):
            out[g, n] = _value(_code(x[g, n], s, z, qmin, qmax), s, z)


@loop(_ROWS)
def column_values(x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, qmin: float, qmax: float, out: np.ndarray) -> None:
    """``out[n, g]`` is the value of the code of x[n, g], by scale[g]."""
    for n in range(x.shape[0]):
        for g in range(x.shape[1]):
            z = np.float32(zero_point[g])
            out[n, g] = _value(_code(x[n, g], scale[g], z, qmin, qmax), scale[g], z)
