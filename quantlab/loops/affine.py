"""Affine integers, the default order of arithmetic, in one pass: codes, or the values they stand for.

    q = clip(rint(x / s) + z, qmin, qmax)         x_hat = s·(q - z)

in float32. ``rows`` have one scale and zero point each; ``columns`` of the memory have one each where neighbours in it
belong to different groups, as those of a matrix with a scale for each column do.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, float64, given, int32, loop, void

Number = np.float32 | float  # numba's float32
_ROWS = void(given(float32, 2), given(float32), given(int32), float32, float32, filled(float32, 2))
_LARGEST = np.finfo(np.float32).max
_SMALLEST = np.finfo(np.float32).tiny  # below it 1/s would overflow


@loop(void(given(float64), float64, filled(float32)))
def steps(span: np.ndarray, count: float, out: np.ndarray) -> None:
    """``out[g]`` is span[g] / count: 1 where the span is 0, never subnormal, never so large that a level overflows."""
    for g in range(len(span)):
        s = np.float32(min(max(span[g] / count, np.float64(_SMALLEST)), np.float64(_LARGEST)))
        if s * count > 2 * np.float64(_LARGEST):
            s = np.nextafter(s, np.float32(0))
        out[g] = s if span[g] != 0 else np.float32(1)


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


_LANES = 16  # sums side by side, which a processor adds at once


@loop(void(given(float32, 2), given(float32), given(int32), float32, float32, filled(float64), filled(float64)))
def row_errors(
    x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, qmin: Number, qmax: Number, squared: np.ndarray, beyond: np.ndarray
) -> None:
    """``squared[g]`` is the sum of squares of x_hat - x over row g, ``beyond[g]`` that of what lies outside the first and the last level."""
    every, far = np.empty(_LANES, np.float32), np.empty(_LANES, np.float32)
    for g in range(x.shape[0]):
        s, z = scale[g], np.float32(zero_point[g])
        first, last = _value(qmin, s, z), _value(qmax, s, z)
        every[:], far[:] = 0, 0
        whole = x.shape[1] - x.shape[1] % _LANES
        for n in range(0, whole, _LANES):
            for k in range(_LANES):
                v = x[g, n + k]
                e, b = _value(_code(v, s, z, qmin, qmax), s, z) - v, v - min(max(v, first), last)
                every[k] += e * e
                far[k] += b * b
        for n in range(whole, x.shape[1]):
            v = x[g, n]
            e, b = _value(_code(v, s, z, qmin, qmax), s, z) - v, v - min(max(v, first), last)
            every[0] += e * e
            far[0] += b * b
        total, outside = 0.0, 0.0
        for k in range(_LANES):
            total += every[k]
            outside += far[k]
        squared[g], beyond[g] = total, outside
