"""Does `bits_per_value` count codes, scales, zero points and codebooks?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantlab as ql

from .registry import draw_case, every


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
