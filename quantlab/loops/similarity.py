"""Structural similarity of every pixel, by means over 7 × 7 pixels (Wang et al. 2004, doi:10.1109/TIP.2003.819861).

    S = (2 m_x m_y + C1) (2 v_xy + C2) / ((m_x² + m_y² + C1) (v_x + v_y + C2))        C1 = (.01 · 255)², C2 = (.03 · 255)²

with means m, and covariances v of 49 values as unbiased estimates. Arithmetic is scikit-image's on float32: means down the columns,
then along the rows, each by a running sum in float64 and rounded once; beyond an edge the picture is reflected. What is never kept
are the ten pictures between: a row is finished while its sums are at hand.
"""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import filled, float32, given, loop, uint8, void

WIDTH = 7
HALF = WIDTH // 2
Number = np.float32 | float  # numba's float32
_UNBIASED = np.float32(WIDTH**2 / (WIDTH**2 - 1))
_C1, _C2 = np.float32((0.01 * 255) ** 2), np.float32((0.03 * 255) ** 2)


@loop()
def _reflected(i: int, length: int) -> int:
    """The index of a line of at least 7 that lies at i, up to 3 beyond its ends: d c b a | a b c d | d c b a."""
    return -i - 1 if i < 0 else 2 * length - 1 - i if i >= length else i


@loop()
def _add_row(a: np.ndarray, b: np.ndarray, y: int, sign: int, sums: np.ndarray) -> None:
    """Add row y of a, b, a², b², ab to the sums (5, K) down each of K columns, or take it off."""
    y = _reflected(y, len(a))
    for k in range(a.shape[1]):
        p, q = sign * np.float64(a[y, k]), np.float64(b[y, k])
        sums[0, k] += p
        sums[1, k] += sign * q
        sums[2, k] += p * a[y, k]
        sums[3, k] += sign * q * q
        sums[4, k] += p * q


@loop()
def _similarity(ma: Number, mb: Number, maa: Number, mbb: Number, mab: Number) -> Number:
    va, vb, vab = _UNBIASED * (maa - ma * ma), _UNBIASED * (mbb - mb * mb), _UNBIASED * (mab - ma * mb)
    above = (np.float32(2) * ma * mb + _C1) * (np.float32(2) * vab + _C2)
    return above / ((ma * ma + mb * mb + _C1) * (va + vb + _C2))


@loop(void(given(uint8, 2), given(uint8, 2), filled(float32, 3)))
def similarities(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """``out`` (H, W, C) from pictures (H, W · C), both sides at least 7 pixels."""
    height, width, channels = out.shape
    sums, down, mean = np.zeros((5, width * channels)), np.empty((5, width * channels), np.float32), np.empty(5, np.float32)
    along = np.empty(5)
    for y in range(-HALF, HALF):
        _add_row(a, b, y, 1, sums)
    for y in range(height):
        _add_row(a, b, y + HALF, 1, sums)
        for i in range(5):
            for k in range(width * channels):
                down[i, k] = sums[i, k] / WIDTH
        _add_row(a, b, y - HALF, -1, sums)
        for c in range(channels):
            for i in range(5):
                along[i] = 0.0
            for x in range(-2 * HALF, width):
                enters, leaves = _reflected(x + HALF, width) * channels + c, _reflected(x - HALF - 1, width) * channels + c
                for i in range(5):
                    along[i] += np.float64(down[i, enters]) - np.float64(down[i, leaves] if x > 0 else 0)
                    mean[i] = along[i] / WIDTH
                if x >= 0:
                    out[y, x, c] = _similarity(mean[0], mean[1], mean[2], mean[3], mean[4])
