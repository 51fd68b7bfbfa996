"""Do the named conventions of symmetric integers reproduce the libraries they are named after?

Oracles: torch's MinMaxObserver (half-step), GPTQ's Quantizer and torchao's choose_qparams written out from their
sources (neither installs here), the gguf package (gguf, up to its float16 scale).
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import quantlab as ql

BITS = [2, 3, 4, 8]
X = np.random.default_rng(0).normal(size=2000).astype(np.float32)
LOPSIDED = np.concatenate([X, [6.0]]).astype(np.float32)
SIDES = {"negative largest": -LOPSIDED, "positive largest": LOPSIDED}


def spec(convention, bits, **how):
    return ql.QuantSpec("int-symmetric", bits=bits, convention=convention, **how)


@pytest.mark.parametrize("side", SIDES)
def test_half_step_is_torch_s_observer_and_its_fake_quantize(side):
    x = SIDES[side]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observer = torch.ao.quantization.MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
        observer(torch.from_numpy(x))
        scale, zero = observer.calculate_qparams()
    q = ql.quantize(x, spec("half-step", 8, arithmetic="torch_fake"))
    assert (q.qparams.qmin, q.qparams.qmax, int(zero)) == (-128, 127, 0)
    assert q.qparams.scale[0] == pytest.approx(scale.item(), rel=2**-23)
    theirs = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x), float(q.qparams.scale[0]), 0, -128, 127).numpy()
    assert np.array_equal(ql.dequantize(q), theirs)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("bits", BITS)
def test_gptq_is_its_quantizer_with_sym(bits, side):
    """gptq/quant.py: xmax = max(|xmin|, xmax); scale = 2 xmax / maxq; zero = (maxq + 1) / 2."""
    x, maxq = SIDES[side], 2**bits - 1
    scale = np.float32(2 * np.abs(x).max()) / np.float32(maxq)
    codes = np.clip(np.rint(x / scale) + (maxq + 1) / 2, 0, maxq)
    q = ql.quantize(x, spec("gptq", bits))
    assert np.array_equal(q.codes, codes)
    assert np.array_equal(ql.dequantize(q), (scale * (codes - np.float32((maxq + 1) / 2))).astype(np.float32))


@pytest.mark.parametrize("bits", BITS)
def test_gptq_and_half_step_have_the_same_values_under_different_codes(bits):
    a, b = (ql.quantize(X, spec(c, bits)) for c in ("gptq", "half-step"))
    assert np.array_equal(a.codes.astype(int) - 2 ** (bits - 1), b.codes)
    assert ql.dequantize(a) == pytest.approx(ql.dequantize(b), rel=2**-22)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("bits", BITS)
def test_full_is_torchao_s_symmetric_without_clipping(bits, side):
    """torchao quant_primitives, SYMMETRIC_NO_CLIPPING_ERR: scale = max(min / quant_min, max / quant_max)."""
    x, h = SIDES[side], 2 ** (bits - 1)
    scale = max(x.min() / np.float32(-h), x.max() / np.float32(h - 1))
    q = ql.quantize(x, spec("full", bits, calibrator="minmax"))
    assert q.qparams.scale[0] == pytest.approx(scale, rel=2**-23)
    assert (q.qparams.qmin, q.qparams.qmax) == (-h, h - 1)
    assert q.levels[0, 0] * (1 + 2**-22) <= x.min() and x.max() <= q.levels[0, -1] * (1 + 2**-22)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("bits", "slug"), [(4, "q4_0"), (5, "q5_0")])
def test_gguf_is_the_block_format_s_up_to_its_float16_scale(bits, slug, side):
    """Scales of float16 are 2^-11 near; codes differ only where x / scale is that near a tie."""
    x = SIDES[side][-32:] * np.float32(1)
    block = ql.quantize(x, ql.QuantSpec("gguf", format=slug))
    q = ql.quantize(x, spec("gguf", bits, rounding="half-up"))
    assert q.qparams.scale[0] == pytest.approx(block.qparams.scale[0], rel=2**-11)
    assert q.qparams.zero_point.tolist() == block.qparams.zero_point.tolist()
    assert np.mean(q.codes != block.codes) <= 0.05


@pytest.mark.parametrize("side", SIDES)
def test_gguf_reaches_the_value_of_largest_magnitude_with_its_one_extra_level(side):
    x = SIDES[side]
    q = ql.quantize(x, spec("gguf", 4))
    assert ql.dequantize(q)[-1] == pytest.approx(x[-1], rel=2**-22)
    assert len(q.levels[0]) == 16
    assert 0 in q.levels[0]


def test_restricted_is_the_default_and_the_only_one_with_a_single_bit():
    assert ql.QuantSpec("int-symmetric", bits=4) == spec("restricted", 4)
    assert ql.QuantSpec("int-symmetric", bits=1).bits == 1
    with pytest.raises(ValueError, match="2 to 16"):
        spec("full", 1)


@pytest.mark.parametrize("convention", ["half-step", "gptq"])
def test_half_step_clips_the_largest_value_by_half_a_step(convention):
    q = ql.quantize(np.array([7.5, 0.0], np.float32), spec(convention, 4))
    assert q.qparams.scale[0] == 1
    assert ql.dequantize(q)[0] == 7
