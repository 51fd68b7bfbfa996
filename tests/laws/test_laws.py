"""What must hold for every scheme, granularity, calibrator, rounding and tensor?

The registry is iterated, so a new scheme is held to the laws by being registered. Expected values come from the
definition of a quantizer (levels and borders) or of a rounding, computed here in float64; other libraries are asked
in `tests/oracles`.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import quantlab as ql

from .strategies import COMPANDED, FLOAT16, KINDS, NEAREST, OTHER_BORDERS, RANDOM, allowed_bits, as_float32, cases, combinations, neighbours

every = pytest.mark.parametrize("slug, rounding", combinations())
deterministic = pytest.mark.parametrize("slug, rounding", combinations(lambda slug, rounding: rounding not in RANDOM))
each_scheme = pytest.mark.parametrize("slug", list(ql.SCHEMES))


def bits_of(x):
    """The bit patterns of a float32 array: equality that tells -0.0 from 0.0 too."""
    assert x.dtype == np.float32
    return np.ascontiguousarray(x).view(np.uint32)


def draw_case(data, slug, rounding, **how):
    return data.draw(cases(slug, rounding, **how), label="case")


def all_variants():
    """A spec for every scheme, variant and number of bits, all else left at its default."""
    for slug, scheme in ql.SCHEMES.items():
        for variant in scheme.variants:
            for bits in allowed_bits(slug, variant):
                yield ql.QuantSpec(slug, bits=bits, **variant)


def variant_params():
    return [pytest.param(spec, id=repr(spec)) for spec in all_variants()]


# ---------------------------------------------------------------- the contract of the three verbs


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


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: s not in OTHER_BORDERS - {"ternary"}))
@given(data=st.data())
def test_a_value_becomes_one_of_the_two_levels_around_it(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    near = neighbours(case.x, ql.dequantize(q), q, extra=1 if rounding == "dither-tpdf" else 0)
    assert np.all(near.allowed_low <= near.x_hat)
    assert np.all(near.x_hat <= near.allowed_high)


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in NEAREST and s not in COMPANDED | OTHER_BORDERS))
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


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in NEAREST and "arithmetic" in ql.SCHEMES[s].knobs))
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


def returns_its_range(spec) -> bool:
    """Not where all scales' mean is in each scale, nor where a level lies beyond the range that it came from."""
    return not spec.knobs.get("double") and spec.knobs.get("convention") not in ("half-step", "gptq")


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r in NEAREST and "clip" in ql.QuantSpec(s).knobs),
)
@given(data=st.data())
def test_quantizing_twice_is_quantizing_once_where_the_range_comes_back(slug, rounding, data):
    """The second scale may differ by an ulp (amax / 7 * 7 / 7), so codes are compared exactly and values to 2 ulp."""
    case = draw_case(data, slug, rounding, empty=False, plain=True, calibrators={"absmax", "minmax"})
    q = ql.quantize(case.x, case.spec)
    assume(case.spec.bits <= 12 and returns_its_range(case.spec))
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


# ---------------------------------------------------------------- zero


@every
@given(data=st.data())
def test_zero_comes_back_as_zero_where_the_scheme_promises_it(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    if not ql.SCHEMES[slug].zero_exact(case.spec):
        return
    x = np.array(case.x)
    x.flat[:: max(1, x.size // 3)] = 0
    x_hat = ql.fake_quantize(x, case.spec)
    assert np.all(x_hat[as_float32(x) == 0] == 0)


def test_symmetric_asymmetric_and_nf4_codes_promise_an_exact_zero():
    for spec in all_variants():
        if spec.scheme in ("int-symmetric", "int-asymmetric", "nf4") and spec.bits > 1:
            assert ql.SCHEMES[spec.scheme].zero_exact(spec), spec
    assert not ql.SCHEMES["int-symmetric"].zero_exact(ql.QuantSpec("int-symmetric", rounding="dither-tpdf"))


def test_the_bits_of_a_scheme_can_be_asked_without_naming_its_knobs():
    for scheme in ql.SCHEMES.values():
        assert scheme.bits_allowed({}) == scheme.bits_allowed({name: knob.default for name, knob in scheme.all_knobs().items()})


@every
@given(data=st.data())
def test_a_tensor_of_zeros_comes_back_without_error(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False, contents=("zeros",))
    x = np.zeros_like(case.x)
    q = ql.quantize(x, case.spec)
    x_hat = ql.dequantize(q)
    assert np.all(x_hat == 0)
    assert len(np.unique(q.codes)) == 1 or not ql.SCHEMES[slug].zero_exact(case.spec)  # else several may stand for it


@every
@given(data=st.data())
def test_a_group_of_zeros_beside_others_comes_back_without_error(slug, rounding, data):
    if "channel" not in ql.SCHEMES[slug].granularities:
        pytest.skip("has no channels")
    case = draw_case(data, slug, rounding, empty=False, kinds=("channel",))
    axis = case.spec.granularity.axis
    x = np.moveaxis(np.array(case.x), axis, 0)
    x[::2] = 0
    x_hat = np.moveaxis(ql.fake_quantize(np.moveaxis(x, 0, axis), case.spec), axis, 0)
    assert np.all(x_hat[::2] == 0)


# ---------------------------------------------------------------- the input's form


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


# ---------------------------------------------------------------- the random roundings

random_roundings = pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in RANDOM))


@random_roundings
def test_a_seed_repeats_the_noise_and_another_seed_changes_it(slug, rounding):
    x = np.random.default_rng(1).normal(size=(64, 48)).astype(np.float32)
    for variant in ql.SCHEMES[slug].variants:
        first = ql.fake_quantize(x, ql.QuantSpec(slug, rounding=rounding, seed=3, **variant))
        assert np.array_equal(first, ql.fake_quantize(x.copy(), ql.QuantSpec(slug, rounding=rounding, seed=3, **variant)))
        assert not np.array_equal(first, ql.fake_quantize(x, ql.QuantSpec(slug, rounding=rounding, seed=4, **variant)))


@random_roundings
def test_random_roundings_do_not_touch_numpys_global_generator(slug, rounding):
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    ql.fake_quantize(np.linspace(-1, 1, 9, dtype=np.float32), ql.QuantSpec(slug, rounding=rounding))
    assert np.array_equal(np.random.random(3), expected)


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r in RANDOM and s not in COMPANDED | OTHER_BORDERS),
)
def test_random_roundings_are_unbiased_inside_the_range(slug, rounding):
    """Going up with probability (x - below) / (above - below) has mean 0 and variance (x - below) (above - x)."""
    rng = np.random.default_rng(20)
    x = rng.uniform(-1, 1, 80_000).astype(np.float32)
    x[:2] = -1, 1
    scheme = ql.SCHEMES[slug]
    for variant in scheme.variants:
        for bits in [b for b in allowed_bits(slug, variant) if b in (3, 4, 5, 6, 8)]:
            spec = ql.QuantSpec(slug, bits=int(bits), rounding=rounding, seed=7, **variant)
            q = ql.quantize(x, spec)
            near = neighbours(x, ql.dequantize(q), q)
            keep = near.inside & (np.abs(near.x) < 0.7)
            error = (near.x_hat - near.x)[keep]
            variance = ((near.x - near.below) * (near.above - near.x))[keep]
            if rounding == "dither-tpdf":  # the error itself has variance step^2 / 4 whatever x is
                variance = np.full(error.size, q.qparams.scale[0].astype(float) ** 2 / 4)
            z = error.sum() / np.sqrt(variance.sum())
            assert abs(z) < 5, f"{spec}: mean error {error.mean()}, {z:.1f} standard deviations from 0"
            assert (error**2).sum() == pytest.approx(variance.sum(), rel=0.03), spec


@pytest.mark.parametrize("fraction", [0.0, 0.125, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("rounding", ["stochastic", "dither-rpdf", "dither-tpdf"])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_dither_of_a_constant_has_the_mean_and_variance_of_its_law(slug, rounding, fraction):
    """numerics.md section 7, step 1: RPDF (= stochastic) f (1 - f), TPDF 1/4 always; mean error 0 for both."""
    n = 100_000
    x = np.full(n + 2, 3 + fraction, np.float32)
    x[-2:] = (-7, 7) if slug == "int-symmetric" else (-7, 8)  # pins scale to 1
    q = ql.quantize(x, ql.QuantSpec(slug, bits=4, rounding=rounding, seed=11))
    assert q.qparams.scale.tolist() == [1.0]
    error = (ql.dequantize(q) - x)[:n].astype(np.float64)
    variance = 0.25 if rounding == "dither-tpdf" else fraction * (1 - fraction)
    assert abs(error.mean()) <= 5 * np.sqrt(variance / n)
    assert error.var() == pytest.approx(variance, abs=0.01)


# ---------------------------------------------------------------- scale, and one group at a time


def scale_equivariant(spec) -> bool:
    """A cast without a scale has absolute levels, float16 scales have an end; all else follows the tensor."""
    unscaled = spec.scheme == "float" and (spec.format in ("fp16", "bf16") or not spec.scaled)
    return not unscaled and spec.scheme not in FLOAT16


@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r not in RANDOM and s not in FLOAT16))
@given(data=st.data(), k=st.integers(-8, 8))
def test_a_power_of_two_passes_through_unchanged(slug, rounding, data, k):
    case = draw_case(data, slug, rounding, contents=("normal", "integers", "ties", "signed", "outlier"), dtypes=(np.float32,))
    assume(scale_equivariant(case.spec))
    left = ql.fake_quantize(np.ldexp(case.x, k), case.spec)
    assert np.array_equal(left, np.ldexp(ql.fake_quantize(case.x, case.spec), k))


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r not in RANDOM and "tensor" in ql.SCHEMES[s].granularities),
)
@given(data=st.data())
def test_a_group_is_quantized_as_if_it_were_alone(slug, rounding, data):
    exact = {"absmax", "minmax", "percentile"}  # searches are finer for a single group
    case = draw_case(data, slug, rounding, empty=False, most=120, kinds=KINDS[1:], calibrators=exact)
    assume(not case.spec.knobs.get("double") and case.spec.knobs.get("method") != "lloyd")  # whose start differs
    x, spec, granularity = case.x, case.spec, case.spec.granularity
    alone = spec.replace(granularity=ql.per_tensor())
    together = ql.fake_quantize(x, spec)
    expected = np.full(x.shape, np.nan, np.float32)
    for part in slices(x.shape, granularity):
        expected[part] = ql.fake_quantize(x[part], alone)
    assert np.array_equal(together, expected)


def slices(shape, granularity):
    """The index of every group, by the definition of the granularity; the last ones may be ragged."""
    if granularity.kind == "block":  # over the last two axes, every index of the others apart
        rows, columns = granularity.shape
        for place in np.ndindex(*shape[:-2]):
            for i in range(0, shape[-2], rows):
                for j in range(0, shape[-1], columns):
                    yield (*[slice(p, p + 1) for p in place], slice(i, i + rows), slice(j, j + columns))
        return
    axis = granularity.axis % len(shape)
    if granularity.kind == "channel":
        for i in range(shape[axis]):
            yield (slice(None),) * axis + (slice(i, i + 1),)
        return
    others = [range(n) for i, n in enumerate(shape) if i != axis]
    for place in np.ndindex(*[len(r) for r in others]):
        for start in range(0, shape[axis], granularity.size):
            part = [slice(i, i + 1) for i in place]
            part.insert(axis, slice(start, start + granularity.size))
            yield tuple(part)


# ---------------------------------------------------------------- the roundings by their definition

HALVES = np.array([7, -7, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.25, -0.25, 3.75, -3.75, 6.5, -6.5, 0, 5], np.float64)
DEFINITIONS = {
    "nearest-even": np.rint,
    "half-away": lambda v: np.sign(v) * np.floor(np.abs(v) + 0.5),
    "half-up": lambda v: np.floor(v + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
    "toward-zero": np.trunc,
}


def test_every_deterministic_rounding_has_a_definition_here():
    assert set(ql.ROUNDINGS) - RANDOM == set(DEFINITIONS)


@pytest.mark.parametrize("arithmetic", ["onnx", "torch_fake", "torch_quant"])
@pytest.mark.parametrize("rounding", list(DEFINITIONS))
def test_ties_fall_where_the_rounding_says_with_step_one(rounding, arithmetic):
    spec = ql.QuantSpec("int-symmetric", bits=4, rounding=rounding, arithmetic=arithmetic)
    assert ql.fake_quantize(HALVES, spec).tolist() == DEFINITIONS[rounding](HALVES).tolist()


@pytest.mark.parametrize(
    "rounding, arithmetic",
    [(r, a) for r in DEFINITIONS for a in ("onnx", "torch_fake", "torch_quant") if (r, a) != ("nearest-even", "torch_quant")],
)
@pytest.mark.parametrize("low, high", [(-7, 8), (-6, 9), (0, 15), (-15, 0)])
def test_asymmetric_codes_round_before_the_zero_point_is_added(rounding, arithmetic, low, high):
    """q = clip(round(x / scale) + z): with scale 1 the ties fall as if z were 0, odd or even."""
    x = np.concatenate([np.arange(low, high, 0.25), [high]])
    spec = ql.QuantSpec("int-asymmetric", bits=4, rounding=rounding, arithmetic=arithmetic)
    q = ql.quantize(x, spec)
    assert q.qparams.scale.tolist() == [1.0]
    assert q.qparams.zero_point.tolist() == [q.qparams.qmin - low]
    assert ql.dequantize(q).tolist() == DEFINITIONS[rounding](x).tolist()


@pytest.mark.parametrize("low, high", [(-7, 8), (-6, 9)])
def test_torch_quant_rounds_after_the_zero_point_is_added(low, high):
    x = np.concatenate([np.arange(low, high, 0.25), [high]])
    q = ql.quantize(x, ql.QuantSpec("int-asymmetric", bits=4, arithmetic="torch_quant"))
    z = q.qparams.zero_point[0]
    assert q.codes.tolist() == np.clip(np.rint(x + z), q.qparams.qmin, q.qparams.qmax).tolist()


# ---------------------------------------------------------------- ranges of affine codes


@pytest.mark.parametrize("bits", range(2, 17))
def test_symmetric_codes_are_restricted_and_reach_the_largest_value(bits):
    x = np.array([-3.0, 0.1, 2.0], np.float32)
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=bits))
    n = 2 ** (bits - 1) - 1
    assert (q.qparams.qmin, q.qparams.qmax) == (-n, n)
    assert q.qparams.scale.tolist() == [np.float32(3) / np.float32(n)]
    assert q.codes[0] == -n
    assert ql.dequantize(q)[0] == pytest.approx(-3, rel=2**-22)


@pytest.mark.parametrize("x", [[-1.0, 3.0], [0.5, 2.0], [-4.0, -1.0], [0.0, 1.0], [-1e-3, 5.0]])
@pytest.mark.parametrize("bits", range(2, 17))
def test_asymmetric_ranges_are_widened_to_include_zero(bits, x):
    q = ql.quantize(np.array(x, np.float32), ql.QuantSpec("int-asymmetric", bits=bits))
    qmin, qmax = int(q.qparams.qmin), int(q.qparams.qmax)
    assert (qmin, qmax) in [(0, 2**bits - 1), (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)]
    low, high = min(x[0], 0.0), max(x[1], 0.0)
    scale = (high - low) / (qmax - qmin)
    assert q.qparams.scale[0] == pytest.approx(scale, rel=2**-23)
    assert q.qparams.zero_point[0] == np.clip(qmin - np.rint(np.float32(low) / q.qparams.scale[0]), qmin, qmax)
    assert q.qparams.zero_point.dtype == np.int32


def test_clip_shrinks_the_calibrated_range_by_its_factor():
    x = np.random.default_rng(0).normal(size=500).astype(np.float32)
    full, half = (ql.quantize(x, ql.QuantSpec("int-symmetric", bits=6, clip=c)).qparams.scale[0] for c in (1.0, 0.5))
    assert half == full / 2


# ---------------------------------------------------------------- bits per value


@every
@given(data=st.data())
def test_bits_per_value_count_at_least_the_code(slug, rounding, data):
    case = draw_case(data, slug, rounding, empty=False)
    q = ql.quantize(case.x, case.spec)
    assert q.bits_per_value >= np.log2(min(2**case.spec.bits, q.qparams.qmax - q.qparams.qmin + 1)) - 1e-12
    assert np.isfinite(q.bits_per_value)


@pytest.mark.parametrize("n", [1, 10, 1000])
@pytest.mark.parametrize("bits", [2, 4, 8, 16])
def test_a_symmetric_tensor_pays_32_bits_for_its_scale(bits, n):
    q = ql.quantize(np.ones(n, np.float32), ql.QuantSpec("int-symmetric", bits=bits))
    assert q.bits_per_value == pytest.approx(bits + 32 / n, rel=1e-12)


@pytest.mark.parametrize("bits", [3, 4, 8])
def test_symmetric_groups_of_64_pay_half_a_bit_for_their_scales(bits):
    x = np.random.default_rng(0).normal(size=(6, 256)).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=bits, granularity=ql.per_group(64)))
    assert q.bits_per_value == bits + 32 / 64


def test_ragged_groups_pay_for_every_scale():
    x = np.ones((3, 100), np.float32)  # 100 = 64 + 36, so 2 groups a row
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=4, granularity=ql.per_group(64)))
    assert q.bits_per_value == pytest.approx(4 + 6 * 32 / 300, rel=1e-12)


def test_nf4_in_blocks_of_64_costs_four_and_a_half_bits():
    x = np.random.default_rng(0).normal(size=(16, 128)).astype(np.float32)
    assert ql.quantize(x, ql.QuantSpec("nf4", granularity=ql.per_group(64))).bits_per_value == 4.5


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_kmeans_codebook_is_counted(bits):
    x = np.random.default_rng(0).normal(size=500).astype(np.float32)
    assert ql.quantize(x, ql.QuantSpec("kmeans", bits=bits)).bits_per_value == pytest.approx(bits + 2**bits * 32 / 500)


@pytest.mark.parametrize("bits", [4, 8])
def test_an_asymmetric_tensor_pays_for_scale_and_zero_point(bits):
    x = np.random.default_rng(0).normal(size=100).astype(np.float32)
    paid = (ql.quantize(x, ql.QuantSpec("int-asymmetric", bits=bits)).bits_per_value - bits) * 100
    assert 32 + bits - 1e-9 <= paid <= 64 + 1e-9


# ---------------------------------------------------------------- the levels of a code, once over all bits


@pytest.mark.parametrize("spec", variant_params())
def test_levels_are_as_many_as_the_bits_allow_and_codes_find_them(spec):
    x = np.random.default_rng(3).normal(size=3000).astype(np.float32)
    q = ql.quantize(x, spec)
    assert q.levels.shape[1] <= 2**spec.bits
    assert np.array_equal(q.levels[q.group_index, q.codes.astype(np.int64) - int(q.qparams.qmin)], ql.dequantize(q))
    assert eval(repr(spec), {"QuantSpec": ql.QuantSpec}) == spec


@pytest.mark.parametrize("spec", variant_params())
def test_more_data_of_the_same_kind_is_quantized_in_one_piece(spec):
    """Blocked or threaded passes must leave no seam: a long tensor equals its short one repeated, 300 032 = 293 * 1024."""
    if spec.scheme in ("kmeans", "lloyd-max", "quantile"):
        pytest.skip("the codebook comes from sums over all values, which rounding makes differ in the last digit")
    short = np.random.default_rng(4).normal(size=1024).astype(np.float32)  # 1024 = 32 * 32, whole blocks
    expected = np.tile(ql.fake_quantize(short, spec), 293)
    assert np.array_equal(ql.fake_quantize(np.tile(short, 293), spec), expected)


# ---------------------------------------------------------------- sweeps


@each_scheme
def test_a_sweep_over_bits_equals_its_specs_one_by_one(slug):
    x = np.random.default_rng(6).standard_t(4, size=(40, 50)).astype(np.float32)
    scheme = ql.SCHEMES[slug]
    for variant in scheme.variants:
        base = ql.QuantSpec(slug, **variant)
        bits = allowed_bits(slug, variant)
        points = list(ql.sweep(x, base, knob="bits", values=bits).points)
        assert [p.label for p in points] == [str(b) for b in bits]
        for point, b in zip(points, bits, strict=True):
            check_point(point, x, base.replace(bits=b))


@pytest.mark.parametrize(
    "spec, knob, values",
    [
        (ql.QuantSpec("int-symmetric", bits=4), "clip", [0.2, 0.5, 0.9, 1.0]),
        (ql.QuantSpec("int-symmetric", bits=4), "calibrator", list(ql.SCHEMES["int-symmetric"].calibrators)),
        (ql.QuantSpec("int-asymmetric", bits=3, granularity=ql.per_channel()), "bits", [1, 2, 5, 8, 12]),
        (ql.QuantSpec("int-symmetric", bits=4), "rounding", list(ql.SCHEMES["int-symmetric"].roundings)),
        (ql.QuantSpec("nf4"), "granularity", [ql.per_group(n) for n in (16, 64, 128)]),
        (ql.QuantSpec("int-symmetric", bits=4, rounding="stochastic"), "seed", [0, 1]),
        (
            ql.QuantSpec("float", format="e4m3fn"),
            "format",
            sorted({v["format"] for v in ql.SCHEMES["float"].variants}),
        ),
        (ql.QuantSpec("int-symmetric", bits=4, rounding="floor"), "bits", [2, 4, 8]),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_sweep_along_any_knob_equals_its_specs_one_by_one(spec, knob, values):
    x = np.random.default_rng(7).standard_t(4, size=(12, 128)).astype(np.float32)
    if knob == "bits":
        values = [b for b in values if b in ql.SCHEMES[spec.scheme].bits_allowed(dict(spec.knobs))]
    points = list(ql.sweep(x, spec, knob=knob, values=values).points)
    assert len(points) == len(values)
    assert len({p.label for p in points}) == len(values)
    for point, value in zip(points, values, strict=True):
        expected = spec.replace(**{knob: value}) if knob != "format" else ql.QuantSpec("float", format=value)
        check_point(point, x, expected)


@pytest.mark.parametrize("arithmetic", ["onnx", "torch_fake", "torch_quant"])
@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: s in ("int-symmetric", "int-asymmetric") and r not in RANDOM))
@pytest.mark.parametrize("bits", [1, 2, 8])
def test_a_sweep_at_the_end_of_float32_is_what_quantizing_does(slug, rounding, bits, arithmetic):
    """There 1 / s is subnormal, and x times it falls short of the last code: floor gives the one below, in torch too."""
    largest = np.float32(np.finfo(np.float32).max)
    for x in ([largest], [-largest], [largest, -largest], [largest, 1], [largest, -largest / 3]):
        x = np.array(x, np.float32)
        spec = ql.QuantSpec(slug, bits=bits, rounding=rounding, arithmetic=arithmetic)
        error = ql.fake_quantize(x, spec).astype(np.float64) - x
        assert ql.sweep(x, spec, values=[bits]).points[0].metrics["mse"] == pytest.approx(np.mean(error**2), rel=1e-6, abs=1e64)


def check_point(point, x, spec):
    """Every metric from the codes and values of the spec itself, in float64."""
    assert point.spec == spec
    q = ql.quantize(x, spec)
    error = ql.dequantize(q).astype(np.float64) - x.astype(np.float64)
    mse = np.mean(error**2)
    metrics = point.metrics
    close = 1e-5 if spec.bits <= 12 else 1e-4  # a sweep may ask sorted values: float32 ties fall elsewhere
    assert metrics["mse"] == pytest.approx(mse, rel=close, abs=1e-14)
    if mse > 1e-13:
        assert metrics["sqnr_db"] == pytest.approx(10 * np.log10(np.mean(x.astype(np.float64) ** 2) / mse), abs=10 * close)
    ties = 2.0 ** (min(spec.bits, 16) - 22)  # how far, in steps, float32 arithmetic moves a tie
    assert metrics["max_error"] == pytest.approx(np.abs(error).max(), rel=1e-6 + ties, abs=1e-7)
    assert metrics["bits_per_value"] == pytest.approx(q.bits_per_value, rel=1e-12)
    _, counts = np.unique(q.codes, return_counts=True)
    p = counts / counts.sum()
    moved = 0 if spec.bits <= 8 else 2  # values near a tie, of 2000, that float32 arithmetic puts on the other side
    assert metrics["entropy_bits"] == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-9 + moved / 1000)
    assert abs(metrics["levels_used"] - len(counts)) <= moved
    outside = (x < q.levels[:, 0][q.group_index]) | (x > q.levels[:, -1][q.group_index])
    assert metrics["clipped"] == pytest.approx(outside.mean(), abs=1e-3)
    if len(q.levels) == 1:
        assert np.array_equal(np.asarray(point.levels).ravel(), q.levels.ravel())


# ---------------------------------------------------------------- what a spec refuses


@pytest.mark.parametrize(
    "arguments, named",
    [
        (dict(scheme="int-simmetric"), "int-simmetric"),
        (dict(scheme="int-symmetric", bits=99), "99"),
        (dict(scheme="int-symmetric", bits=0), "0"),
        (dict(scheme="int-symmetric", bits=-3), "-3"),
        (dict(scheme="int-symmetric", bits=4, calibrator="maxabs"), "maxabs"),
        (dict(scheme="int-symmetric", bits=4, rounding="up"), "up"),
        (dict(scheme="int-symmetric", bits=4, colour="red"), "colour"),
        (dict(scheme="int-symmetric", bits=4, clip=1.5), "1.5"),
        (dict(scheme="int-symmetric", bits=4, clip=0), "0"),
        (dict(scheme="int-symmetric", bits=4, clip=float("nan")), "nan"),
        (dict(scheme="int-symmetric", bits=4, arithmetic="numpy"), "numpy"),
        (dict(scheme="float", format="e9m9"), "e9m9"),
        (dict(scheme="nf4", bits=5), "5"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_spec_that_means_nothing_is_refused_with_the_value_named(arguments, named):
    with pytest.raises((ValueError, TypeError)) as caught:
        ql.QuantSpec(**arguments)
    assert named in str(caught.value)


@pytest.mark.parametrize("bad", [lambda: ql.per_group(0), lambda: ql.per_group(-4), lambda: ql.per_block((0, 4))])
def test_a_granularity_of_no_values_is_refused(bad):
    with pytest.raises((ValueError, TypeError)):
        bad()


@pytest.mark.parametrize(
    "granularity",
    [ql.per_channel(axis=2), ql.per_channel(axis=-3), ql.per_group(4, axis=5), ql.per_block((2, 2, 2))],
    ids=repr,
)
def test_an_axis_that_the_tensor_lacks_is_refused(granularity):
    with pytest.raises(ValueError):
        ql.quantize(np.ones((3, 4), np.float32), ql.QuantSpec("int-symmetric", bits=4, granularity=granularity))


def test_specs_are_equal_and_hash_alike_when_they_say_the_same():
    plain, spelled = (
        ql.QuantSpec("int-symmetric", bits=4),
        ql.QuantSpec("int-symmetric", bits=4, clip=1.0, calibrator="absmax"),
    )
    assert plain == spelled
    assert hash(plain) == hash(spelled)
    assert plain != plain.replace(clip=0.5)
    with pytest.raises(AttributeError):
        plain.bits = 3
