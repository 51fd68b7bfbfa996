"""Where does zero stay zero, and is silence kept?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantlab as ql

from .registry import all_variants, bits_of, draw_case, every, variant_params
from .strategies import as_float32


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


@pytest.mark.parametrize("spec", variant_params())
def test_the_sign_of_a_zero_changes_nothing(spec):
    """A codebook fitted to sorted values must not keep whichever of 0 and -0 the sorting put first."""
    x = np.repeat(np.array([0, 1e-4, -1e16, 65535, 0, 1, 2e16, 0], np.float32), 3)
    expected = bits_of(ql.fake_quantize(x, spec))
    for dtype in (np.float32, np.float64):
        for first in (0, 1):  # every other zero is -0
            signed = x.astype(dtype)
            signed[first::2] = np.where(x == 0, -0.0, x)[first::2]
            assert np.array_equal(bits_of(ql.fake_quantize(signed, spec)), expected)
