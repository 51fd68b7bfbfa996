"""Does dither do what theory says, and does noise depend on nothing but the seed and the place?

Expected numbers: numerics.md section 7 and theory.dither_error (Lipshitz, Wannamaker, Vanderkooy 1992); the noise's
distribution by scipy's Kolmogorov-Smirnov test.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

import quantlab as ql
from quantlab.dither import subtractive_dither
from quantlab.rounding import ROUNDINGS, uniform_noise

N = 200_000
PLACES = [0.0, 0.1, 0.25, 0.5, 0.8]


def constant(place):
    """Values 3 + place on a grid of step 1."""
    x = np.full(N + 2, 3 + place)
    x[-2:] = -7, 7
    return x


def errors(place, rounding):
    x = constant(place)
    return (ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits=4, rounding=rounding, seed=3)) - x)[:N]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("rounding", "kind"), [("dither-rpdf", "rpdf"), ("stochastic", "rpdf"), ("dither-tpdf", "tpdf"), ("nearest-even", "none")]
)
def test_the_error_of_a_constant_has_the_moments_of_theory(rounding, kind, place):
    mean, variance = (float(moment) for moment in ql.theory.dither_error(kind, 1.0, 3 + place))
    error = errors(place, rounding)
    assert error.mean() == pytest.approx(mean, abs=5 * np.sqrt(0.25 / N))
    assert error.var() == pytest.approx(variance, abs=0.005)


@pytest.mark.parametrize("place", PLACES)
def test_subtractive_dither_has_the_variance_of_a_uniform_error_whatever_the_input(place):
    x = constant(place)
    error = (subtractive_dither(x, ql.QuantSpec("int-symmetric", bits=4, seed=5)) - x)[:N]
    assert error.mean() == pytest.approx(0, abs=5 * np.sqrt(1 / 12 / N))
    assert error.var() == pytest.approx(1 / 12, abs=0.001)
    assert scipy.stats.kstest(error, scipy.stats.uniform(-0.5, 1).cdf).pvalue > 1e-4


def test_the_error_of_subtractive_dither_does_not_follow_the_signal():
    x = np.tile(np.sin(np.linspace(0, 60, 100_000)), 2).astype(np.float32)
    error = subtractive_dither(x, ql.QuantSpec("int-symmetric", bits=3)) - x
    inside = np.abs(x) < 0.8
    assert abs(np.corrcoef(x[inside], error[inside])[0, 1]) < 0.01
    plain = ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits=3)) - x  # a sawtooth: sqrt(6) / pi = .78
    assert abs(np.corrcoef(np.sin(2 * np.pi * x * 3)[inside], plain[inside])[0, 1]) > 0.75


def test_tpdf_noise_is_the_sum_of_two_even_ones():
    noise = np.empty(N)
    grid = 2.0**-20  # so fine that rint shows the noise itself
    noise = ROUNDINGS["dither-tpdf"].apply(np.zeros(N) / grid, lambda: uniform_noise((N,), 1, 0))
    assert np.abs(noise).max() <= 1
    u = uniform_noise((N,), 1, 0)
    triangle = np.where(u < 0.5, np.sqrt(2 * u) - 1, 1 - np.sqrt(2 - 2 * u))
    assert scipy.stats.kstest(triangle, scipy.stats.triang(0.5, -1, 2).cdf).pvalue > 1e-4
    assert np.array_equal(noise, np.rint(triangle))


@pytest.mark.parametrize("rounding", ["dither-rpdf", "dither-tpdf"])
def test_dither_is_rounding_of_the_value_plus_noise_of_its_place_in_the_tensor(rounding):
    """Over many blocks and threads: the noise is one stream, indexed by place."""
    x = np.random.default_rng(0).uniform(-90, 90, 700_001).astype(np.float32)
    x[0] = 127
    u = uniform_noise(x.shape, 9, 0)
    noise = u - 0.5 if rounding == "dither-rpdf" else np.where(u < 0.5, np.sqrt(2 * u) - 1, 1 - np.sqrt(2 - 2 * u))
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=8, rounding=rounding, seed=9))
    assert q.qparams.scale[0] == 1
    assert np.array_equal(q.codes, np.rint(x + noise))


def test_subtractive_dither_repeats_with_its_seed_and_follows_each_group_s_step():
    x = np.random.default_rng(1).normal(size=(50, 400)) * np.geomspace(0.01, 10, 50)[:, None]
    spec = ql.QuantSpec("int-asymmetric", bits=5, granularity=ql.per_channel(), seed=2)
    assert np.array_equal(subtractive_dither(x, spec), subtractive_dither(x.copy(), spec))
    assert not np.array_equal(subtractive_dither(x, spec), subtractive_dither(x, spec.replace(seed=3)))
    step = ql.quantize(x, spec).qparams.scale
    error = (subtractive_dither(x, spec) - x) / step[:, None]
    inside = np.abs(error) <= 0.501
    assert inside.mean() > 0.99
    assert error[inside].var() == pytest.approx(1 / 12, rel=0.03)


@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_dither_makes_no_noise_of_silence(slug):
    """A tensor of zeros has no step of its own; with a step of 1 the noise would be ±1."""
    x_hat = ql.fake_quantize(np.zeros(1000), ql.QuantSpec(slug, bits=8, rounding="dither-tpdf"))
    assert np.abs(x_hat).max() < 1e-37


def test_noise_of_one_step_is_refused_where_steps_differ():
    for slug, scheme in ql.SCHEMES.items():
        assert ("dither-rpdf" in scheme.roundings) == ("dither-tpdf" in scheme.roundings) == scheme.equal_steps, slug
        assert scheme.equal_steps == (scheme.affine or scheme.bits_allowed({}) == (1,)), slug  # two levels have one step
        if not scheme.equal_steps:
            with pytest.raises(ValueError, match="different size"):
                subtractive_dither(np.ones(4), ql.QuantSpec(slug))
    with pytest.raises(ValueError, match="nearest-even"):
        subtractive_dither(np.ones(4), ql.QuantSpec("int-symmetric", rounding="floor"))
