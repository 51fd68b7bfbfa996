"""Are GGUF's blocks those of the gguf package, bit for bit?

Oracle: gguf.quants encodes Q4_0 to Q8_0 and decodes all. ggml's own library encodes all, where it is installed (pywhispercpp's wheel
has it, for instance). Without it Q4_K is compared with the published search, taken scalar by scalar. Errors on N(0, 1): numerics.md
section 7.
"""

from __future__ import annotations

import ctypes
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

import quantlab as ql
from quantlab.model_file.ggml_blocks import block_bytes
from quantlab.schemes import _ggml
from quantlab.schemes._ggml_k import k_search

gguf = pytest.importorskip("gguf")
from gguf import GGMLQuantizationType, quants  # noqa: E402

RNG = np.random.default_rng(0)
HALVES = RNG.integers(-254, 255, (20_000, 32)) / 2
DATA = {
    "normal": RNG.normal(size=(20_000, 32)),
    "ties of 4 bits": RNG.choice(np.arange(-16, 17) / 2, (20_000, 32)) * 2.0 ** RNG.integers(-8, 8, (20_000, 1)),
    "ties of 8 bits": np.c_[np.full(20_000, 127.0), HALVES[:, 1:]] * 2.0 ** RNG.integers(-8, 8, (20_000, 1)),
    "every size": RNG.normal(size=(20_000, 32)) * 10.0 ** RNG.uniform(-12, 4, (20_000, 1)),
    "even spread": RNG.uniform(-1, 1, (20_000, 32)),
    "one sign": RNG.uniform(3, 4, (20_000, 32)),
    "constant": np.repeat(RNG.normal(size=(200, 1)), 32, axis=1),
    "zeros": np.zeros((4, 32)),
}
FORMATS = ("q4_0", "q4_1", "q5_0", "q5_1", "q8_0")
GAUSS = np.random.default_rng(1).normal(size=(4096, 256)).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("slug", FORMATS)
def test_decoded_values_are_those_of_the_gguf_package(slug, data):
    x = DATA[data].astype(np.float32)
    kind = GGMLQuantizationType[slug.upper()]
    assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("gguf", format=slug)), quants.dequantize(quants.quantize(x, kind), kind))


@pytest.mark.parametrize("slug", _ggml.FORMATS)
def test_block_formats_cost_the_bits_of_their_bytes(slug):
    block, size = gguf.GGML_QUANT_SIZES[GGMLQuantizationType[slug.upper()]]
    assert ql.quantize(GAUSS[:2], ql.QuantSpec("gguf", format=slug)).bits_per_value == size * 8 / block


@pytest.mark.parametrize(("slug", "mse"), [("q4_0", 0.00734), ("q4_1", 0.00601), ("q8_0", 2.8e-5)])
def test_block_formats_have_the_error_of_the_table_on_a_gaussian(slug, mse):
    """Within 2.5 %: the table is one sample of fewer values; the gguf package gives the same as we do, bit for bit."""
    assert ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("gguf", format=slug))) == pytest.approx(mse, rel=0.025)


def test_q4_0_beats_nf4_at_equal_bits_on_a_gaussian():
    q4_0, nf4 = (ql.quantize(GAUSS, s) for s in (ql.QuantSpec("gguf"), ql.QuantSpec("nf4", granularity=ql.per_group(64))))
    assert q4_0.bits_per_value == nf4.bits_per_value == 4.5
    assert ql.metrics.mse(GAUSS, ql.dequantize(q4_0)) < ql.metrics.mse(GAUSS, ql.dequantize(nf4))


def test_the_value_of_largest_magnitude_is_reached_whatever_its_sign():
    x = np.linspace(-1, 0.875, 32)
    for signed in (x, -x):
        x_hat = ql.fake_quantize(signed, ql.QuantSpec("gguf", format="q4_0"))
        assert x_hat[0] == signed[0]


def test_values_beyond_float16_scales_are_clipped_where_ggml_writes_infinity():
    x = np.array([3e38, 1e38, -3e38, 1.0], np.float32)
    for slug in _ggml.FORMATS:
        assert np.all(np.isfinite(ql.fake_quantize(x, ql.QuantSpec("gguf", format=slug)))), slug


@pytest.mark.parametrize("granularity", [ql.per_tensor(), ql.per_group(64), ql.per_group(32, axis=0), ql.per_channel()], ids=repr)
def test_other_blocks_than_the_format_s_are_refused_with_the_remedy(granularity):
    with pytest.raises(ValueError, match=r"use per_group\(32\)"):
        ql.QuantSpec("gguf", granularity=granularity)


def test_a_shorter_last_block_is_coded_as_a_block_of_its_own():
    x = GAUSS[:5, :40]
    x_hat = ql.fake_quantize(x, ql.QuantSpec("gguf", format="q5_1"))
    assert np.array_equal(x_hat[:, 32:], ql.fake_quantize(np.ascontiguousarray(x[:, 32:]), ql.QuantSpec("gguf", format="q5_1")))


# ---------------------------------------------------------------- against ggml itself

LIBRARY = sorted(Path(os.environ.get("QUANTLAB_GGML", "/usr/lib")).glob("**/libggml-base.so*"))
WEIGHTS = {
    "normal": GAUSS[:256],
    "heavy tails": RNG.standard_t(3, (256, 512)),
    "even spread": RNG.uniform(-1, 1, (256, 256)),
    "one sign": RNG.uniform(3, 4, (256, 256)),
    "ties": RNG.choice(np.arange(-16, 17) / 2, (256, 256)),
    "every size": RNG.normal(size=(256, 256)) * 10.0 ** RNG.uniform(-9, 4, (256, 1)),
    "gaps": RNG.normal(size=(256, 256)) * (RNG.random((256, 256)) < 0.05),
    "constant": np.repeat(RNG.normal(size=(64, 16)), 16, axis=1),
    "zeros": np.zeros((2, 256)),
}
UNIFORM_BLOCKS = ("normal", "heavy tails", "even spread", "one sign", "ties")  # in which hardly a step vanishes


@pytest.mark.parametrize("slug", _ggml.FORMATS)
def test_the_bytes_that_are_written_come_back_from_the_gguf_package_as_our_values(slug):
    for name, x in WEIGHTS.items():
        x = np.ascontiguousarray(x[:64], np.float32)
        back = quants.dequantize(block_bytes(x, slug), GGMLQuantizationType[slug.upper()])
        assert np.array_equal(back, ql.fake_quantize(x, ql.QuantSpec("gguf", format=slug))), name


@pytest.mark.skipif(not LIBRARY, reason="needs ggml's libggml-base.so: name its folder in QUANTLAB_GGML")
@pytest.mark.parametrize("slug", _ggml.FORMATS)
def test_ggml_itself_writes_the_same_values_and_but_for_vanished_blocks_the_same_bytes(slug):
    ggml = ctypes.CDLL(str(LIBRARY[0]))
    ggml.ggml_quantize_chunk.restype = ctypes.c_size_t
    ggml.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3, ctypes.c_void_p]
    kind = GGMLQuantizationType[slug.upper()]
    for name, x in WEIGHTS.items():
        x = np.ascontiguousarray(x, np.float32)
        ours = block_bytes(x, slug)
        theirs = np.zeros_like(ours)
        assert ggml.ggml_quantize_chunk(int(kind), x.ctypes.data, theirs.ctypes.data, 0, *x.shape, None) == ours.nbytes
        assert np.array_equal(quants.dequantize(theirs, kind), quants.dequantize(ours, kind)), name
        if name in UNIFORM_BLOCKS:
            assert (ours == theirs).mean() > 0.997, name


# ---------------------------------------------------------------- K-quants

F = np.float32


def make_qkx2(x):
    """The published search for one block, scalar by scalar in float32: nmax = 15, rmin = -1, rdelta = .1, nstep = 20, squared error.

    A better try replaces scale *and* minimum, and the next try measures from the new minimum.
    """
    total = F(0)
    for v in x:
        total += v * v
    average = np.sqrt(total / F(len(x)))
    w = [average + abs(v) for v in x]
    low, high = min(*x, F(0)), max(x)
    sum_w, sum_x = F(0), F(0)
    for v, weight in zip(x, w, strict=True):
        sum_w, sum_x = sum_w + weight, sum_x + weight * v
    if high == low:
        return F(0), -low

    def code(inverse, v):
        return F(min(15, max(0, int(np.rint(inverse * (v - low))))))

    def error(codes, s, b):
        e = F(0)
        for v, weight, q in zip(x, w, codes, strict=True):
            off = s * q + b - v
            e += weight * (off * off)
        return e

    inverse = F(15) / (high - low)
    scale = F(1) / inverse
    best = error([code(inverse, v) for v in x], scale, low)
    for step in range(21):
        inverse = (F(-1) + F(0.1) * F(step) + F(15)) / (high - low)
        codes = [code(inverse, v) for v in x]
        s_l, s_l2, s_xl = F(0), F(0), F(0)
        for v, weight, q in zip(x, w, codes, strict=True):
            s_l, s_l2, s_xl = s_l + weight * q, s_l2 + weight * q * q, s_xl + weight * q * v
        det = sum_w * s_l2 - s_l * s_l
        if det > 0:
            s, b = (sum_w * s_xl - sum_x * s_l) / det, (s_l2 * sum_x - s_l * s_xl) / det
            if b > 0:
                s, b = s_xl / s_l2, F(0)
            e = error(codes, s, b)
            if e < best:
                best, scale, low = e, s, b
    return scale, -low


def encoded(x):
    """Codes and values of a super-block (256,) by the published encoder, scalar by scalar."""
    found = [make_qkx2(part) for part in x.reshape(8, 32)]
    values, codes = [], []
    tops = [max(numbers) for numbers in zip(*found, strict=True)]
    inverses = [F(63) / top if top > 0 else F(0) for top in tops]
    shared = [F(np.float16(top / F(63))) for top in tops]
    for part, numbers in zip(x.reshape(8, 32), found, strict=True):
        whole = [F(min(63, int(np.rint(inverse * number)))) for inverse, number in zip(inverses, numbers, strict=True)]
        d, depth = shared[0] * whole[0], shared[1] * whole[1]
        q = [F(min(15, max(0, int(np.rint((v + depth) / d))))) if d else F(0) for v in part]
        codes += q
        values += [d * code - depth for code in q]
    return np.array(codes), np.array(values, np.float32)


Q4_K_DATA = {
    "normal": GAUSS[:24],
    "even spread": np.resize(DATA["even spread"], (8, 256)).astype(np.float32),
    "one sign": np.resize(DATA["one sign"], (8, 256)).astype(np.float32),
    "every size": np.resize(DATA["every size"], (8, 256)).astype(np.float32),
    "constant": np.resize(DATA["constant"], (4, 256)).astype(np.float32),
    "outliers": (GAUSS[:12] ** 3).astype(np.float32),
    "below zero": -np.abs(GAUSS[:8]),
}


@pytest.mark.slow
@pytest.mark.parametrize("data", Q4_K_DATA)
def test_q4_k_encodes_as_the_published_encoder_does_scalar_by_scalar(data):
    for row in Q4_K_DATA[data]:
        q = ql.quantize(row[None], ql.QuantSpec("gguf", format="q4_k"))
        codes, values = encoded(row)
        assert np.array_equal(q.codes.ravel(), codes)
        assert np.array_equal(ql.dequantize(q).ravel(), values)


def test_a_better_try_of_q4_k_moves_the_minimum_of_the_tries_after_it():
    """What set the old search apart: with the first minimum kept the squared error of normal values is larger by about 1 %."""
    x = GAUSS.reshape(-1, 32)[:512]
    _, depth = k_search(x, 15, -1.0, 21, squared=True)
    assert (depth != -np.minimum(x.min(axis=1), 0)).mean() > 0.5


def test_q4_k_has_a_smaller_error_than_q4_0_at_the_same_bits():
    mse = {f: ql.metrics.mse(GAUSS, ql.fake_quantize(GAUSS, ql.QuantSpec("gguf", format=f))) for f in ("q4_k", "q4_0")}
    assert mse["q4_k"] < 0.75 * mse["q4_0"]


def test_more_bits_make_a_smaller_error_and_uneven_levels_beat_even_ones_on_a_gaussian():
    x = GAUSS[:256]
    mse = {f: ql.metrics.mse(x, ql.fake_quantize(x, ql.QuantSpec("gguf", format=f))) for f in _ggml.FORMATS}
    falling = [mse[f] for f in ("tq2_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "q8_0")]
    assert falling == sorted(falling, reverse=True)
    assert mse["iq4_nl"] < 0.8 * mse["q4_0"] and mse["iq4_xs"] < 0.5 * mse["mxfp4"]


def test_a_block_that_another_format_fixes_follows_the_format():
    assert ql.QuantSpec("gguf").replace(format="q2_k", bits=None).granularity == ql.per_group(16)
    assert ql.QuantSpec("mx", granularity=ql.per_group(8)).replace(format="mxint8", bits=None).granularity == ql.per_group(8)


def test_mxfp4_of_ggml_takes_ties_to_the_smaller_magnitude_where_ocp_s_take_the_even_mantissa():
    x = np.array([6, 0.75, 1.75, 2.5, 3.5, 5, -0.75, -5], np.float32)
    assert ql.fake_quantize(x, ql.QuantSpec("gguf", format="mxfp4")).tolist() == [6, 0.5, 1.5, 2, 3, 4, -0.5, -4]
    assert ql.fake_quantize(x, ql.QuantSpec("mx", format="mxfp4")).tolist() == [6, 1, 2, 2, 4, 4, -1, -4]


@pytest.mark.parametrize("form", ql.SCHEMES["gguf"].knobs["format"].choices)
def test_blocks_of_subnormal_values_overflow_no_reciprocal(form):
    x = (np.random.default_rng(0).integers(-3, 4, (2, 256)) * 2.0**-149).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.abs(ql.fake_quantize(x, ql.QuantSpec("gguf", format=form))).max() < 1e-37
