"""Does a sweep give every number that quantizing spec by spec gives?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

from .registry import each_scheme
from .strategies import RANDOM, allowed_bits, combinations


@each_scheme
def test_a_sweep_over_bits_equals_its_specs_one_by_one(slug):
    x = np.random.default_rng(6).standard_t(4, size=(40, 50)).astype(np.float32)
    scheme = ql.SCHEMES[slug]
    for variant in scheme.variants:
        base = ql.QuantSpec(slug, **variant)
        bits = allowed_bits(slug, variant)
        points = list(ql.sweep(x, base, knob="bits", values=bits).points)
        assert [p.label for p in points] == [str(b) for b in bits]
        for point, b in zip(points, bits, strict=True):
            check_point(point, x, base.replace(bits=b))


@pytest.mark.parametrize(
    "spec, knob, values",
    [
        (ql.QuantSpec("int-symmetric", bits=4), "clip", [0.2, 0.5, 0.9, 1.0]),
        (ql.QuantSpec("int-symmetric", bits=4), "calibrator", list(ql.SCHEMES["int-symmetric"].calibrators)),
        (ql.QuantSpec("int-asymmetric", bits=3, granularity=ql.per_channel()), "bits", [1, 2, 5, 8, 12]),
        (ql.QuantSpec("int-symmetric", bits=4), "rounding", list(ql.SCHEMES["int-symmetric"].roundings)),
        (ql.QuantSpec("nf4"), "granularity", [ql.per_group(n) for n in (16, 64, 128)]),
        (ql.QuantSpec("int-symmetric", bits=4, rounding="stochastic"), "seed", [0, 1]),
        (
            ql.QuantSpec("float", format="e4m3fn"),
            "format",
            sorted({v["format"] for v in ql.SCHEMES["float"].variants}),
        ),
        (ql.QuantSpec("int-symmetric", bits=4, rounding="floor"), "bits", [2, 4, 8]),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_sweep_along_any_knob_equals_its_specs_one_by_one(spec, knob, values):
    x = np.random.default_rng(7).standard_t(4, size=(12, 128)).astype(np.float32)
    if knob == "bits":
        values = [b for b in values if b in ql.SCHEMES[spec.scheme].bits_allowed(dict(spec.knobs))]
    points = list(ql.sweep(x, spec, knob=knob, values=values).points)
    assert len(points) == len(values)
    assert len({p.label for p in points}) == len(values)
    for point, value in zip(points, values, strict=True):
        expected = spec.replace(**{knob: value}) if knob != "format" else ql.QuantSpec("float", format=value)
        check_point(point, x, expected)


@pytest.mark.parametrize("arithmetic", ["onnx", "torch_fake", "torch_quant"])
@pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: s in ("int-symmetric", "int-asymmetric") and r not in RANDOM))
@pytest.mark.parametrize("bits", [1, 2, 8])
def test_a_sweep_at_the_end_of_float32_is_what_quantizing_does(slug, rounding, bits, arithmetic):
    """There 1 / s is subnormal, and x times it falls short of the last code: floor gives the one below, in torch too."""
    largest = np.float32(np.finfo(np.float32).max)
    for x in ([largest], [-largest], [largest, -largest], [largest, 1], [largest, -largest / 3]):
        x = np.array(x, np.float32)
        spec = ql.QuantSpec(slug, bits=bits, rounding=rounding, arithmetic=arithmetic)
        error = ql.fake_quantize(x, spec).astype(np.float64) - x
        assert ql.sweep(x, spec, values=[bits]).points[0].metrics["mse"] == pytest.approx(np.mean(error**2), rel=1e-6, abs=1e64)


def check_point(point, x, spec):
    """Every metric from the codes and values of the spec itself, in float64."""
    assert point.spec == spec
    q = ql.quantize(x, spec)
    error = ql.dequantize(q).astype(np.float64) - x.astype(np.float64)
    mse = np.mean(error**2)
    metrics = point.metrics
    close = 1e-5 if spec.bits <= 12 else 1e-4  # a sweep may ask sorted values: float32 ties fall elsewhere
    assert metrics["mse"] == pytest.approx(mse, rel=close, abs=1e-14)
    if mse > 1e-13:
        assert metrics["sqnr_db"] == pytest.approx(10 * np.log10(np.mean(x.astype(np.float64) ** 2) / mse), abs=10 * close)
    ties = 2.0 ** (min(spec.bits, 16) - 22)  # how far, in steps, float32 arithmetic moves a tie
    assert metrics["max_error"] == pytest.approx(np.abs(error).max(), rel=1e-6 + ties, abs=1e-7)
    assert metrics["bits_per_value"] == pytest.approx(q.bits_per_value, rel=1e-12)
    _, counts = np.unique(q.codes, return_counts=True)
    p = counts / counts.sum()
    moved = 0 if spec.bits <= 8 else 2  # values near a tie, of 2000, that float32 arithmetic puts on the other side
    assert metrics["entropy_bits"] == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-9 + moved / 1000)
    assert abs(metrics["levels_used"] - len(counts)) <= moved
    outside = (x < q.levels[:, 0][q.group_index]) | (x > q.levels[:, -1][q.group_index])
    assert metrics["clipped"] == pytest.approx(outside.mean(), abs=1e-3)
    if len(q.levels) == 1:
        assert np.array_equal(np.asarray(point.levels).ravel(), q.levels.ravel())
