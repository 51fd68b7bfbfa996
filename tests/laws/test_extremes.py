"""Finite values are quantized, however large or small: attention masks, subnormals, spans that float32 cannot hold."""

import warnings

import numpy as np
import pytest

import quantlab as ql
from quantlab.grouping import parse_granularity
from quantlab.sweep import sweep

BIG = np.finfo(np.float32).max
TENSORS = {
    "both ends of float32": np.array([BIG, -BIG, 1.0], np.float32),
    "an attention mask": np.array([[BIG, -BIG] * 40, [1.0, 2.0] * 40], np.float32),
    "squares beyond float32": np.random.default_rng(0).normal(size=(8, 64)).astype(np.float32) * np.float32(1e37),
    "a few subnormals": np.array([1e-45, 2e-45, 5e-45] * 30, np.float32),
    "a span that is small against the values": (1e30 + np.arange(50) * 1e23).astype(np.float32),
    "a single value": np.array(2.5),
}
SPECS = [(slug, variant) for slug, scheme in ql.SCHEMES.items() for variant in scheme.variants]


@pytest.mark.parametrize("what", TENSORS)
@pytest.mark.parametrize(("slug", "variant"), SPECS, ids=lambda value: str(value))
def test_finite_values_are_quantized_and_measured(slug, variant, what):
    x, scheme = TENSORS[what], ql.SCHEMES[slug]
    for calibrator in scheme.calibrators if scheme.ranged else [None]:
        spec = ql.QuantSpec(slug, **variant, **({"calibrator": calibrator} if calibrator else {}))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            x_hat = ql.dequantize(ql.quantize(x, spec))
            assert np.isfinite(x_hat).all() and x_hat.shape == x.shape
            points = sweep(x, spec, knob="bits", values=list(scheme.bits_allowed(spec.knobs))[:2]).points
        for point in points:
            assert not np.isnan([value for name, value in point.metrics.items() if name != "sqnr_db"]).any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("slug", "variant"), SPECS, ids=lambda value: str(value))
def test_parameters_that_are_given_let_no_more_in_than_chosen_ones(slug, variant, bad):
    """Both verbs refuse, with the count and the first index."""
    x = np.random.default_rng(0).normal(size=(4, 64)).astype(np.float32)
    spec = ql.QuantSpec(slug, **variant)
    qparams = ql.choose_qparams(x, spec)
    x[1, 2] = bad
    for verb in (ql.fake_quantize, ql.quantize):
        with pytest.raises(ValueError, match="1 of 256 values are NaN or infinite, the first at index 66"):
            verb(x, spec, qparams)


def test_values_whose_sum_is_infinite_are_no_infinite_values():
    x = np.full(64, BIG, np.float32)
    spec = ql.QuantSpec("int-symmetric", bits=4)
    assert np.array_equal(ql.fake_quantize(x, spec, ql.choose_qparams(x, spec)), ql.fake_quantize(x, spec))


@pytest.mark.parametrize("axis", range(-3, 4))
@pytest.mark.parametrize("size", [1, 3, 64, 100_000])
def test_a_granularity_reads_back_from_its_slug(axis, size):
    for granularity in (ql.per_tensor(), ql.per_channel(axis), ql.per_group(size, axis), ql.per_block((size, 3))):
        assert parse_granularity(granularity.slug) == granularity
    assert ql.per_group(64).slug == "group-64" and ql.per_channel(1).slug == "channel-1"
