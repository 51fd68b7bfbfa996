"""Do the random roundings repeat by their seed, and have they the mean and variance of their laws?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

from .strategies import RANDOM, allowed_bits, combinations, nearest_level, neighbours

random_roundings = pytest.mark.parametrize("slug, rounding", combinations(lambda s, r: r in RANDOM))


@random_roundings
def test_a_seed_repeats_the_noise_and_another_seed_changes_it(slug, rounding):
    x = np.random.default_rng(1).normal(size=(64, 48)).astype(np.float32)
    for variant in ql.SCHEMES[slug].variants:
        first = ql.fake_quantize(x, ql.QuantSpec(slug, rounding=rounding, seed=3, **variant))
        assert np.array_equal(first, ql.fake_quantize(x.copy(), ql.QuantSpec(slug, rounding=rounding, seed=3, **variant)))
        assert not np.array_equal(first, ql.fake_quantize(x, ql.QuantSpec(slug, rounding=rounding, seed=4, **variant)))


@random_roundings
def test_random_roundings_do_not_touch_numpys_global_generator(slug, rounding):
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    ql.fake_quantize(np.linspace(-1, 1, 9, dtype=np.float32), ql.QuantSpec(slug, rounding=rounding))
    assert np.array_equal(np.random.random(3), expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug, rounding",
    combinations(lambda s, r: r in RANDOM and nearest_level(s)),
)
def test_random_roundings_are_unbiased_inside_the_range(slug, rounding):
    """Going up with probability (x - below) / (above - below) has mean 0 and variance (x - below) (above - x)."""
    rng = np.random.default_rng(20)
    x = rng.uniform(-1, 1, 80_000).astype(np.float32)
    x[:2] = -1, 1
    scheme = ql.SCHEMES[slug]
    for variant in scheme.variants:
        for bits in [b for b in allowed_bits(slug, variant) if b in (3, 4, 5, 6, 8)]:
            spec = ql.QuantSpec(slug, bits=int(bits), rounding=rounding, seed=7, **variant)
            q = ql.quantize(x, spec)
            near = neighbours(x, ql.dequantize(q), q)
            keep = near.inside & (np.abs(near.x) < 0.7)
            error = (near.x_hat - near.x)[keep]
            variance = ((near.x - near.below) * (near.above - near.x))[keep]
            if rounding == "dither-tpdf":  # the error itself has variance step^2 / 4 whatever x is
                variance = np.full(error.size, q.qparams.scale[0].astype(float) ** 2 / 4)
            z = error.sum() / np.sqrt(variance.sum())
            assert abs(z) < 5, f"{spec}: mean error {error.mean()}, {z:.1f} standard deviations from 0"
            assert (error**2).sum() == pytest.approx(variance.sum(), rel=0.03), spec


@pytest.mark.parametrize("fraction", [0.0, 0.125, 0.25, 0.5, 0.75])
@pytest.mark.parametrize("rounding", ["stochastic", "dither-rpdf", "dither-tpdf"])
@pytest.mark.parametrize("slug", ["int-symmetric", "int-asymmetric"])
def test_dither_of_a_constant_has_the_mean_and_variance_of_its_law(slug, rounding, fraction):
    """numerics.md section 7, step 1: RPDF (= stochastic) f (1 - f), TPDF 1/4 always; mean error 0 for both."""
    n = 100_000
    x = np.full(n + 2, 3 + fraction, np.float32)
    x[-2:] = (-7, 7) if slug == "int-symmetric" else (-7, 8)  # pins scale to 1
    q = ql.quantize(x, ql.QuantSpec(slug, bits=4, rounding=rounding, seed=11))
    assert q.qparams.scale.tolist() == [1.0]
    error = (ql.dequantize(q) - x)[:n].astype(np.float64)
    variance = 0.25 if rounding == "dither-tpdf" else fraction * (1 - fraction)
    assert abs(error.mean()) <= 5 * np.sqrt(variance / n)
    assert error.var() == pytest.approx(variance, abs=0.01)
