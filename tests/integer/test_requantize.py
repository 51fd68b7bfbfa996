"""Requantization against exact fractions, and against each other where they may not differ.

Expected numbers: ``fractions.Fraction`` of the scales as stored; TFLite's MultiplyByQuantizedMultiplier written with big integers.
"""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantlab.integer.fixed_point import fixed_point
from quantlab.integer.requantize import REQUANTIZERS, Grid, border_distance, nearest
from tests.integer.test_fixed_point import gemmlowp_high_multiply, half_away

GRID = Grid(float(np.float32(0.0375)), 3, 0, 255)
ACCUMULATORS = np.random.default_rng(0).integers(-40_000, 40_000, 20_000)
SCALE = np.array([float(np.float32(0.0123)) * float(np.float32(0.0071))])
SHIFT = -int(fixed_point(float(SCALE[0]) / GRID.scale).shift[0])
NEAREST = {"float": 2**-16, "twice": 2.0 ** -(SHIFT + 1), "once": 2**-20}  # how near to a border a way may err, in codes


def exact(acc: int) -> Fraction:
    return Fraction(acc) * Fraction(float(SCALE[0])) / Fraction(GRID.scale)


@pytest.mark.parametrize("slug", NEAREST)
def test_a_way_differs_from_exact_rounding_by_one_code_and_only_at_borders(slug):
    codes = REQUANTIZERS[slug](ACCUMULATORS, SCALE, GRID)
    right = nearest(ACCUMULATORS, SCALE, GRID)
    off = codes != right
    assert np.abs(codes - right).max() <= 1
    assert (border_distance(ACCUMULATORS, SCALE, GRID)[off] <= NEAREST[slug]).all()


def test_every_way_but_cutting_off_is_bounded_above():
    assert NEAREST.keys() == REQUANTIZERS.keys() - {"cut"}


@given(st.integers(-(2**24), 2**24))
def test_the_nearest_is_that_of_fractions(acc):
    place = exact(acc)
    low = floor(place)
    even = low + (place - low > Fraction(1, 2) or (place - low == Fraction(1, 2) and low % 2))
    assert int(nearest(np.array([acc]), SCALE, GRID)[0]) == min(max(even + GRID.zero_point, 0), 255)


@given(st.integers(-(2**31), 2**31 - 1), st.floats(1e-7, 4.0))
def test_two_roundings_are_tflites(acc, factor):
    fixed = fixed_point(factor)
    m, shift = int(fixed.multiplier[0]), int(fixed.shift[0])
    left = min(max(acc << max(shift, 0), -(2**31)), 2**31 - 1)
    right = half_away(Fraction(gemmlowp_high_multiply(left, m), 1 << max(-shift, 0)))
    wide = Grid(1.0, 0, -(2**31), 2**31 - 1)
    assert int(REQUANTIZERS["twice"](np.array([acc]), np.array([factor]), wide)[0]) == right


@given(st.integers(-(2**31), 2**31 - 1), st.floats(1e-7, 0.9), st.integers(1, 31))
def test_one_rounding_and_cutting_off_are_floors_of_the_whole_product(acc, factor, bits):
    real = Fraction(acc) * Fraction(float(fixed_point(factor, bits).value[0]))
    wide = Grid(1.0, 0, -(2**31), 2**31 - 1)
    once, cut = (int(REQUANTIZERS[slug](np.array([acc]), np.array([factor]), wide, bits)[0]) for slug in ("once", "cut"))
    assert (once, cut) == (floor(real + Fraction(1, 2)), floor(real))


def test_cutting_off_differs_in_about_half_of_the_codes():
    inside = (nearest(ACCUMULATORS, SCALE, GRID) > 0) & (nearest(ACCUMULATORS, SCALE, GRID) < 255)
    off = REQUANTIZERS["cut"](ACCUMULATORS, SCALE, GRID)[inside] != nearest(ACCUMULATORS, SCALE, GRID)[inside]
    assert 0.4 < off.mean() < 0.6


@pytest.mark.parametrize("slug", REQUANTIZERS)
def test_what_lies_beyond_the_grid_goes_to_its_ends(slug):
    codes = REQUANTIZERS[slug](np.array([-(2**31), 2**31 - 1]), SCALE, GRID)
    assert codes.tolist() == [0, 255]
