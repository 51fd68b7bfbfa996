"""Are NaN and infinity found wherever they hide, and dealt with as asked?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from quantlab.sources import count_nonfinite, make_finite
from quantlab.sources.finite import CHUNK

arrays = hnp.arrays(
    st.sampled_from([np.float16, np.float32, np.float64]),
    hnp.array_shapes(max_dims=3, max_side=6),
    elements=st.sampled_from([0.0, 1.0, -2.5, 100.0, np.nan, np.inf, -np.inf]),
)


@given(arrays)
def test_the_count_is_what_isfinite_says(x):
    assert count_nonfinite(x) == np.sum(~np.isfinite(x))


@given(arrays.filter(lambda x: np.isfinite(x).any()))
def test_clipping_writes_zero_and_the_largest_magnitude_and_leaves_the_rest(x):
    before = x.copy()
    y = make_finite(x, "clip")
    finite = np.isfinite(x)
    top = np.abs(x[finite]).max()
    assert y.shape == x.shape and y.dtype == x.dtype
    assert np.array_equal(y[finite], x[finite])
    assert (y[np.isnan(x)] == 0).all()
    assert (y[np.isposinf(x)] == top).all() and (y[np.isneginf(x)] == -top).all()
    assert np.array_equal(x, before, equal_nan=True)


@given(arrays.filter(lambda x: np.isfinite(x).any()))
def test_dropping_keeps_the_finite_values_in_their_order(x):
    assert np.array_equal(make_finite(x, "drop"), x[np.isfinite(x)])


@pytest.mark.parametrize("at", [0, CHUNK - 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 4])
def test_the_refusal_names_how_many_and_the_first_index_across_pieces(at):
    x = np.zeros((5, CHUNK // 2 + 1), np.float32)
    x.flat[at] = -np.inf
    x.flat[-1] = np.nan
    row, column = divmod(at, x.shape[1])
    with pytest.raises(ValueError, match=rf"^2 of {x.size} .*\(-inf\) at index \[{row}, {column}\]"):
        make_finite(x, "refuse")


@pytest.mark.parametrize("how", ["refuse", "clip"])
def test_finite_values_come_back_as_they_are_without_a_copy(how):
    x = np.ones((2, 3), np.float32)
    assert make_finite(x, how) is x


def test_dropping_from_finite_values_still_gives_one_dimension():
    assert make_finite(np.ones((2, 3)), "drop").shape == (6,)


@pytest.mark.parametrize("how", ["drop", "clip"])
def test_nothing_but_nan_is_refused(how):
    with pytest.raises(ValueError, match="none of the 4 values is finite"):
        make_finite(np.full((2, 2), np.nan), how)


def test_an_unknown_way_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="how='ignore' is unknown: choose one of refuse, drop, clip"):
        make_finite(np.ones(3), "ignore")


def test_a_strided_view_is_counted_like_its_copy():
    x = np.arange(3 * CHUNK, dtype=np.float32).reshape(3, -1)
    x[1, 5] = np.nan
    assert count_nonfinite(x.T[::-1]) == 1
