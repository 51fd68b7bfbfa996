"""Does the scheme ``float`` quantize to any EeMm as gfloat casts, with or without infinity, subnormals, saturation?

Expected values: gfloat's round_ndarray of x / s in the format's own parameters, ties to even; codes and levels by the
format's list of values. ml_dtypes where it has the format. gfloat rounds to subnormals whatever it is told, so below the
least normal value the rule stands here; and without mantissa bits its ties are not those of IEEE 754-2019, 4.3.1.
"""

from __future__ import annotations

import gfloat
import ml_dtypes
import numpy as np
import pytest

import quantlab as ql
from quantlab.formats import FloatFormat, parse_format

SLUGS = [
    "e3m4",
    "e3m4fn",
    "e2m0fn",
    "e3m0fn",
    "e4m0fn",
    "e5m0",
    "e1m1fn",
    "e1m2fn",
    "e2m2fn",
    "e4m2fn",
    "e5m1",
    "e6m1",
    "e6m9",
    "e4m11fn",
    "e2m13fn",
    "e7m3b110fn",
    "e3m2b130fn",
    "e3m2b-60fn",
    "e4m3b11fn",
    "e2m2b-120",
    "e4m3fn-nosub",
    "e5m2-nosub",
    "e2m1fn-nosub",
    "e4m0fn-nosub",
    "e3m5b2fn-nosub",
    "e5m2-nosat",
    "e4m3fn-nosat",
]
RNG = np.random.default_rng(0)


def float_format(slug: str) -> FloatFormat:
    f = parse_format(slug)
    assert isinstance(f, FloatFormat)
    return f


def rounded(u: np.ndarray, f: FloatFormat) -> np.ndarray:
    info = gfloat.FormatInfo(
        f.slug,
        f.bits,
        f.mantissa_bits + 1,
        bias=f.bias,
        is_signed=True,
        domain=gfloat.Domain.Extended if f.has_inf else gfloat.Domain.Finite,
        has_nz=True,
        num_high_nans={"none": 0, "one": 1, "ieee": 2**f.mantissa_bits - 1}[f.nan],
        has_subnormals=f.subnormals,
        is_twos_complement=False,
    )
    y = gfloat.round_ndarray(info, u.astype(np.float64), sat=True)
    if f.subnormals:
        return y
    return np.where(np.abs(u) < f.min_normal, np.copysign(f.min_normal * (np.abs(u) > f.min_normal / 2), u), y)


def probes(f: FloatFormat, overflow: bool) -> np.ndarray:
    """All values, all ties, a float32 beside each, both zeros, 20 000 of all sizes; where wanted beyond the largest too."""
    values = f.values().astype(np.float64)
    ties = ((values[1:] + values[:-1]) / 2).astype(np.float32)
    anywhere = f.max * RNG.uniform(-1, 1, 20_000) * 2.0 ** -RNG.uniform(0, 12, 20_000)
    beyond = np.clip(f.max * np.array([1.01, 1.3, -1.6, -9.0]), -3e38, 3e38) if overflow else []
    parts = (values, ties, np.nextafter(ties, np.float32(np.inf)), np.nextafter(ties, np.float32(-np.inf)), anywhere, [0.0, -0.0], beyond)
    x = np.concatenate(parts).astype(np.float32)
    x = x[~np.isin(x, ties)] if f.mantissa_bits == 0 else x
    return x if overflow else np.clip(x, -f.max, f.max)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_unscaled_float_is_gfloat_s_rounding(slug):
    f = float_format(slug)
    x = probes(f, overflow=f.saturate)
    expected = rounded(x, f)
    q = ql.quantize(x, ql.QuantSpec("float", format=slug, scaled=False))
    assert np.array_equal(ql.dequantize(q), expected)
    assert np.array_equal(q.levels[0], f.values())
    assert np.array_equal(f.values()[q.codes.astype(int) - q.qparams.qmin], expected)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_scaled_float_is_gfloat_s_rounding_of_the_quotient(slug):
    f = float_format(slug)
    x = RNG.standard_t(3, size=(4, 5_000)).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("float", format=slug, granularity=ql.per_channel()))
    s = q.qparams.scale[:, None]
    assert s[:, 0] == pytest.approx(np.abs(x).max(axis=1) / f.max, rel=2**-23)
    assert np.array_equal(ql.dequantize(q), rounded(x / s, f).astype(np.float32) * s)


@pytest.mark.parametrize(
    ("slug", "dtype"), [("e3m4", ml_dtypes.float8_e3m4), ("e4m3", ml_dtypes.float8_e4m3), ("e5m2-nosat", ml_dtypes.float8_e5m2)]
)
def test_it_is_ml_dtypes_cast_where_that_has_the_format(slug, dtype):
    f = float_format(slug)
    x = probes(f, overflow=False)
    assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("float", format=slug, scaled=False)), x.astype(dtype).astype(np.float32))


def test_without_saturation_nothing_becomes_infinite_silently():
    """A scale is widened to what is there; a plain cast, or a scale given beforehand, is refused with the count."""
    x = np.array([1.0, 2.0, 1e6, -1e6])
    wide, short = (ql.QuantSpec("float", format="e5m2-nosat", clip=clip) for clip in (1.0, 0.01))
    assert np.array_equal(ql.fake_quantize(x, wide), ql.fake_quantize(x, short))
    with pytest.raises(ValueError, match="2 values are beyond its largest, 57344"):
        ql.quantize(x, ql.QuantSpec("float", format="e5m2-nosat", scaled=False), ql.choose_qparams(x[:2], wide.replace(scaled=False)))
    for rounding in ("nearest-even", "half-away"):
        given = ql.choose_qparams(x[:2], wide.replace(rounding=rounding))
        with pytest.raises(ValueError, match="leave out -nosat"):
            ql.quantize(x, wide.replace(rounding=rounding), given)
    with pytest.raises(ValueError, match="1 values are beyond"):
        ql.quantize(x, wide.replace(scaled=False))


def test_one_format_has_one_spec_however_its_slug_is_written():
    """E4M3 without infinity is E4M3FN, and the usual bias need not be said."""
    assert ql.QuantSpec("float", format="e4m3b7fn") == ql.QuantSpec("float", format="e4m3fn")
    assert ql.QuantSpec("float", format="e3m4").bits == 8
    spec = ql.QuantSpec("float", format="e3m4", bits=8)
    assert eval(repr(spec), {"QuantSpec": ql.QuantSpec}) == spec


@pytest.mark.parametrize("slug", ["e8m10", "fp32", "int8", "mxfp4", "e9m9", "e0m3", "float8", "", 8, None])
def test_what_is_no_small_float_is_refused_with_the_remedy(slug):
    with pytest.raises(ValueError, match="e3m4|use fewer bits|give it more|exponent bit"):
        ql.QuantSpec("float", format=slug)
