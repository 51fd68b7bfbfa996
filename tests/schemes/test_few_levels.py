"""Binary, ternary, logarithmic and equal-count levels: are they what their formulas say, and as good as they can be?

Expected numbers: closed forms (stated beside), brute force over all candidates, and numerics.md section 7.
"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

GAUSS = np.random.default_rng(0).normal(size=400_000).astype(np.float32)


def mse(x, spec):
    return np.mean((ql.fake_quantize(x, spec).astype(np.float64) - x) ** 2)


# ---------------------------------------------------------------- binary


def test_binary_keeps_signs_and_the_mean_magnitude_of_each_group():
    x = np.array([[1.0, -2, 3, -4], [0.5, 0.5, -0.5, 0.5]], np.float32)
    x_hat = ql.fake_quantize(x, ql.QuantSpec("binary", granularity=ql.per_channel()))
    assert x_hat.tolist() == [[2.5, -2.5, 2.5, -2.5], [0.5, 0.5, -0.5, 0.5]]


def test_binary_has_the_least_error_of_one_bit_on_a_gaussian():
    """1 - 2/pi = .36338, also numerics.md's Lloyd-Max at 1 bit."""
    assert mse(GAUSS, ql.QuantSpec("binary")) == pytest.approx(0.36338023, rel=0.005)


def test_no_other_magnitude_than_the_mean_beats_binary():
    x = np.random.default_rng(1).standard_t(4, 5000).astype(np.float32)
    a = ql.quantize(x, ql.QuantSpec("binary")).levels[0, 1]
    best = mse(x, ql.QuantSpec("binary"))
    for factor in (0.9, 0.99, 1.01, 1.1):
        assert np.mean((np.where(x < 0, -a, a) * factor - x.astype(np.float64)) ** 2) > best


def test_zero_is_positive_for_binary_and_the_largest_magnitude_can_be_chosen():
    x = np.array([0.0, -0.0, 1, -3], np.float32)
    assert ql.quantize(x, ql.QuantSpec("binary")).codes.tolist() == [1, 1, 1, 0]
    assert ql.fake_quantize(x, ql.QuantSpec("binary", magnitude="max")).tolist() == [3, 3, 3, -3]


def test_binary_costs_one_bit_and_a_scale():
    assert ql.quantize(np.ones((4, 64)), ql.QuantSpec("binary", granularity=ql.per_group(64))).bits_per_value == 1.5


# ---------------------------------------------------------------- ternary


def test_ternary_follows_the_twn_formula_in_each_group():
    x = np.random.default_rng(2).normal(size=(7, 300)).astype(np.float32)
    x_hat = ql.fake_quantize(x, ql.QuantSpec("ternary", granularity=ql.per_channel()))
    for row, got in zip(x.astype(np.float64), x_hat, strict=True):
        threshold = 0.7 * np.abs(row).mean()
        s = np.abs(row)[np.abs(row) > threshold].mean()
        assert got == pytest.approx(np.where(np.abs(row) > threshold, s * np.sign(row), 0), rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_exact_ternary_is_the_best_of_all_thresholds(seed):
    """Brute force: every count of kept magnitudes, each with its mean as the level."""
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=24) if seed % 2 else rng.standard_t(2, 24)).astype(np.float32)
    magnitude = np.sort(np.abs(x.astype(np.float64)))[::-1]
    brute = min(((m := magnitude[:k].mean()) - magnitude[:k]) @ (m - magnitude[:k]) + (magnitude[k:] ** 2).sum() for k in range(1, 25))
    assert mse(x, ql.QuantSpec("ternary", threshold="exact")) * 24 == pytest.approx(brute, rel=1e-5)


def test_exact_ternary_is_the_three_level_optimum_on_a_gaussian_and_twn_comes_close():
    """theory.lloyd_max(levels=3) solves Max's equations: .19017."""
    exact, twn = (mse(GAUSS, ql.QuantSpec("ternary", threshold=t)) for t in ("exact", "twn"))
    assert exact == pytest.approx(ql.theory.lloyd_max("normal", 3).mse, rel=0.005)
    assert exact < twn < 1.02 * exact


def test_a_value_on_the_threshold_goes_to_zero_by_even_and_up_by_half_up():
    x = np.array([-3, 3, 0.5, -0.5], np.float32)
    q = ql.quantize(x, ql.QuantSpec("ternary"))
    t, s = q.qparams.extra[0, 1], q.levels[0, 2]
    expected = {"nearest-even": (0, 0), "half-up": (0, s), "half-away": (-s, s)}
    for rounding, (low, high) in expected.items():
        spec = ql.QuantSpec("ternary", rounding=rounding)
        assert ql.fake_quantize(np.array([-t, 0.1], np.float32), spec, q.qparams).tolist() == [low, 0]
        assert ql.fake_quantize(np.array([t, 0.1], np.float32), spec, q.qparams).tolist() == [high, 0]


# ---------------------------------------------------------------- log


@pytest.mark.parametrize("bits", [3, 4, 6, 8])
@pytest.mark.parametrize("octaves", [2.0, 8.0])
def test_log_levels_have_one_ratio_and_span_the_octaves(bits, octaves):
    q = ql.quantize(np.array([5.0, -1.0]), ql.QuantSpec("log", bits=bits, octaves=octaves))
    n = 2 ** (bits - 1) - 1
    up = q.levels[0, n + 1 :].astype(np.float64)
    assert q.levels[0, n] == 0
    assert np.array_equal(q.levels[0, :n], -q.levels[0, :n:-1])
    assert up[-1] == 5 and up[0] == pytest.approx(5 * 2.0**-octaves, rel=1e-6)
    assert np.diff(np.log2(up)) == pytest.approx(octaves / (n - 1), rel=1e-4)


@pytest.mark.parametrize("bits", [3, 4, 5])
def test_log_with_an_octave_a_level_has_the_levels_of_power_of_two(bits):
    x = GAUSS[:1000]
    log = ql.quantize(x, ql.QuantSpec("log", bits=bits, octaves=2.0 ** (bits - 1) - 2))
    assert np.array_equal(log.levels, ql.quantize(x, ql.QuantSpec("power-of-two", bits=bits)).levels)


def test_log_borders_are_geometric_means():
    q = ql.quantize(np.array([16.0]), ql.QuantSpec("log", bits=3, octaves=2.0))  # levels 4, 8, 16
    x = np.array([4 * 2**0.5 * 0.999, 4 * 2**0.5 * 1.001, 1.99, 2.01])
    assert ql.dequantize(ql.quantize(x, q.spec, q.qparams)).tolist() == [4, 8, 0, 4]


# ---------------------------------------------------------------- quantile


@pytest.mark.parametrize("bits", [1, 3, 5, 8])
@pytest.mark.parametrize("n", [256, 1000, 4099])
def test_every_level_of_quantile_has_as_many_values(bits, n):
    x = np.random.default_rng(n).permutation(np.arange(n)).astype(np.float32) ** 1.5
    q = ql.quantize(x, ql.QuantSpec("quantile", bits=bits))
    counts = np.bincount(q.codes, minlength=2**bits)
    assert counts.max() - counts.min() <= (n % 2**bits != 0)
    if n % 2**bits == 0:
        assert ql.metrics.entropy_bits(q.codes) == pytest.approx(bits)


def test_quantile_cuts_lie_at_the_nearest_whole_count():
    """10 values in 4 cells: 2.5, 5 and 7.5 values lie below the borders, halves up."""
    q = ql.quantize(np.arange(10.0) ** 2, ql.QuantSpec("quantile", bits=2))
    assert np.bincount(q.codes).tolist() == [3, 2, 3, 2]


def test_a_quantile_level_is_the_mean_of_its_cell():
    x = np.random.default_rng(3).lognormal(size=4096).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("quantile", bits=4))
    assert q.levels[0] == pytest.approx(np.sort(x).reshape(16, 256).mean(axis=1, dtype=np.float64), rel=1e-6)


def test_quantile_keeps_equal_values_together_and_exact_where_they_fill_a_cell():
    x = np.array([-5.0] + [0.0] * 30 + [5.0], np.float32)
    x_hat = ql.fake_quantize(x, ql.QuantSpec("quantile", bits=3))
    assert np.all(x_hat[1:-1] == 0)
    assert x_hat[0] < 0 < x_hat[-1]


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_quantile_of_fewer_values_than_levels_is_exact(n):
    x = np.random.default_rng(n).normal(size=n).astype(np.float32)
    assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("quantile", bits=3)), x)


def test_quantile_by_groups_is_quantile_of_each():
    x = np.random.default_rng(4).normal(size=(6, 200)).astype(np.float32)
    together = ql.fake_quantize(x, ql.QuantSpec("quantile", bits=3, granularity=ql.per_channel()))
    assert np.array_equal(together, [ql.fake_quantize(row, ql.QuantSpec("quantile", bits=3)) for row in x])


# ---------------------------------------------------------------- near a level


@pytest.mark.parametrize("how", [{"scheme": "ternary"}, {"scheme": "mx"}, {"scheme": "nf4"}, {"scheme": "power-of-two", "bits": 4}])
def test_a_value_beside_a_level_however_near_is_not_on_it(how):
    x = np.array([1.0, -1.0, 1e-20, -1e-20], np.float32)
    down, up = (ql.fake_quantize(x, ql.QuantSpec(**how, rounding=r)) for r in ("floor", "ceil"))
    assert down[2] == up[3] == 0
    assert down[3] < 0 < up[2]


# ---------------------------------------------------------------- Lloyd-Max on the data


def test_lloyd_max_on_data_settles_where_every_level_is_the_mean_of_its_values():
    x = np.random.default_rng(5).standard_t(3, 20_000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("lloyd-max", bits=3, density="data"))
    means = np.array([x[q.codes == i].mean(dtype=np.float64) for i in range(8)])
    assert q.levels[0] == pytest.approx(means, abs=1e-4 * float(np.ptp(x)))


def test_lloyd_max_on_data_beats_the_densities_and_not_the_global_optimum():
    x = np.random.default_rng(6).standard_t(3, 20_000).astype(np.float32)
    data, normal, laplace = (mse(x, ql.QuantSpec("lloyd-max", bits=4, density=d)) for d in ("data", "normal", "laplace"))
    assert mse(x, ql.QuantSpec("kmeans", bits=4)) <= data < min(normal, laplace)


def test_lloyd_max_on_data_pays_for_its_levels():
    q = ql.quantize(GAUSS[:1000], ql.QuantSpec("lloyd-max", bits=3, density="data"))
    assert q.bits_per_value == pytest.approx(3 + 8 * 32 / 1000, rel=1e-12)
