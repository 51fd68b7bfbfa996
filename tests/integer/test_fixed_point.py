"""Multipliers and shifts against big integers and fractions, which round by definition.

Expected numbers: Python's integers, which have no limit, and ``fractions.Fraction``; the definitions are those of gemmlowp's
fixedpoint.h (SaturatingRoundingDoublingHighMul, RoundingDivideByPOT) and TFLite's quantization_util.cc (QuantizeMultiplier).
"""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantlab.integer.fixed_point import fixed_point, high_multiply, rounding_shift

INT32 = st.integers(-(2**31), 2**31 - 1)
FACTORS = st.floats(1e-9, 1e6)


def trunc_div(a: int, b: int) -> int:
    """Division as C++ does it, towards zero."""
    return abs(a) // b * (1 if a >= 0 else -1)


def gemmlowp_high_multiply(a: int, b: int) -> int:
    if a == b == -(2**31):
        return 2**31 - 1
    product = a * b
    nudge = 1 << 30 if product >= 0 else 1 - (1 << 30)
    return trunc_div(product + nudge, 1 << 31)


def half_away(x: Fraction) -> int:
    return floor(abs(x) + Fraction(1, 2)) * (1 if x >= 0 else -1)


@given(INT32, INT32)
def test_the_high_multiply_is_gemmlowps_to_the_last_bit(a, b):
    assert int(high_multiply(np.int64(a), np.int64(b))) == gemmlowp_high_multiply(a, b)


@given(INT32, st.integers(0, 31))
def test_the_shift_rounds_half_away_from_zero(x, exponent):
    assert int(rounding_shift(np.int64(x), exponent)) == half_away(Fraction(x, 1 << exponent))


@given(FACTORS, st.integers(1, 31))
def test_a_multiplier_is_the_nearest_of_its_width(factor, bits):
    fixed = fixed_point(factor, bits)
    m, shift = int(fixed.multiplier[0]), int(fixed.shift[0])
    assert 1 << (bits - 1) <= m < 1 << bits
    exact, step = Fraction(factor), Fraction(2) ** (shift - bits)
    assert abs(m * step - exact) <= step / 2
    assert Fraction(float(fixed.value[0])) == m * step


@given(FACTORS)
def test_31_bits_are_those_of_tflite(factor):
    mantissa, shift = np.frexp(factor)
    m = half_away(Fraction(float(mantissa)) * 2**31)
    m, shift = (m // 2, shift + 1) if m == 2**31 else (m, shift)
    fixed = fixed_point(factor)
    assert (int(fixed.multiplier[0]), int(fixed.shift[0])) == (m, shift)


def test_a_factor_that_rounds_up_to_a_power_of_two_becomes_one():
    fixed = fixed_point(1 - 2**-40)
    assert fixed.multiplier.tolist() == [2**30] and fixed.shift.tolist() == [1] and fixed.value.tolist() == [1.0]


def test_a_factor_too_small_for_the_shift_is_zero():
    assert fixed_point(2.0**-40).value.tolist() == [0.0]


@pytest.mark.parametrize("factor", [-1.0, np.nan, np.inf])
def test_a_factor_that_has_no_multiplier_is_refused(factor):
    with pytest.raises(ValueError, match="give finite ones from 0 up"):
        fixed_point(factor)


@pytest.mark.parametrize("bits", [0, 32])
def test_a_multiplier_has_1_to_31_bits(bits):
    with pytest.raises(ValueError, match="choose 1 to 31"):
        fixed_point(0.5, bits)
