"""What one scale and a scale per channel make of a tensor, against the quantizer asked directly."""

import numpy as np
import pytest

import quantlab as ql
from quantlab.film import Strip, unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.tensor import channels
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.progress import finish
from quantlab.sources import TENSOR_SOURCES

SPEC, BITS = ql.QuantSpec("int-symmetric"), SCRUBS["bits"]
X = TENSOR_SOURCES["channels"].make(65536)


@pytest.fixture(scope="module")
def rows():
    return channels.channels(X, SPEC, BITS)


def test_the_built_in_channels_spread_over_two_orders():
    spread = X.std(axis=1)
    assert 60 < spread.max() / spread.min() < 160


@pytest.mark.parametrize("bits", [3, 4, 8])
def test_the_decibels_are_those_of_the_quantizer(rows, bits):
    level = rows.levels[list(BITS.values(SPEC, X.shape)).index(bits)]
    for sqnr, granularity in zip(level.sqnr_db, (ql.per_tensor(), ql.per_channel(0)), strict=True):
        assert sqnr == pytest.approx(
            ql.metrics.sqnr_db(X, ql.fake_quantize(X, ql.QuantSpec("int-symmetric", bits, granularity=granularity)))
        )
    assert level.sqnr_db[1] > level.sqnr_db[0]


def test_a_channel_below_half_a_step_is_lost_and_no_other(rows):
    for bits, level in zip(BITS.values(SPEC, X.shape), rows.levels, strict=True):
        back = ql.fake_quantize(X, ql.QuantSpec("int-symmetric", bits))
        assert level.lost == (back == 0).all(axis=1).sum() == (rows.largest < level.half_step).sum()
        assert level.zeros[0] == ((back == 0) & (X != 0)).sum() / (X != 0).sum()


def test_the_page_has_the_view_where_there_are_channels_and_else_not():
    lab = LABS["tensor"]
    views = ["channels", "channels-numbers"]
    films = finish(lab.show(lab.read({"source": "channels", "size": "4096"}), views)).films
    names = [entry["name"] for entry in unpack(films["channels-numbers"])[0]["entries"]]
    assert names[0] == "One scale for all" and "A scale per channel" in names
    for query in ({"source": "paste"}, {"scheme": "kmeans", "size": "512"}, {"scheme": "gguf", "size": "512"}):
        assert "channels" not in finish(lab.show(lab.read(query), views)).films


def test_schemes_with_both_granularities_have_a_picture():
    x = X[:8, :64]
    for slug, scheme in ql.SCHEMES.items():
        spec = ql.QuantSpec(slug)
        if channels.has_channels(x.shape, spec, BITS) and len(BITS.values(spec, x.shape)) > 1:
            labels = BITS.labels(spec, x.shape)
            header, _ = unpack(channels.picture(Strip(labels), channels.channels(x, spec, BITS)))
            assert len(header["figure"]["data"]) == 4, slug
            assert all(np.isfinite(header["figure"]["layout"]["yaxis"]["range"])), scheme.title


@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_the_half_step_at_zero_is_that_of_all_levels(bits):
    """A row of zeros, one of one value, one all above zero among them."""
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(40, 32)) * rng.uniform(0.01, 100, (40, 1)) + rng.normal(size=(40, 1))).astype(np.float32)
    x[3], x[4], x[5] = 0, np.abs(x[4]), 7
    for slug, scheme in ql.SCHEMES.items():
        spec = ql.QuantSpec(slug)
        if bits not in scheme.bits_allowed(spec.knobs) or not channels.has_channels(x.shape, spec, BITS):
            continue
        for granularity in (ql.per_tensor(), ql.per_channel(0)):
            spec = ql.QuantSpec(slug, bits=bits, granularity=granularity)
            qparams = ql.choose_qparams(x, spec)
            levels = scheme.levels(qparams, spec).astype(np.float64)  # (G, L)
            nearest = np.argmin(np.abs(levels), axis=1).clip(1, levels.shape[1] - 2) if levels.shape[1] > 2 else np.zeros(len(levels), int)
            rows = np.arange(len(levels))
            halves = (levels[rows, nearest + 1] - levels[rows, nearest]) / 2
            expected = np.where(np.abs(levels).min(axis=1) < halves / 2, halves, 0.0)
            assert np.array_equal(channels._half_steps(qparams, spec), expected), spec
