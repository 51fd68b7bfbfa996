"""Does one pass by blocks count what whole-array numpy counts?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.sweep import measure
from quantlab.values.blocks import SIZE
from quantlab.values.tally import Bins, error_counts, tally

GRANULARITIES = [ql.per_tensor(), ql.per_channel(0), ql.per_channel(1), ql.per_group(48), ql.per_block((16, 40))]


def specs() -> list[ql.QuantSpec]:
    made = [ql.QuantSpec("int-asymmetric", 3, granularity=g, clip=0.4) for g in GRANULARITIES]
    made += [ql.QuantSpec("mu-law", 5, granularity=g) for g in GRANULARITIES]
    made += [ql.QuantSpec(slug) for slug in ql.SCHEMES]
    return [*made, ql.QuantSpec("int-symmetric", 4, rounding="stochastic", seed=3)]


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    """Ragged for every granularity, and of enough blocks for threads."""
    return np.random.default_rng(5).standard_t(4, (SIZE // 256 + 7, 1100)).astype(np.float32)


@pytest.fixture(scope="module")
def bins(x: np.ndarray) -> Bins:
    return Bins(np.linspace(float(x.min()), float(x.max()), 51), np.arange(-14, 5))


@pytest.mark.parametrize("spec", specs(), ids=repr)
def test_sums_and_counts_are_those_of_whole_arrays(x, bins, spec):
    q = ql.quantize(x, spec)
    found, squares = tally(x, q, bins, squares=True)
    x_hat = ql.dequantize(q)
    error = x_hat.astype(np.float64) - x
    low, high = (q.levels[:, end].astype(np.float64)[q.group_index] for end in (0, -1))
    beyond = np.abs(x - np.clip(x.astype(np.float64), low, high))
    assert found.power == pytest.approx(np.square(x, dtype=np.float64).sum(), rel=1e-12)
    assert found.squared == pytest.approx(np.square(error).sum(), rel=1e-12)
    assert found.overload == pytest.approx(np.square(beyond).sum(), rel=1e-6, abs=1e-12)
    assert found.largest == np.abs(error).max()
    assert found.clipped == np.count_nonzero(beyond > 1e-6 * (high - low))
    assert np.array_equal(found.codes, np.bincount(q.codes.ravel().astype(int) - q.qparams.qmin, minlength=len(found.codes)))
    np.testing.assert_allclose(squares, np.square(error), rtol=1e-6, atol=0)


@pytest.mark.parametrize("spec", specs(), ids=repr)
def test_histograms_hold_every_value_once(x, bins, spec):
    q = ql.quantize(x, spec)
    found, _ = tally(x, q, bins)
    after, rounding, clipping = found.histograms
    x_hat = ql.dequantize(q)
    error = np.abs(x_hat - x)
    assert after.sum() == x.size
    assert rounding.sum() + clipping.sum() == np.count_nonzero(error)
    assert clipping.sum() <= found.clipped
    inner = np.clip(x_hat, bins.edges[0], bins.edges[-1])
    assert np.abs(np.cumsum(after) - np.cumsum(np.histogram(inner, bins.edges)[0])).max() <= x.size * 0.01  # float32 places
    edges = bins.error_edges
    direct = np.histogram(error[(error >= edges[1]) & (error < edges[-2])], edges)[0]
    assert np.array_equal((rounding + clipping)[1:-1], direct[1:-1])


def whole() -> list[ql.QuantSpec]:
    """One deterministic quantizer for all values, of every scheme that can be one."""
    made = [ql.QuantSpec(slug, granularity=ql.per_tensor()) for slug, scheme in ql.SCHEMES.items() if "tensor" in scheme.granularities]
    return [
        *made,
        ql.QuantSpec("int-asymmetric", 3, clip=0.4),
        ql.QuantSpec("mu-law", 16),
        ql.QuantSpec("a-law", 12),
        ql.QuantSpec("log", 7),
        ql.QuantSpec("int-symmetric", 2, clip=0.1),
    ]


@pytest.mark.parametrize("spec", whole(), ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_errors_alone_are_counted_as_in_the_whole_tally(x, bins, spec, dtype):
    x = x.astype(dtype)
    q = ql.quantize(x, spec)
    found, squares = tally(x, q, bins, squares=True)
    crossings = ql.SCHEMES[spec.scheme].crossings(q.qparams, spec)
    inside, outside, own = error_counts(x, spec, q.qparams, crossings, bins, squares=True)
    assert inside.tolist() == found.histograms[1].tolist() and outside.tolist() == found.histograms[2].tolist()
    np.testing.assert_allclose(own, squares, rtol=1e-6, atol=0)
    assert error_counts(x, spec, q.qparams, crossings, bins)[2] is None


@pytest.mark.parametrize("spec", whole(), ids=repr)
def test_levels_counted_as_often_as_they_occur_fill_the_same_bins(x, bins, spec):
    q = ql.quantize(x, spec)
    point = measure(x, spec, "")
    used = np.flatnonzero(point.counts)
    assert bins.values(point.levels[used], point.counts[used]).tolist() == tally(x, q, bins)[0].histograms[0].tolist()


def test_bins_keep_what_lies_outside_and_leave_zeros_out():
    bins = Bins(np.array([0.0, 1.0, 2.0]), np.array([0, 1]))
    assert bins.values(np.array([-5, 0.5, 1.5, 1.6, 9], np.float32)).tolist() == [2, 3]
    assert bins.error_edges.tolist() == [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4]
    assert bins.errors(np.array([0.0, -1e-3, 1.3, -1.3, 2.6, 100.0])).tolist() == [1, 2, 0, 0, 0, 1, 0, 1]


@pytest.mark.parametrize("granularity", GRANULARITIES, ids=repr)
@pytest.mark.parametrize("shape", [(5, 97), (3, 7, 130), (64, 80)])
def test_group_at_is_one_entry_of_group_index(granularity, shape):
    every = granularity.group_index(shape).ravel()
    some = np.unique(np.linspace(0, every.size - 1, 60).astype(int))
    assert [granularity.group_at(int(i), shape) for i in some] == every[some].tolist()


def test_group_at_refuses_what_lies_outside():
    with pytest.raises(ValueError):
        ql.per_group(4).group_at(10, (2, 5))
