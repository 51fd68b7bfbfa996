"""Scales in fewer bits: stored as they are used, counted as they are stored."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quantlab as ql
from quantlab.schemes import _scales
from quantlab.storage import packing

X = np.random.default_rng(0).normal(size=(8, 256)).astype(np.float32) * np.float32([[0.01], [0.02], [0.1], [1], [2], [5], [9], [0]])
CHOOSING = [slug for slug, scheme in ql.SCHEMES.items() if "scales" in scheme.knobs]
SPECS = [ql.QuantSpec(slug, granularity=ql.per_group(64), scales=form) for slug in CHOOSING for form in _scales.BITS]


def test_the_schemes_of_one_scale_a_group_choose_its_format():
    assert {"int-symmetric", "int-asymmetric", "nf4", "log", "power-of-two"} <= set(CHOOSING)


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_bits_per_value_fall_by_what_the_scale_saves(spec):
    wide, narrow = (ql.quantize(X, s) for s in (spec.replace(scales="float32"), spec))
    saved = 32 - {"float32": 32, "float16": 16, "e5m3": 8, "e8m0": 8}[spec.scales]
    assert wide.bits_per_value - narrow.bits_per_value == saved / 64


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_a_file_keeps_such_scales_in_so_many_bits(spec):
    q, file = ql.quantize(X, spec), io.BytesIO()
    packing.save(q, file)
    file.seek(0)
    back = packing.load(file)
    assert np.array_equal(ql.dequantize(back), ql.dequantize(q))
    arrays = packing._arrays_of(q)
    assert 8 * sum(a.nbytes for a in arrays.values()) == q.bits_per_value * q.codes.size


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_the_scale_in_use_is_one_that_its_format_has(spec):
    scale = ql.choose_qparams(X, spec).scale
    if spec.scales == "float16":
        assert np.array_equal(scale, scale.astype(np.float16).astype(np.float32))
    if spec.scales == "e8m0":
        assert np.all(np.frexp(scale)[0] == 0.5)
    if spec.scales == "e5m3":
        assert np.all(scale * 2.0**17 == np.rint(scale * 2.0**17)) and np.all(np.frexp(scale)[0] * 16 % 1 == 0)


def test_a_power_of_two_clips_nothing_and_costs_up_to_a_bit():
    spec = ql.QuantSpec("int-symmetric", 8, granularity=ql.per_group(64))
    exact, coarse = (ql.fake_quantize(X, spec.replace(scales=form)) for form in ("float32", "e8m0"))
    worst = np.abs(X).reshape(8, 4, 64).max(axis=2, keepdims=True) / 127
    assert np.all(np.abs(coarse - X).reshape(8, 4, 64) <= worst * 1.0001)  # half of a step that is at most twice as large
    assert ql.metrics.sqnr_db(X, exact) - ql.metrics.sqnr_db(X, coarse) < 6.1


@pytest.mark.parametrize("form", _scales.BITS)
@given(scale=st.floats(2.0**-126, 2.0**127, width=32))
def test_a_stored_scale_is_read_back_and_stays(form, scale):
    spec = ql.QuantSpec("int-symmetric", scales=form)
    stored = _scales.stored(np.array([scale], np.float32), spec)
    assert np.array_equal(_scales.read(_scales.written(stored, spec), spec), stored)
    assert np.array_equal(_scales.stored(stored, spec), stored)


def test_a_signed_scale_is_not_stored_without_its_sign():
    with pytest.raises(ValueError, match="scales have a sign; use float16"):
        ql.QuantSpec("int-symmetric", convention="gguf", scales="e8m0")
    assert (
        ql.quantize(X, ql.QuantSpec("int-symmetric", 4, convention="gguf", scales="float16", granularity=ql.per_group(32))).bits_per_value
        == 4.5
    )
