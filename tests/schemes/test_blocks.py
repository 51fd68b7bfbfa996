"""Are MX, NVFP4 and double-quantized NF4 those of the specification and of other libraries?

Oracles: gfloat's quantize_block (MX, bit for bit), ml_dtypes' float8_e4m3fn and float4_e2m1fn (NVFP4, its formula
written out here), bitsandbytes (NF4 with compress_statistics). Errors on N(0, 1): numerics.md section 7.
"""

from __future__ import annotations

import gfloat.formats
import ml_dtypes
import numpy as np
import pytest
from gfloat.block import compute_scale_amax, quantize_block

import quantlab as ql

INFOS = {
    "mxfp8-e4m3": gfloat.formats.format_info_mxfp8_e4m3,
    "mxfp8-e5m2": gfloat.formats.format_info_mxfp8_e5m2,
    "mxfp6-e3m2": gfloat.formats.format_info_mxfp6_e3m2,
    "mxfp6-e2m3": gfloat.formats.format_info_mxfp6_e2m3,
    "mxfp4": gfloat.formats.format_info_mxfp4_e2m1,
    "mxint8": gfloat.formats.format_info_mxint8,
}
GAUSS = np.random.default_rng(0).normal(size=(4096, 256)).astype(np.float32)


def test_every_mx_format_has_an_oracle():
    assert {variant["format"] for variant in ql.SCHEMES["mx"].variants if "format" in variant} == set(INFOS)


def blocks_of(kind, info):
    """(96, 32) float32 values chosen to hurt."""
    rng = np.random.default_rng(7)
    if kind == "ties":  # half way between neighbours of the element format, the block's largest included
        values = np.sort(np.unique([v for v in _values(info.etype) if np.isfinite(v)]))
        halves = (values[1:] + values[:-1]) / 2
        x = rng.choice(np.concatenate([halves, values]), (96, 32)) * 2.0 ** rng.integers(-20, 20, (96, 1))
        x[:, 0] = values[-1] * 2.0 ** np.floor(np.log2(np.abs(x[:, 1:]).max(axis=1) / values[-1]) + 1)
    elif kind == "every size":
        x = rng.normal(size=(96, 32)) * 10.0 ** rng.uniform(-38, 38, (96, 1))
    elif kind == "extremes":
        x = rng.choice([0.0, -0.0, 3.4028235e38, -3.4028235e38, 1e-45, -1e-40, 1.0], (96, 32))
    elif kind == "tiny":
        x = rng.integers(-9, 10, (96, 32)) * 2.0 ** rng.integers(-149, -118, (96, 1))
    else:
        x = rng.standard_t(3, (96, 32))
    return np.clip(x, -3.4028235e38, 3.4028235e38).astype(np.float32)


def _values(info):
    return [gfloat.decode_float(info, code).fval for code in range(2**info.k)]


@pytest.mark.parametrize("kind", ["ties", "every size", "extremes", "tiny", "heavy tails"])
@pytest.mark.parametrize("slug", INFOS)
def test_mx_is_gfloat_s_quantize_block_bit_for_bit(slug, kind):
    x = blocks_of(kind, INFOS[slug])
    expected = np.stack([quantize_block(INFOS[slug], row.astype(np.float64), compute_scale_amax) for row in x])
    expected = np.clip(expected, -3.4028235e38, 3.4028235e38)  # MXINT8's -2 * 2^127
    assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("mx", format=slug)), expected.astype(np.float32))


def test_mx_takes_blocks_of_32_and_their_bits_by_default():
    expected = {"mxfp4": 4.25, "mxfp6-e2m3": 6.25, "mxfp6-e3m2": 6.25, "mxfp8-e4m3": 8.25, "mxfp8-e5m2": 8.25, "mxint8": 8.25}
    for slug, bits in expected.items():
        spec = ql.QuantSpec("mx", format=slug)
        assert spec.granularity == ql.per_group(32)
        assert ql.quantize(GAUSS, spec).bits_per_value == bits == ql.FORMATS[slug].bits_per_value


def test_mx_scales_are_powers_of_two_and_a_block_of_zeros_is_no_trouble():
    x = GAUSS[:8].copy()
    x[2, :32] = 0
    q = ql.quantize(x, ql.QuantSpec("mx"))
    assert np.all(np.frexp(q.qparams.scale)[0] == 0.5)
    assert np.all(ql.dequantize(q)[2, :32] == 0)


def test_mxfp4_has_the_error_of_the_table_on_a_gaussian():
    assert ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("mx", format="mxfp4"))) == pytest.approx(0.0131, rel=0.015)


# ---------------------------------------------------------------- NVFP4


def nvfp4(x):
    """The two-level formula, block by block, in ml_dtypes' own types."""
    tensor = np.float64(np.float32(np.abs(x).max() / np.float64(6 * 448)))
    out = np.empty_like(x)
    for row, to in zip(x, out, strict=True):
        for start in range(0, len(row), 16):
            block = row[start : start + 16]
            scale = (np.abs(block).max() / 6.0 / tensor).astype(np.float32).astype(ml_dtypes.float8_e4m3fn)
            step = np.float32(max(np.float64(scale), 2.0**-9) * tensor)
            to[start : start + 16] = np.clip(block / step, -6, 6).astype(ml_dtypes.float4_e2m1fn).astype(np.float32) * step
    return out


@pytest.mark.parametrize("width", [64, 40, 7])
def test_nvfp4_is_its_formula_and_ragged_blocks_share_the_tensor_s_scale(width):
    rng = np.random.default_rng(width)
    x = (rng.normal(size=(300, width)) * 10.0 ** rng.uniform(-3, 0, (300, 1))).astype(np.float32)
    assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("nvfp4")), nvfp4(x))


def test_nvfp4_costs_four_and_a_half_bits_and_one_scale():
    assert ql.quantize(GAUSS, ql.QuantSpec("nvfp4")).bits_per_value == 4.5 + 32 / GAUSS.size
    assert ql.QuantSpec("nvfp4").granularity == ql.per_group(16)
    with pytest.raises(ValueError, match="channel, token, group, block"):
        ql.QuantSpec("nvfp4", granularity=ql.per_tensor())


def test_nvfp4_has_a_smaller_error_than_mxfp4():
    mse = {s: ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec(s))) for s in ("nvfp4", "mx")}
    assert mse["nvfp4"] < 0.75 * mse["mx"]


# ---------------------------------------------------------------- NF4, its scales quantized too


def test_double_quantization_has_the_bits_of_the_paper():
    """QLoRA: 4 + 8/64 + 32/(64 * 256) = 4.127; the offset, one for the tensor, is counted besides."""
    q = ql.quantize(GAUSS, ql.QuantSpec("nf4", granularity=ql.per_group(64), double=True))
    assert q.bits_per_value == pytest.approx(4.127, abs=1e-4)
    assert q.bits_per_value == 4 + 8 / 64 + 32 / (64 * 256) + 32 / GAUSS.size


def test_double_quantized_scales_are_those_of_bitsandbytes():
    """Its 8-bit code looks levels up in a coarse table, so a few scales near a border differ by a level."""
    functional = pytest.importorskip("bitsandbytes.functional")
    import torch

    packed, state = functional.quantize_4bit(torch.from_numpy(GAUSS), blocksize=64, quant_type="nf4", compress_statistics=True)
    theirs = (functional.dequantize_blockwise(state.absmax, state.state2) + state.offset).numpy()
    q = ql.quantize(GAUSS, ql.QuantSpec("nf4", granularity=ql.per_group(64), double=True))
    off = np.abs(q.qparams.scale - theirs)
    assert np.mean(off > 1e-6 * theirs) < 0.005
    assert off.max() < 0.05
    their_mse = ql.metrics.mse(GAUSS, functional.dequantize_4bit(packed, state, quant_type="nf4").numpy().reshape(GAUSS.shape))
    assert ql.metrics.mse(GAUSS, ql.dequantize(q)) == pytest.approx(their_mse, rel=2e-3)


def test_the_dynamic_code_is_that_of_bitsandbytes():
    functional = pytest.importorskip("bitsandbytes.functional")
    from quantlab.schemes._double import dynamic_code

    assert dynamic_code() == pytest.approx(functional.create_dynamic_map().numpy(), abs=1e-7)


def test_double_quantization_costs_little_error():
    single, double = (
        ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("nf4", granularity=ql.per_group(64), double=d))) for d in (False, True)
    )
    assert single == pytest.approx(0.00846, rel=0.006)
    assert single < double < 1.01 * single


def test_groups_of_zeros_count_as_zero_in_the_mean_of_the_scales():
    x = np.full((300, 64), 8.0, np.float32)
    x[::2] = 0
    q = ql.quantize(x, ql.QuantSpec("nf4", granularity=ql.per_channel(), double=True))
    assert ql.dequantize(q) == pytest.approx(x, rel=0.01)  # mean 4, residuals 4 and -4: both ends of the code
    assert np.all(ql.dequantize(q)[::2] == 0)


def test_a_group_far_below_the_others_still_has_a_scale_above_zero():
    x = np.ones((300, 64), np.float32)
    x[7] = 1e-6
    q = ql.quantize(x, ql.QuantSpec("nf4", granularity=ql.per_channel(), double=True))
    assert np.all(q.qparams.scale > 0)
    assert np.abs(ql.dequantize(q)[7]).max() < 0.02
