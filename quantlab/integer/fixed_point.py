"""Fixed-point multipliers: a positive factor M as a whole number of at most 31 bits and a shift.

    M = f·2^e,   1/2 <= f < 1        m = round(f·2^b),   2^(b-1) <= m < 2^b        M ~ m·2^(e - b)

A processor without floating point multiplies the int32 accumulator by m, keeps the upper half and shifts. With b = 31 the
relative error of m is at most 2^-31. Source: gemmlowp and TFLite (``QuantizeMultiplier``,
``SaturatingRoundingDoublingHighMul``, ``RoundingDivideByPOT``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WIDEST = 31  # bits of a multiplier: a positive int32
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
_LEAST_SHIFT = -31


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """Factors m·2^(shift - bits), one a channel. multiplier : int64 (C,), 0 or from 2^(bits-1) below 2^bits. shift : int64 (C,)."""

    multiplier: np.ndarray
    shift: np.ndarray
    bits: int = WIDEST

    @property
    def value(self) -> np.ndarray:
        """The factors that are multiplied by in truth, float64 (C,), exact."""
        return np.ldexp(self.multiplier.astype(np.float64), self.shift - self.bits)


def fixed_point(factor: np.ndarray | float, bits: int = WIDEST) -> FixedPoint:
    """Factors as multipliers of ``bits`` bits; ties of m go away from zero, a factor below 2^-31 becomes 0.

    factor : finite and not negative, any shape. bits : 1 to 31; with 1 bit every factor becomes a power of two.

    >>> fixed_point(0.0075).multiplier.tolist(), fixed_point(0.0075).shift.tolist()
    ([2061584302], [-7])
    >>> fixed_point(0.0075, bits=4).value.tolist()  # 15 / 16 * 2^-7
    [0.00732421875]
    """
    if not 1 <= bits <= WIDEST:
        raise ValueError(f"a multiplier has {bits} bits here; choose 1 to {WIDEST}")
    factors = np.atleast_1d(np.asarray(factor, np.float64))
    if not np.isfinite(factors).all() or (factors < 0).any():
        raise ValueError(f"the factor {factors[~np.isfinite(factors) | (factors < 0)][0]} has no multiplier; give finite ones from 0 up")
    fraction, exponent = np.frexp(factors)
    multiplier, shift = np.floor(np.ldexp(fraction, bits) + 0.5).astype(np.int64), exponent.astype(np.int64)
    full = multiplier == 1 << bits  # f rounded up to 1
    multiplier, shift = np.where(full, 1 << (bits - 1), multiplier), shift + full
    gone = shift < _LEAST_SHIFT
    return FixedPoint(np.where(gone, 0, multiplier), np.where(gone, 0, shift), bits)


def high_multiply(a: np.ndarray, b: np.ndarray, bits: int = WIDEST) -> np.ndarray:
    """round(a·b / 2^bits), ties towards plus infinity, saturated to int32: the saturating rounding doubling high multiply.

    a : int32 values as int64. b : multipliers, below 2^bits, or -2^31, whose square alone does not fit.

    >>> high_multiply(np.int64(1000), np.int64(2**30)).item(), high_multiply(np.int64(-2**31), np.int64(-2**31)).item()
    (500, 2147483647)
    """
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    return np.minimum((product + (1 << (bits - 1))) >> bits, INT32_MAX)


def rounding_shift(x: np.ndarray, exponent: np.ndarray | int) -> np.ndarray:
    """round(x / 2^exponent), ties away from zero. exponent : 0 to 31.

    >>> rounding_shift(np.array([5, 6, -6, -5]), 2).tolist()  # 1.25, 1.5, -1.5, -1.25
    [1, 2, -2, -1]
    """
    x, exponent = np.asarray(x, np.int64), np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)
