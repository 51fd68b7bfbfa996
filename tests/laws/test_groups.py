"""Does a tensor times a power of two, or a group beside others, come out as alone?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import quantlab as ql
from quantlab.ranges import _least_error as least_error

from .registry import draw_case
from .strategies import KINDS, RANDOM, allowed_bits, combinations


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r not in RANDOM and any(ql.SCHEMES[s].follows_scale(ql.QuantSpec(s, **v)) for v in ql.SCHEMES[s].variants)),
)
@given(data=st.data(), k=st.integers(-8, 8))
def test_a_power_of_two_passes_through_unchanged(slug, rounding, data, k):
    case = draw_case(data, slug, rounding, contents=("normal", "integers", "ties", "signed", "outlier"), dtypes=(np.float32,))
    assume(ql.SCHEMES[slug].follows_scale(case.spec))
    left = ql.fake_quantize(np.ldexp(case.x, k), case.spec)
    assert np.array_equal(left, np.ldexp(ql.fake_quantize(case.x, case.spec), k))


@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r not in RANDOM and "tensor" in ql.SCHEMES[s].granularities),
)
@given(data=st.data())
def test_a_group_is_quantized_as_if_it_were_alone(slug, rounding, data):
    exact = set(ql.CALIBRATORS) - {"mse"}  # of the search for the least error see below
    case = draw_case(data, slug, rounding, empty=False, most=120, kinds=KINDS[1:], calibrators=exact)
    assume(not ql.SCHEMES[slug].shares(case.spec))
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
    if granularity.kind == "token":
        for place in np.ndindex(*shape[:-1]):
            yield (*[slice(p, p + 1) for p in place], slice(None))
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


SEARCHED = [
    pytest.param(spec, id=repr(spec))
    for slug, scheme in ql.SCHEMES.items()
    if "mse" in scheme.calibrators and "tensor" in scheme.granularities
    for variant in scheme.variants
    for bits in allowed_bits(slug, variant)
    if bits in (2, 4)
    if "clip" in (spec := ql.QuantSpec(slug, bits, granularity=ql.per_tensor(), calibrator="mse", **variant)).knobs
    and not scheme.shares(spec)
]


def errors_of_rows(x, spec):
    """Mean squared errors, each row a channel and each row alone; float64 (G,) twice."""
    x_hat = ql.fake_quantize(x, spec.replace(granularity=ql.per_channel(0)))
    return [np.square(y.astype(np.float64) - x).mean(axis=1) for y in (x_hat, np.stack([ql.fake_quantize(row, spec) for row in x]))]


@pytest.mark.slow
@pytest.mark.parametrize("spec", SEARCHED)
def test_the_least_error_of_many_groups_is_that_of_each_alone_to_a_thousandth(spec):
    """A group may fall to the other of two ranges that differ by rounding: most are asked for, and the sum."""
    rng = np.random.default_rng(12)
    x = np.concatenate([rng.normal(size=(8, 60)), rng.standard_t(3, (8, 60)), np.abs(rng.laplace(size=(8, 60)))]).astype(np.float32)
    x *= np.float32(2.0) ** rng.integers(-5, 6, (24, 1))
    together, alone = errors_of_rows(x, spec)
    power = np.square(x.astype(np.float64)).mean(axis=1)
    assert np.mean(together / power) <= 1.001 * np.mean(alone / power) + 1e-12
    assert np.mean(together <= 1.001 * alone + 1e-12 * power) >= 0.9


def test_long_groups_are_searched_as_if_alone(monkeypatch):
    monkeypatch.setattr(least_error, "_LONG", 50)
    x = np.random.default_rng(13).standard_t(3, (5, 64)).astype(np.float32)
    for slug in ("int-symmetric", "int-asymmetric"):
        together, alone = errors_of_rows(x, ql.QuantSpec(slug, 4, calibrator="mse"))
        assert np.array_equal(together, alone)


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r in ("ceil", "stochastic") and "mse" in ql.SCHEMES[s].calibrators and not ql.SCHEMES[s].block_only),
)
def test_the_least_error_of_coarse_values_does_not_hang_on_their_type(slug, rounding):
    """Many ranges are all but equally good here; the type of the values must not decide between them."""
    x = np.random.default_rng(0).integers(-39, 40, (2000, 5)).astype(np.float32)
    for variant in ql.SCHEMES[slug].variants:
        spec = ql.QuantSpec(slug, granularity=ql.per_group(5), calibrator="mse", rounding=rounding, **dict(variant))
        assert np.array_equal(ql.fake_quantize(x, spec), ql.fake_quantize(x.astype(np.float64), spec)), variant
