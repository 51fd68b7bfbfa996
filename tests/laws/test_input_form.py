"""Does only the value count, not its type or place in memory, and is what has no value refused?"""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantlab as ql

from .registry import bits_of, draw_case, each_scheme, every
from .strategies import as_float32


@every
@given(data=st.data())
def test_memory_layout_does_not_change_the_result(slug, rounding, data):
    case = draw_case(data, slug, rounding)
    native = case.x.astype(case.x.dtype.newbyteorder("="))
    expected = bits_of(ql.fake_quantize(np.ascontiguousarray(native), case.spec))
    assert np.array_equal(bits_of(ql.fake_quantize(case.x, case.spec)), expected)
    assert np.array_equal(bits_of(ql.fake_quantize(np.asfortranarray(case.x), case.spec)), expected)


@every
@given(data=st.data())
def test_the_same_values_in_a_wider_type_give_the_same_result(slug, rounding, data):
    case = draw_case(data, slug, rounding, dtypes=(np.float32, np.float16, np.int8))
    expected = bits_of(ql.fake_quantize(as_float32(case.x), case.spec))
    assert np.array_equal(bits_of(ql.fake_quantize(case.x, case.spec)), expected)
    assert np.array_equal(bits_of(ql.fake_quantize(case.x.astype(np.float64), case.spec)), expected)


@each_scheme
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_not_finite_is_refused_with_its_count_and_first_index(slug, bad, dtype):
    x = np.linspace(-1, 1, 64).astype(dtype)
    x[[17, 23, 40]] = bad
    for verb in (ql.quantize, ql.fake_quantize):
        with pytest.raises(ValueError, match=r"\b3\b") as caught:
            verb(x, ql.QuantSpec(slug))
        assert re.search(r"\b17\b", str(caught.value)), str(caught.value)


@each_scheme
def test_the_first_index_of_a_matrix_is_named_by_row_and_column_or_flat(slug):
    x = np.zeros((31, 45), np.float32).T
    x[38, 27] = np.nan
    with pytest.raises(ValueError, match=r"\b1\b") as caught:
        ql.quantize(x, ql.QuantSpec(slug))
    assert re.search(r"\b38\D+27\b|\b1205\b", str(caught.value)), str(caught.value)


@each_scheme
def test_doubles_beyond_the_float32_range_are_refused(slug):
    for value in (1e39, -1e300, np.nextafter(2.0**128, 0)):
        with pytest.raises(ValueError):
            ql.quantize(np.array([1.0, value]), ql.QuantSpec(slug))


@each_scheme
@pytest.mark.parametrize("x", [np.array(["a"]), np.array([1 + 2j]), np.array([object()]), np.array(["2020-01-01"], "M8[D]")])
def test_what_is_not_real_numbers_is_refused(slug, x):
    with pytest.raises((TypeError, ValueError)):
        ql.quantize(x, ql.QuantSpec(slug))
