"""Is the error from sorted values and prefix sums the error that a pass over the data gives?

Expected numbers: every value assigned to a level by searchsorted, squared errors summed in float64 (math.fsum for the
small ones). Overload is the share of the mean squared error that values outside [lowest level, highest level] make;
granular is the rest.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quantlab as ql


def direct(x, levels, borders=None):
    """(mse, granular, overload), one value at a time; a value on a border goes to the nearer level, as `distortion` says."""
    x, levels = np.asarray(x, np.float64).ravel(), np.asarray(levels, np.float64)
    if borders is None:
        borders = (levels[1:] + levels[:-1]) / 2
    first, last = (np.searchsorted(np.asarray(borders, np.float64), x, side) for side in ("left", "right"))
    squares = (x - levels[first]) ** 2
    for i in np.flatnonzero(first != last):
        squares[i] = np.min((x[i] - levels[first[i] : last[i] + 1]) ** 2)
    outside = (x < levels[0]) | (x > levels[-1])
    total = math.fsum if x.size <= 10_000 else np.sum
    return tuple(total(part) / x.size for part in (squares, squares[~outside], squares[outside]))


def agrees(found, expected, x, rel=1e-9):
    """rel of the error itself; what is left to a zero error is the last digit of the mean square."""
    x = np.asarray(x, np.float64)
    least = 1e-15 * np.mean(x**2)
    names = ("mse", "granular", "overload")
    return all(getattr(found, n) == pytest.approx(e, rel=rel, abs=least) for n, e in zip(names, expected, strict=True))


def show(found, expected):
    return f"found {(found.mse, found.granular, found.overload)}, expected {expected}"


values = st.one_of(
    st.floats(-10, 10, width=32),
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, -0.0]),
    st.floats(-1e6, 1e6, width=32),
)
arrays = st.lists(values, min_size=1, max_size=40)
rows_of_levels = st.lists(values, min_size=1, max_size=17).map(sorted)


@settings(max_examples=300)
@given(x=arrays, levels=rows_of_levels)
def test_distortion_is_that_of_a_pass_over_the_values(x, levels):
    x, levels = np.array(x, np.float32), np.array(levels, np.float32)
    found, expected = ql.Distribution(x).distortion(levels), direct(x, levels)
    assert agrees(found, expected, x), show(found, expected)


@settings(max_examples=200)
@given(x=arrays, levels=rows_of_levels, data=st.data())
def test_borders_of_ones_own_are_obeyed(x, levels, data):
    """Borders that no value lies on: then nobody can ask which side a tie falls on."""
    x, levels = np.array(x, np.float32), np.array(levels, np.float32)
    borders = np.array(sorted(data.draw(st.lists(values, min_size=len(levels) - 1, max_size=len(levels) - 1))), np.float64)
    borders += 2**-40 * np.maximum(np.abs(borders), 1)
    assert not np.intersect1d(borders, x).size
    found, expected = ql.Distribution(x).distortion(levels, borders), direct(x, levels, borders)
    assert agrees(found, expected, x), show(found, expected)


@settings(max_examples=100)
@given(x=arrays, levels=rows_of_levels)
def test_values_on_the_borders_go_to_the_nearer_level(x, levels):
    x, levels = np.array(x, np.float32), np.array(levels, np.float32)
    borders = np.sort(np.resize(x, len(levels) - 1)).astype(np.float64)
    found, expected = ql.Distribution(x).distortion(levels, borders), direct(x, levels, borders)
    assert agrees(found, expected, x), show(found, expected)


def test_all_values_on_their_borders_make_the_same_error_on_either_side():
    x = np.array([0.5, 1.5, 2.5, -0.5] * 5, np.float32)
    found = ql.Distribution(x).distortion(np.arange(-2, 4, dtype=np.float32))
    assert (found.mse, found.granular, found.overload) == (0.25, 0.25, 0.0)


def test_one_value_and_one_level():
    found = ql.Distribution(np.array([3.0], np.float32)).distortion(np.array([1.0], np.float32))
    assert (found.mse, found.granular, found.overload) == (4.0, 0.0, 4.0)
    found = ql.Distribution(np.array([3.0], np.float32)).distortion(np.array([3.0], np.float32))
    assert (found.mse, found.granular, found.overload) == (0.0, 0.0, 0.0)


def test_duplicate_values_and_duplicate_levels():
    x = np.repeat(np.array([-1, 0, 0.25, 7], np.float32), 1000)
    levels = np.array([-1, 0, 0, 0, 2, 2], np.float32)
    found, expected = ql.Distribution(x).distortion(levels), direct(x, levels)
    assert agrees(found, expected, x), show(found, expected)
    assert expected[2] == 6.25


KINDS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "student": lambda rng, n: rng.standard_t(3, n),
    "lognormal": lambda rng, n: rng.lognormal(sigma=2, size=n),
    "off centre": lambda rng, n: 20 + rng.normal(size=n),
    "integers": lambda rng, n: rng.integers(-50, 50, n),
    "an outlier": lambda rng, n: np.append(rng.normal(size=n - 1), 1e4),
    "tiny": lambda rng, n: 1e-20 * rng.normal(size=n),
    "huge": lambda rng, n: 1e30 * rng.normal(size=n),
}


@pytest.mark.slow
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 12])
@pytest.mark.parametrize("n", [1000, 1_000_000])
@pytest.mark.parametrize("kind", list(KINDS))
def test_distortion_holds_to_nine_digits_on_real_sizes(kind, n, bits):
    """Both on an even grid and on random levels, some of them beyond the data and some short of it."""
    rng = np.random.default_rng(bits)
    x = KINDS[kind](rng, n).astype(np.float32)
    distribution = ql.Distribution(x)
    low, high = np.quantile(x.astype(np.float64), [0.002, 0.998])
    even = np.linspace(low, high, 2**bits)
    uneven = np.sort(rng.uniform(1.2 * low, 1.2 * high, 2**bits))
    for levels in (even.astype(np.float32), uneven, even * 1.5):
        found, expected = distribution.distortion(levels), direct(x, levels)
        for name, e in zip(("mse", "granular", "overload"), expected, strict=True):
            assert getattr(found, name) == pytest.approx(e, rel=1e-9, abs=1e-300), f"{name}: {show(found, expected)}"


def test_sixteen_bits_hold_too():
    x = np.random.default_rng(0).normal(size=1_000_000).astype(np.float32)
    levels = np.linspace(-5.5, 5.5, 2**16).astype(np.float32)
    found, expected = ql.Distribution(x).distortion(levels), direct(x, levels)
    assert found.mse == pytest.approx(expected[0], rel=1e-9)


@pytest.mark.parametrize("make", [np.asfortranarray, lambda x: x[::-1], lambda x: x.T, lambda x: x.astype(np.float64)])
def test_shape_order_and_width_do_not_matter(make):
    x = np.random.default_rng(1).normal(size=(30, 40)).astype(np.float32)
    levels = np.linspace(-2, 2, 16).astype(np.float32)
    found, expected = ql.Distribution(make(x)).distortion(levels), direct(x, levels)
    assert agrees(found, expected, x), show(found, expected)


def test_the_data_are_left_as_they_were():
    x = np.random.default_rng(2).normal(size=1000).astype(np.float32)
    before = x.copy()
    distribution = ql.Distribution(x)
    first = distribution.distortion(np.array([-1.0, 1.0]))
    distribution.distortion(np.array([0.0]))
    assert np.array_equal(x, before)
    x[:] = 0  # nor does the answer follow the array afterwards
    assert distribution.distortion(np.array([-1.0, 1.0])).mse == first.mse


@pytest.mark.slow
@pytest.mark.parametrize("slug", [s for s, e in ql.SCHEMES.items() if "tensor" in e.granularities])
def test_distortion_of_a_scheme_s_levels_is_the_error_it_makes(slug):
    """Levels and borders are all there is to a scheme: nearest assignment, so companded schemes can only be better."""
    x = np.random.default_rng(3).standard_t(5, 50_000).astype(np.float32)
    scheme = ql.SCHEMES[slug]
    for variant in scheme.variants:
        for bits in [int(b) for b in scheme.bits_allowed(dict(ql.QuantSpec(slug, **variant).knobs)) if b <= 8]:
            q = ql.quantize(x, ql.QuantSpec(slug, bits=bits, granularity=ql.per_tensor(), **variant))
            made = np.mean((ql.dequantize(q).astype(np.float64) - x) ** 2)
            least = ql.Distribution(x).distortion(q.levels[0]).mse
            assert least <= made * (1 + 1e-9)
            if scheme.borders_lie == "half-way":
                assert made == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize(
    "levels, borders",
    [
        ([], None),
        ([1.0, 0.0], None),
        ([0.0, np.nan], None),
        ([0.0, 1.0], [0.2, 0.4]),
        ([0.0, 1.0, 2.0], [1.5, 0.5]),
        ([[0.0, 1.0]], None),
    ],
    ids=[
        "no levels",
        "descending levels",
        "a NaN level",
        "too many borders",
        "descending borders",
        "a matrix of levels",
    ],
)
def test_what_is_no_quantizer_is_refused(levels, borders):
    with pytest.raises((ValueError, TypeError)):
        ql.Distribution(np.ones(4, np.float32)).distortion(np.array(levels), None if borders is None else np.array(borders))


@pytest.mark.parametrize("bad", [[np.nan, 1.0], [np.inf]])
def test_values_that_are_not_finite_are_refused(bad):
    with pytest.raises(ValueError):
        ql.Distribution(np.array(bad, np.float32))
