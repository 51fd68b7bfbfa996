"""Do our number formats agree with ml_dtypes and gfloat, bit for bit?"""

import gfloat
import gfloat.formats as gf
import ml_dtypes
import numpy as np
import pytest

from quantlab.formats import FORMATS, BlockFormat, FloatFormat, IntFormat, custom, parse_format

FLOATS = [f for f in FORMATS.values() if isinstance(f, FloatFormat)]
SHORT = [f for f in FLOATS if f.bits <= 16]
ML_DTYPES = {
    "e4m3fn": ml_dtypes.float8_e4m3fn,
    "e5m2": ml_dtypes.float8_e5m2,
    "e2m1fn": ml_dtypes.float4_e2m1fn,
    "e2m3fn": ml_dtypes.float6_e2m3fn,
    "e3m2fn": ml_dtypes.float6_e3m2fn,
    "bf16": ml_dtypes.bfloat16,
    "fp16": np.float16,
    "fp32": np.float32,
    "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "e4m3": ml_dtypes.float8_e4m3,  # the last two are not in the table: parse_format makes them
    "e3m4": ml_dtypes.float8_e3m4,
}
GFLOAT = {
    "e4m3fn": gf.format_info_ocp_e4m3,
    "e5m2": gf.format_info_ocp_e5m2,
    "e2m1fn": gf.format_info_ocp_e2m1,
    "e2m3fn": gf.format_info_ocp_e2m3,
    "e3m2fn": gf.format_info_ocp_e3m2,
    "bf16": gf.format_info_bfloat16,
    "fp16": gf.format_info_binary16,
    "fp32": gf.format_info_binary32,
}
UNUSUAL = [
    "e1m2fn",
    "e1m6fn",
    "e2m5",
    "e3m1fn",
    "e4m2fn",
    "e4m3b11fn",
    "e5m10fn",
    "e6m1",
    "e7m8",
    "e7m3b110fn",
    "e8m3",
    "e3m2b130fn",
    "e3m4fnuz",
]
UNUSUAL_LONG = ["e5m22fn", "e4m23"]


def float_format(slug: str) -> FloatFormat:
    f = parse_format(slug)
    assert isinstance(f, FloatFormat)
    return f


def gfloat_info(f: FloatFormat) -> gfloat.FormatInfo:
    """gfloat's own description where it has one, else (tf32, customs) one with our parameters."""
    nans = {"none": 0, "one": 1, "ieee": 2**f.mantissa_bits - 1, "zero": 0}[f.nan]
    domain = gfloat.Domain.Extended if f.has_inf else gfloat.Domain.Finite
    return GFLOAT.get(f.slug) or gfloat.FormatInfo(
        f.slug,
        f.bits,
        f.mantissa_bits + 1,
        bias=f.bias,
        is_signed=True,
        domain=domain,
        has_nz=f.nan != "zero",
        num_high_nans=nans,
        has_subnormals=True,
        is_twos_complement=False,
    )


def probes(f: FloatFormat) -> np.ndarray:
    """Every value (or 20 000 of them), every tie, one float32 ulp beside each, 30 000 values of all exponents."""
    rng = np.random.default_rng(0)
    if f.bits <= 16:
        values = f.values().astype(np.float64)
    else:
        values = np.unique(f.decode(rng.integers(0, 1 << f.bits, 20_000)).astype(np.float64))
        ulp = np.spacing(values.astype(np.float32)) * 2.0 ** (23 - f.mantissa_bits)
        values = np.unique(np.concatenate([values, values + ulp]))
    values = values[np.isfinite(values) & (np.abs(values) <= f.max)]
    ties = ((values[1:] + values[:-1]) / 2).astype(np.float32)
    anywhere = np.ldexp(rng.uniform(-1, 1, 30_000), rng.integers(-149, 129, 30_000))
    top = np.array([f.max, f.max * (1 + 2.0**-23), min(f.max * (1 + 2.0 ** -(f.mantissa_bits + 1)), 3e38), 3e38, np.inf])
    parts = [values, ties, np.nextafter(ties, np.float32(np.inf)), np.nextafter(ties, np.float32(-np.inf)), anywhere]
    parts += [top, -top, [0.0, -0.0, f.min_subnormal / 2, -f.min_subnormal / 2, f.min_normal, 1e-45, -1e-45]]
    with np.errstate(over="ignore"):
        return np.concatenate(parts).astype(np.float32)


def same_bits(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_array_equal(a.astype(np.float32).view(np.uint32), b.astype(np.float32).view(np.uint32))


@pytest.mark.parametrize("slug", ML_DTYPES)
def test_casts_like_ml_dtypes_once_overflow_is_saturated(slug):
    f, dtype = float_format(slug), ML_DTYPES[slug]
    x = probes(f)
    top = np.float32(ml_dtypes.finfo(dtype).max)
    same_bits(f.cast(x), np.clip(x, -top, top).astype(dtype).astype(np.float32))


@pytest.mark.parametrize("slug", [f.slug for f in FLOATS] + UNUSUAL + UNUSUAL_LONG)
def test_casts_like_gfloat(slug):
    f = float_format(slug)
    x = probes(f)
    same_bits(f.cast(x), gfloat.round_ndarray(gfloat_info(f), x.astype(np.float64), sat=True))


@pytest.mark.parametrize("slug", ["e4m3fn-nosat", "e3m4-nosat", "e5m2-nosat", "bf16-nosat", "e5m10-nosat"])
def test_overflows_like_ml_dtypes_where_it_does_not_saturate(slug):
    known = {"bf16-nosat": "e8m7-nosat"}.get(slug, slug)
    dtype = {"e5m10-nosat": np.float16, **{f"{s}-nosat": d for s, d in ML_DTYPES.items()}}[slug]
    f = float_format(known)
    x = probes(f)
    with np.errstate(over="ignore"):
        expected = x.astype(dtype).astype(np.float32)
    ours = f.cast(x)
    np.testing.assert_array_equal(ours, expected)  # NaN equals NaN here
    assert not np.isfinite(ours[np.abs(x.astype(np.float64)) > 2 * f.max]).any()


@pytest.mark.parametrize("slug", [f.slug for f in SHORT] + ["e4m3", "e3m4"])
def test_decodes_every_bit_pattern_like_ml_dtypes(slug):
    f = float_format(slug)
    patterns = np.arange(1 << f.bits, dtype=np.uint8 if f.bits <= 8 else np.uint16)
    np.testing.assert_array_equal(f.decode(patterns), patterns.view(ML_DTYPES[slug]).astype(np.float32))


@pytest.mark.parametrize("slug", UNUSUAL)
def test_decodes_every_bit_pattern_like_gfloat(slug):
    f = float_format(slug)
    patterns = np.arange(1 << f.bits)
    np.testing.assert_array_equal(f.decode(patterns), gfloat.decode_ndarray(gfloat_info(f), patterns))


@pytest.mark.parametrize("slug", [f.slug for f in SHORT] + UNUSUAL)
def test_encoding_what_a_bit_pattern_decodes_to_gives_it_back(slug):
    f = float_format(slug)
    patterns = np.arange(1 << f.bits)
    values = f.decode(patterns)
    numbers = ~np.isnan(values)
    np.testing.assert_array_equal(f.encode(values[numbers]), patterns[numbers])
    if f.nan != "none":
        back = f.encode(values[~numbers])
        assert np.isnan(f.decode(back)).all()
        np.testing.assert_array_equal(back >> (f.bits - 1), patterns[~numbers] >> (f.bits - 1))  # NaN keeps its sign


@pytest.mark.parametrize("slug", ["tf32", "fp32", *UNUSUAL_LONG])
def test_long_formats_encode_what_they_decode(slug):
    f = float_format(slug)
    patterns = np.random.default_rng(3).integers(0, 1 << f.bits, 50_000)
    patterns = patterns[~np.isnan(f.decode(patterns))]
    np.testing.assert_array_equal(f.encode(f.decode(patterns)), patterns)


def test_fp32_bit_patterns_are_numpys_own():
    x = np.random.default_rng(4).standard_normal(1000).astype(np.float32)
    np.testing.assert_array_equal(float_format("fp32").encode(x), x.view(np.uint32))


@pytest.mark.parametrize("slug", [s for s in ML_DTYPES if s != "fp32"])
def test_properties_are_those_ml_dtypes_states(slug):
    f, info = float_format(slug), ml_dtypes.finfo(ML_DTYPES[slug])
    stated = (info.bits, float(info.max), float(info.smallest_normal), float(info.smallest_subnormal), info.nmant)
    assert (f.bits, f.max, f.min_normal, f.min_subnormal, f.mantissa_bits) == stated
    assert 2.0**f.emax <= f.max < 2.0 ** (f.emax + 1)


def test_maxima_and_minima_are_those_of_numerics_section_3():
    f = float_format("e4m3fn")
    assert (f.max, f.min_normal, f.min_subnormal) == (448, 2**-6, 2**-9)
    assert [float_format(s).max for s in ("e5m2", "e2m3fn", "e3m2fn")] == [57344, 7.5, 28]
    assert float_format("e2m1fn").values()[7:].tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    assert np.isnan(f.decode([0b0_1111_111, 0b1_1111_111])).all()


@pytest.mark.parametrize("f", [f for f in FORMATS.values() if not isinstance(f, BlockFormat) and f.bits <= 16], ids=str)
def test_values_ascend_and_the_cast_leaves_them_alone(f):
    values = f.values()
    assert values.dtype == np.float32 and (np.diff(values) > 0).all()
    assert not np.signbit(values[values == 0]).any()
    same_bits(f.cast(values), values)


@pytest.mark.parametrize("slug", ["e4m3fnuz", "e5m2fnuz", "e4m3b11fnuz", "e4m3fn", "e5m2"])
def test_an_overflow_that_does_not_saturate_is_ml_dtypes(slug):
    f = float_format(slug)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(f.cast(probes(f), overflow="inf"), probes(f).astype(ML_DTYPES[slug]).astype(np.float32))


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("signed", [True, False])
def test_integers_that_wrap_are_those_of_two_s_complement(bits, signed):
    f = FORMATS[f"{'' if signed else 'u'}int{bits}"]
    x = np.arange(-1000, 1000)
    low = x & (2**bits - 1)  # numpy's integers are in two's complement
    expected = np.where(low >= 2 ** (bits - 1), low - 2**bits, low) if signed else low
    assert np.array_equal(f.cast(x, overflow="wrap"), expected)


def test_a_scale_rounded_up_or_down_lies_on_that_side():
    x = np.array([1, 1.01, 1.5, 1.99, 3, 4])
    assert FORMATS["e8m0"].cast(x, "up").tolist() == [1, 2, 2, 2, 4, 4]
    assert FORMATS["e8m0"].cast(x, "down").tolist() == [1, 1, 1, 1, 2, 4]


def test_nan_stays_nan_and_negative_zero_negative():
    for f in FLOATS:
        assert np.isnan(f.cast(np.array([1, np.nan], np.float32))).tolist() == [False, True], f.slug
        assert (np.signbit(f.cast([-0.0, -1e-45])) == (f.nan != "zero")).all(), f.slug


def test_float64_input_is_rounded_once():
    """1 + 2^-4 is a tie of E4M3, which goes to 1; a hair above goes up, but float32 does not hold the hair."""
    x = 1 + 2**-4 + 2**-40
    assert float_format("e4m3fn").cast(x) == 1.125
    assert float_format("e4m3fn").cast(np.float32(x)) == 1.0


def test_any_shape_and_dtype_can_be_cast():
    f = float_format("e4m3fn")
    assert f.cast(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert f.encode(1.0) == 0x38 and f.encode(np.ones((2, 2))).shape == (2, 2)
    assert f.cast(np.array([[300, -7]], np.int16)).tolist() == [[288, -7]]
    strided = np.arange(40_000, dtype=np.float32).reshape(200, 200)[::2, ::3]
    same_bits(f.cast(strided), f.cast(strided.copy()))
    with pytest.raises(TypeError, match="complex"):
        f.cast([1j])


def test_without_subnormals_the_nearest_of_zero_and_the_smallest_normal_is_taken():
    f = float_format("e2m1fn-nosub")
    assert f.values()[6:].tolist() == [0, 1, 1.5, 2, 3, 4, 6]
    x = np.random.default_rng(1).uniform(-7, 7, 10_000).astype(np.float32)
    nearest = f.values()[np.abs(x[:, None] - f.values()).argmin(axis=1)]
    np.testing.assert_array_equal(f.cast(x), nearest)
    assert f.cast([0.5, np.nextafter(0.5, 1), -0.75]).tolist() == [0, 1, -1]


def test_without_mantissa_a_tie_goes_to_the_larger_magnitude_as_ieee_754_says():
    assert float_format("e3m0fn").cast([1.5, -3, 6, 2.9]).tolist() == [2, -4, 8, 2]


def test_without_mantissa_the_one_nan_takes_the_top_exponent():
    f = float_format("e7m0fn")  # bias 63, exponent fields 1 to 126
    assert f.max == 2.0**63 and f.values().size == 2 * 126 + 1 and np.isnan(f.decode([127, 255])).all()


@pytest.mark.parametrize("f", [f for f in FORMATS.values() if isinstance(f, IntFormat)], ids=lambda f: f.slug)
def test_integers_saturate_at_the_bounds_of_their_bits(f):
    low, high = (-(2 ** (f.bits - 1)), 2 ** (f.bits - 1) - 1) if f.signed else (0, 2**f.bits - 1)
    assert f.cast([-1e9, 1e9, 0.5, 1.5]).tolist() == [low, high, 0, min(2, high)]
    assert f.values().tolist() == list(range(low, high + 1))


def test_e8m0_casts_like_ml_dtypes():
    """But for values between 2^-127 and 2^-126, float32 subnormals that ml_dtypes 0.6 all rounds up."""
    f = FORMATS["e8m0"]
    rng = np.random.default_rng(2)
    x = np.ldexp(rng.uniform(0.5, 1, 20_000), rng.integers(-126, 128, 20_000)).astype(np.float32)
    x = np.concatenate([x, f.values(), 1.5 * f.values()[:-1], [1e-45, np.nan]]).astype(np.float32)
    x = x[~((x > 2.0**-127) & (x < 2.0**-126))]
    expected = x.astype(ml_dtypes.float8_e8m0fnu)
    np.testing.assert_array_equal(f.cast(x), expected.astype(np.float32))
    np.testing.assert_array_equal(f.encode(x), expected.view(np.uint8))
    assert f.cast([3e38, np.inf]).tolist() == [2.0**127] * 2
    assert f.cast([1.49 * 2.0**-127, 1.5 * 2.0**-127]).tolist() == [2.0**-127, 2.0**-126]
    with pytest.raises(ValueError, match="2 of 3 values are 0 or below"):
        f.cast([0.0, -1.0, 1.0])


def test_bits_per_value_of_blocks_are_those_of_numerics_section_3():
    blocks = {f.slug: f.bits_per_value for f in FORMATS.values() if isinstance(f, BlockFormat)}
    mx = {"mxfp8-e4m3": 8.25, "mxfp8-e5m2": 8.25, "mxfp6-e2m3": 6.25, "mxfp6-e3m2": 6.25, "mxfp4": 4.25, "mxint8": 8.25}
    assert blocks == mx | {"nvfp4": 4.5}
    assert {FORMATS[s].block for s in mx} == {32} and FORMATS["nvfp4"].block == 16


@pytest.mark.parametrize("slug", [*UNUSUAL, "e4m3fn-nosub-nosat", "e3m2b5fn-nosub", "e5m2-nosat"])
def test_a_slug_names_what_parse_format_makes_of_it(slug):
    assert parse_format(slug).slug == slug


def test_every_entry_stands_under_its_own_slug():
    assert all(slug == f.slug and parse_format(slug) is f for slug, f in FORMATS.items())


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: parse_format("fp9"), "unknown format 'fp9'"),
        (lambda: custom(8, 3), "infinity"),  # finite E8M3 would reach 2^128
        (lambda: custom(5, 24), "24 mantissa bits"),
        (lambda: custom(4, 3, bias=150), r"2\^-152"),
        (lambda: custom(0, 3), "exponent bit"),
        (lambda: custom(1, 3, inf=True), "no normal value"),
        (lambda: custom(2, 1, saturate=False), "only saturate"),
        (lambda: FORMATS["tf32"].values(), "at most 16 bits"),
        (lambda: custom(4, 3, inf=True, fnuz=True), "stands for finite"),
        (lambda: FORMATS["e2m1fn"].cast([1], overflow="inf"), "takes only saturate"),
        (lambda: FORMATS["e4m3fn"].cast([1], overflow="wrap"), "takes only saturate, inf"),
        (lambda: FORMATS["int4"].cast([1], overflow="inf"), "takes only saturate, wrap"),
        (lambda: FORMATS["int4"].cast([1, np.inf], overflow="wrap"), "1 of 2 values are infinite"),
        (lambda: FORMATS["e8m0"].cast([1], "sideways"), "choose one of nearest, up, down"),
        (lambda: FORMATS["e2m1fn"].decode(16), "not to 16"),
        (lambda: FORMATS["e2m1fn"].decode(-1), "not to -1"),
        (lambda: FORMATS["e2m1fn"].encode([1, np.nan]), "1 of 2 values"),
    ],
)
def test_wrong_input_is_refused_with_the_reason(make, text):
    with pytest.raises(ValueError, match=text):
        make()
