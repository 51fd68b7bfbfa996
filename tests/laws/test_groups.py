"""Does a tensor times a power of two, or a group beside others, come out as alone?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import quantlab as ql

from .registry import draw_case
from .strategies import FLOAT16, KINDS, RANDOM, combinations


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
