"""Accumulators of few bits against ints that are wrapped, or held, one addition after another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantlab.integer.accumulate import OVERFLOWS, bits_needed, limits, saturate, wrap
from quantlab.integer.dot import dot_terms

PRODUCTS = st.lists(st.integers(-(127 * 255), 127 * 255), min_size=1, max_size=40)
WIDTHS = st.integers(8, 32)


@given(PRODUCTS, WIDTHS)
def test_wrapping_at_once_is_wrapping_at_every_addition(products, bits):
    total, modulus = 0, 1 << bits
    for product in products:
        total = (total + product + modulus // 2) % modulus - modulus // 2
    assert int(OVERFLOWS["wrap"][1]([np.array(p) for p in products], bits)) == total


@given(PRODUCTS, WIDTHS)
def test_saturating_holds_the_sum_at_every_addition(products, bits):
    (low, high), total = limits(bits), 0
    for product in products:
        total = min(max(total + product, low), high)
    assert int(saturate([np.array(p) for p in products], bits)) == total


@given(PRODUCTS)
def test_the_bound_of_magnitudes_is_enough_for_every_order(products):
    bits = bits_needed(sum(map(abs, products)))
    arrays = [np.array(p) for p in products]
    assert int(saturate(arrays, bits)) == int(saturate(arrays[::-1], bits)) == sum(products)


def test_16_bits_of_numpy_wrap_alike():
    sums = np.arange(-70_000, 70_000, 37)
    assert np.array_equal(wrap(sums, 16), sums.astype(np.int16))


def test_no_product_is_no_sum():
    with pytest.raises(ValueError, match="give at least one"):
        saturate([], 16)


@given(st.lists(st.tuples(st.integers(-128, 127), st.integers(0, 255)), min_size=1), st.integers(-128, 127), st.integers(0, 255))
def test_the_zero_point_terms_add_up_to_the_dot_product_of_the_differences(pairs, w_zero, x_zero):
    w, x = np.array(pairs).T
    assert dot_terms(w, x, w_zero, x_zero).total == sum((a - w_zero) * (b - x_zero) for a, b in pairs)
