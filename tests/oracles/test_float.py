"""Do the float formats agree, bit for bit, with ml_dtypes and gfloat?

Expected numbers: ml_dtypes' casts from float32 (numpy's own for fp16), after saturating to the format's largest value,
because ml_dtypes overflows to NaN or infinity where we saturate (numerics.md section 3). gfloat is a second opinion and
may be missing.
"""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

import quantlab as ql

TYPES = {
    "e4m3fn": ml_dtypes.float8_e4m3fn,
    "e5m2": ml_dtypes.float8_e5m2,
    "e2m1fn": ml_dtypes.float4_e2m1fn,
    "e2m3fn": ml_dtypes.float6_e2m3fn,
    "e3m2fn": ml_dtypes.float6_e3m2fn,
    "bf16": ml_dtypes.bfloat16,
    "fp16": np.float16,
    "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
}
FACTS = {
    "e4m3fn": (448, 2**-9),
    "e5m2": (57344, 2**-16),
    "e2m1fn": (6, 0.5),
    "e2m3fn": (7.5, 0.125),
    "e3m2fn": (28, 0.0625),
}
CASTS = [name for name in TYPES if name in ql.FORMATS]
FORMATS_OF_FLOAT = [v["format"] for v in ql.SCHEMES["float"].variants if v.get("format") in TYPES]


def largest(name: str) -> float:
    return float(np.finfo(np.float16).max if name == "fp16" else ml_dtypes.finfo(TYPES[name]).max)


def expected_cast(x: np.ndarray, name: str) -> np.ndarray:
    top = np.float32(largest(name))
    return np.clip(x, -top, top).astype(TYPES[name]).astype(np.float32)


def all_values(name: str) -> np.ndarray:
    """Every finite value of the format, ascending, float32, one zero."""
    width = np.dtype(TYPES[name]).itemsize * 8
    codes = np.arange(2**width, dtype=f"u{width // 8}")
    if width == 8:
        codes = codes[: 2 ** {"e2m1fn": 4, "e2m3fn": 6, "e3m2fn": 6}.get(name, 8)]
    values = codes.view(TYPES[name]).astype(np.float32)
    return np.unique(values[np.isfinite(values)])


def hostile(name: str) -> np.ndarray:
    """All values, all ties, the floats beside both, both signs of zero, overflow, and 200 000 random bit patterns."""
    values = all_values(name).astype(np.float64)
    ties = (values[1:] + values[:-1]) / 2
    top = values[-1]
    beyond = top + (values[-1] - values[-2]) * np.array([0.25, 0.5, 0.75, 1, 3])
    special = np.concatenate([values, ties, beyond, -beyond, [3e38, -3e38, 1e-45, -1e-45, 1.2e-38]])
    special = np.clip(special, -3.4028234e38, 3.4028234e38).astype(np.float32)
    with np.errstate(over="ignore"):
        beside = [np.nextafter(special, np.float32(s)) for s in (np.inf, -np.inf)]
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, 2**32, 200_000, dtype=np.uint32).view(np.float32)
    patterns = patterns[np.isfinite(patterns)]
    near = np.clip(rng.normal(size=100_000) * top / 3, -3e38, 3e38).astype(np.float32)
    small = (rng.normal(size=100_000) * 4 * values[values > 0][0]).astype(np.float32)
    x = np.concatenate([special, *beside, patterns, near, small, [0.0, -0.0]]).astype(np.float32)
    return x[np.isfinite(x)]


def differing(x, ours, theirs):
    wrong = np.flatnonzero(ours.view(np.uint32) != theirs.view(np.uint32))
    return f"{wrong.size} of {x.size}: " + str([(float(x[i]), float(ours[i]), float(theirs[i])) for i in wrong[:5]])


def test_every_format_of_the_contract_is_offered():
    assert set(TYPES) <= set(ql.FORMATS)
    assert {"e4m3fn", "e5m2", "e2m1fn", "bf16", "fp16"} <= set(FORMATS_OF_FLOAT)


@pytest.mark.parametrize("name", CASTS)
def test_cast_agrees_bit_for_bit_with_ml_dtypes(name):
    x = hostile(name)
    ours, theirs = ql.FORMATS[name].cast(x), expected_cast(x, name)
    assert ours.dtype == np.float32
    assert np.array_equal(ours.view(np.uint32), theirs.view(np.uint32)), differing(x, ours, theirs)


@pytest.mark.parametrize("name", CASTS)
def test_cast_keeps_shape_and_does_not_touch_its_input(name):
    x = np.random.default_rng(1).normal(size=(3, 4, 5)).astype(np.float32).transpose(2, 0, 1)
    before = x.copy()
    ours = ql.FORMATS[name].cast(x)
    assert ours.shape == x.shape
    assert np.array_equal(x, before)
    assert np.array_equal(ours, expected_cast(x, name))


@pytest.mark.parametrize("name", CASTS)
def test_cast_takes_every_half(name):
    halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    assert np.array_equal(ql.FORMATS[name].cast(halves), expected_cast(halves.astype(np.float32), name))


@pytest.mark.parametrize("name", FORMATS_OF_FLOAT)
def test_the_unscaled_float_scheme_is_the_pure_cast(name):
    """But for the sign of a zero, for which a scheme need not keep a code."""
    x = hostile(name)
    spec = ql.QuantSpec("float", format=name, scaled=False)
    ours, theirs = ql.fake_quantize(x, spec), expected_cast(x, name)
    assert np.array_equal(ours, theirs), differing(x, ours, theirs)


@pytest.mark.parametrize("name", FORMATS_OF_FLOAT)
def test_the_levels_of_the_unscaled_scheme_are_all_finite_values_of_the_format(name):
    q = ql.quantize(np.array([1.0, -0.3], np.float32), ql.QuantSpec("float", format=name, scaled=False))
    assert np.array_equal(np.unique(q.levels[0]), all_values(name))


@pytest.mark.parametrize("name", [n for n in FORMATS_OF_FLOAT if n not in ("bf16", "fp16")])
def test_the_scaled_float_scheme_puts_the_largest_value_on_the_largest_of_the_format(name):
    x = (np.random.default_rng(2).normal(size=100_000) * 0.037).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("float", format=name))
    scale = q.qparams.scale[0]
    assert scale == pytest.approx(np.abs(x).max() / largest(name), rel=2**-22)
    theirs = expected_cast(x / scale, name) * scale
    ours = ql.dequantize(q)
    assert np.array_equal(ours, theirs), differing(x, ours, theirs)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_formats_have_the_largest_and_smallest_values_of_the_table(name):
    """numerics.md section 3."""
    top, least = FACTS[name]
    cast = ql.FORMATS[name].cast
    ends = np.array([top, top * 1000, -top * 1000, least, least * 0.5, least * 0.51, least * 1.5], np.float32)
    assert cast(ends).tolist() == [top, top, -top, least, 0, least, 2 * least]


def test_e2m1_has_the_eight_magnitudes_of_the_table():
    x = np.linspace(-8, 8, 100_001).astype(np.float32)
    assert np.unique(np.abs(ql.FORMATS["e2m1fn"].cast(x))).tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6]


@pytest.mark.parametrize("name", [n for n in CASTS if n not in ("bf16", "fp16") and "fnuz" not in n])
def test_cast_agrees_with_gfloat(name):
    """gfloat is an optional second oracle: independent of ml_dtypes, slow, so 20 000 values and every tie."""
    gfloat = pytest.importorskip("gfloat")
    from gfloat import formats

    known = {"e4m3fn": "ocp_e4m3", "e5m2": "ocp_e5m2", "e2m1fn": "ocp_e2m1", "e2m3fn": "ocp_e2m3", "e3m2fn": "ocp_e3m2"}
    info = getattr(formats, f"format_info_{known[name]}")
    x = hostile(name)
    x = np.concatenate([x[:3000], np.random.default_rng(3).choice(x, 20_000)])
    theirs = np.asarray(gfloat.round_ndarray(info, x.astype(np.float64), sat=True), np.float32)
    ours = ql.FORMATS[name].cast(x)
    assert np.array_equal(ours, theirs), differing(x, ours, theirs)


@pytest.mark.parametrize("name", ["bf16", "fp16"])
def test_formats_of_sixteen_bits_are_cast_without_a_scale(name):
    """max|x| / 3.4e38 would be subnormal; the scheme's page says that their range needs no help."""
    x = hostile(name)
    q = ql.quantize(x, ql.QuantSpec("float", format=name))
    assert q.qparams.scale.tolist() == [1.0]
    assert q.bits_per_value == 16
    assert np.array_equal(ql.dequantize(q), expected_cast(x, name))


@pytest.mark.parametrize("name, bits", [("e4m3fn", 8), ("e5m2", 8), ("e2m1fn", 4)])
def test_a_format_has_its_own_number_of_bits(name, bits):
    x = np.ones(320, np.float32)
    assert ql.QuantSpec("float", format=name).bits == bits
    assert ql.quantize(x, ql.QuantSpec("float", format=name)).bits_per_value == pytest.approx(bits + 32 / 320)
    assert ql.quantize(x, ql.QuantSpec("float", format=name, scaled=False)).bits_per_value == pytest.approx(bits)


@pytest.mark.parametrize("name", CASTS)
def test_cast_saturates_infinity_and_makes_no_number_of_nan(name):
    """A cast is what the hardware does; `quantize` is where NaN and infinity are refused."""
    ends = ql.FORMATS[name].cast(np.array([np.nan, np.inf, -np.inf], np.float32))
    assert np.isnan(ends[0])
    assert ends[1:].tolist() == [largest(name), -largest(name)]
