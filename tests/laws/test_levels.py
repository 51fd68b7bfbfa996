"""Are there as many levels as the bits allow, and does a long tensor come out in one piece?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

from .registry import variant_params


@pytest.mark.parametrize("spec", variant_params())
def test_levels_are_as_many_as_the_bits_allow_and_codes_find_them(spec):
    x = np.random.default_rng(3).normal(size=3000).astype(np.float32)
    q = ql.quantize(x, spec)
    assert q.levels.shape[1] <= 2**spec.bits
    assert np.array_equal(q.levels[q.group_index, q.codes.astype(np.int64) - int(q.qparams.qmin)], ql.dequantize(q))
    assert eval(repr(spec), {"QuantSpec": ql.QuantSpec}) == spec


@pytest.mark.parametrize("spec", variant_params())
def test_numbers_of_float16_are_kept_where_the_scheme_says_so(spec):
    scheme, x = ql.SCHEMES[spec.scheme], np.random.default_rng(5).normal(size=64).astype(np.float32)
    q = ql.quantize(x, spec)
    numbers = scheme.storage.write(q.qparams, spec, spec.granularity.counts(x.shape)).values()
    assert any(array.dtype == np.float16 for array in numbers) == (scheme.float16 and spec.knobs.get("format") != "mxfp4")


@pytest.mark.parametrize("spec", variant_params())
def test_more_data_of_the_same_kind_is_quantized_in_one_piece(spec):
    """Blocked or threaded passes must leave no seam: a long tensor equals its short one repeated, 300 032 = 293 * 1024."""
    if ql.SCHEMES[spec.scheme].fitted(spec):
        pytest.skip("the codebook comes from sums over all values, which rounding makes differ in the last digit")
    short = np.random.default_rng(4).normal(size=1024).astype(np.float32)  # 1024 = 32 * 32, whole blocks
    expected = np.tile(ql.fake_quantize(short, spec), 293)
    assert np.array_equal(ql.fake_quantize(np.tile(short, 293), spec), expected)
