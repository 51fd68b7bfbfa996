"""Is every value coded and read back as the definition of a quantizer says, for every scheme and rounding?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import quantlab as ql

from .registry import bits_of, deterministic, draw_case, every
from .strategies import NEAREST, as_float32, combinations, nearest_level, neighbours


@every
@given(data=st.data())
def test_fake_quantize_is_dequantize_of_quantize_and_leaves_the_input_alone(slug, rounding, data):
    case = draw_case(data, slug, rounding)
    x, spec = case.x, case.spec
    before = x.copy()
    q = ql.quantize(x, spec)
    x_hat = ql.fake_quantize(x, spec)
    again = ql.dequantize(q)
    assert x.tobytes() == before.tobytes()
    assert x_hat.shape == again.shape == q.codes.shape == q.shape == x.shape
    assert np.array_equal(bits_of(x_hat), bits_of(again))
    assert np.all(np.isfinite(x_hat))
    assert np.issubdtype(q.codes.dtype, np.integer)
    assert q.spec == spec
    assert not np.shares_memory(x_hat, x)
    if x.size:
        assert q.qparams.qmin <= q.codes.min() <= q.codes.max() <= q.qparams.qmax
        assert np.all(q.qparams.scale > 0)
        assert np.all(np.isfinite(q.qparams.scale))
    else:
        assert q.bits_per_value == 0


@every
@given(data=st.data())
def test_every_value_is_the_level_that_its_code_stands_for(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    levels, index = q.levels, q.group_index
    assert levels.dtype == np.float32
    assert index.shape == case.x.shape
    assert 0 <= index.min() <= index.max() < len(levels)
    assert np.all(np.isfinite(levels))
    assert np.all(np.diff(levels.astype(np.float64), axis=1) >= 0)
    x_hat = ql.dequantize(q)
    assert np.all(np.any(levels[index.ravel()] == x_hat.ravel()[:, None], axis=1)) if levels.shape[1] <= 256 else True
    assert levels.shape[1] == int(q.qparams.qmax) - int(q.qparams.qmin) + 1
    assert np.array_equal(levels[index, q.codes.astype(np.int64) - int(q.qparams.qmin)], x_hat)


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: not ql.SCHEMES[s].float16))
@given(data=st.data())
def test_a_value_becomes_one_of_the_two_levels_around_it(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    near = neighbours(case.x, ql.dequantize(q), q, extra=1 if rounding == "dither-tpdf" else 0)
    assert np.all(near.allowed_low <= near.x_hat)
    assert np.all(near.x_hat <= near.allowed_high)


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in NEAREST and nearest_level(s)))
@given(data=st.data())
def test_nearest_roundings_give_the_nearest_level(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    near = neighbours(case.x, ql.dequantize(q), q)
    least = np.minimum(np.abs(near.x - near.below), np.abs(near.x - near.above))
    midpoint = 2.0**-21 * np.maximum(np.abs(near.below), np.abs(near.above))
    held = np.maximum(np.abs(near.below), np.abs(near.above)) == float(np.finfo(np.float32).max)  # a level beyond is held there
    assert np.all((np.abs(near.x - near.x_hat) <= least + near.tolerance + midpoint)[~held])


@deterministic
@given(data=st.data())
def test_a_larger_value_never_gets_a_smaller_level(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    x, x_hat = (v.astype(np.float64).ravel() for v in (as_float32(case.x), ql.dequantize(q)))
    index = q.group_index.ravel()
    order = np.lexsort((x_hat, x, index))
    x_step, x_hat_step = np.diff(x[order]), np.diff(x_hat[order])
    same_group = np.diff(index[order]) == 0
    assert np.all(x_hat_step[same_group] >= 0)
    assert np.all(x_hat_step[same_group & (x_step == 0)] == 0)


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in ("floor", "ceil", "toward-zero")))
@given(data=st.data())
def test_directed_roundings_keep_their_direction_inside_the_range(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    near = neighbours(case.x, ql.dequantize(q), q)
    x, x_hat, slack = near.x, near.x_hat, near.tolerance
    if rounding == "floor":
        assert np.all((x_hat <= x + slack)[near.inside])
    elif rounding == "ceil":
        assert np.all((x_hat >= x - slack)[near.inside])
    else:
        assert np.all((np.abs(x_hat) <= np.abs(x) + slack)[near.inside & near.has_zero])


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in NEAREST and ql.SCHEMES[s].affine))
@given(data=st.data())
def test_the_error_of_an_affine_code_is_at_most_half_a_step_inside_the_range(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    near = neighbours(case.x, ql.dequantize(q), q)
    step = np.diff(q.levels.astype(np.float64), axis=1).max(axis=1)[q.group_index].ravel()
    inside = near.inside
    assert np.all((np.abs(near.x - near.x_hat) <= step / 2 + near.tolerance)[inside])
    assert np.all((near.x_hat == near.lowest)[near.x < near.lowest])
    assert np.all((near.x_hat == near.highest)[near.x > near.highest])


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r in NEAREST and ql.SCHEMES[s].ranged and ql.SCHEMES[s].returns_range(ql.QuantSpec(s))),
)
@given(data=st.data())
def test_quantizing_twice_is_quantizing_once_where_the_range_comes_back(slug, rounding, data):
    """The second scale may differ by an ulp (amax / 7 * 7 / 7), so codes are compared exactly and values to 2 ulp."""
    case = draw_case(data, slug, rounding, empty=False, plain=True, calibrators={"absmax", "minmax"})
    q = ql.quantize(case.x, case.spec)
    assume(case.spec.bits <= 12 and ql.SCHEMES[slug].returns_range(case.spec))
    near = neighbours(case.x, ql.dequantize(q), q)
    index = q.group_index.ravel()
    top, bottom, reached = (np.zeros(len(q.levels)) for _ in range(3))
    np.maximum.at(top, index, near.x_hat)
    np.minimum.at(bottom, index, near.x_hat)
    levels = q.levels.astype(np.float64)
    if case.spec.calibrator == "absmax":
        reached = (np.maximum(top, -bottom) == levels[:, -1]) & (levels[:, 0] == -levels[:, -1])
    else:
        reached = (top == levels[:, -1]) & (bottom == levels[:, 0])
    reached &= np.abs(levels).max(axis=1) < float(np.finfo(np.float32).max)  # a level beyond is held there
    again = ql.quantize(ql.dequantize(q), case.spec)
    settled = reached[index]
    gap = np.abs(ql.dequantize(again).ravel().astype(np.float64) - near.x_hat)
    assert np.array_equal(again.codes.ravel()[settled], q.codes.ravel()[settled])
    assert np.all(gap[settled] <= 2.0**-22 * np.abs(near.x_hat[settled]) + 2.0**-148)
