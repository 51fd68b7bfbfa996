"""Does dither give the error the moments of numerics.md section 7, and the noise its spectrum?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.dithers import DITHERS
from quantlab.audio.grids import Grid

SPEC = ql.QuantSpec("int-symmetric", bits=8)
STEP = 1 / 127
CONSTANTS = np.arange(-8, 9) / 16  # in steps, the tie at ±1/2 included
N = 40_000


def error_in_steps(chain: Chain, constant: float) -> np.ndarray:
    x = np.full((N, 1), (20 + constant) * STEP)
    return (chain.convert(x.astype(np.float32), 48_000).heard.astype(np.float64) - x.astype(np.float32)) / STEP


@pytest.mark.parametrize("kind", ["rpdf", "tpdf", "subtractive"])
def test_mean_and_variance_at_constant_inputs_are_those_of_theory(kind):
    mean, variance = ql.theory.dither_error(kind, 1.0, CONSTANTS)
    errors = [error_in_steps(Chain(SPEC, dither=kind), c) for c in CONSTANTS]
    assert np.allclose([e.mean() for e in errors], mean, atol=0.012)
    assert np.allclose([e.var() for e in errors], variance, atol=0.006)


def test_high_passed_noise_keeps_the_moments_of_the_triangular_one():
    errors = [error_in_steps(Chain(SPEC, dither="tpdf-hp"), c) for c in CONSTANTS]
    assert np.allclose([e.mean() for e in errors], 0, atol=0.012)
    assert np.allclose([e.var() for e in errors], 0.25, atol=0.006)


@pytest.mark.parametrize("kind", DITHERS)
def test_the_error_of_a_busy_sound_has_the_variance_that_the_registry_states(kind):
    x = np.random.default_rng(0).uniform(-0.9, 0.9, (200_000, 1)).astype(np.float32)
    error = (Chain(SPEC, dither=kind).convert(x, 48_000).heard - x) / STEP
    assert float(np.square(error, dtype=np.float64).mean()) == pytest.approx(DITHERS[kind].error_variance, rel=0.01)


def test_triangular_dither_costs_4_77_decibels():
    x = np.random.default_rng(0).uniform(-0.9, 0.9, (200_000, 1)).astype(np.float32)
    plain, dithered = (ql.metrics.mse(x, Chain(SPEC, dither=kind).convert(x, 48_000).heard) for kind in ("none", "tpdf"))
    assert 10 * np.log10(dithered / plain) == pytest.approx(4.77, abs=0.05)


@pytest.mark.parametrize("kind", ["rpdf", "tpdf"])
def test_the_noise_is_that_of_the_cores_rounding(kind):
    x = np.random.default_rng(1).uniform(-1, 1, (5000, 2)).astype(np.float32)
    spec = SPEC.replace(rounding=f"dither-{kind}", seed=3)
    expected = ql.quantize(x, spec, Grid.of(SPEC).qparams).codes
    ours = Chain(SPEC.replace(seed=3), dither=kind).convert(x, 48_000).codes
    assert (ours != expected).mean() < 1e-3  # the core rounds place + noise in float32


def test_high_passed_noise_has_the_spectrum_of_a_first_difference():
    noise = DITHERS["tpdf-hp"].noise((1 << 20, 1), 0)[:, 0]
    power = np.square(np.abs(np.fft.rfft(noise.reshape(-1, 256), axis=1))).mean(axis=0) / 256
    turns = np.arange(129) / 256
    expected = 4 * np.sin(np.pi * turns) ** 2 / 12
    assert np.allclose(power, expected, atol=0.02)


def test_truncation_is_half_a_step_low_on_average():
    x = np.random.default_rng(0).uniform(-0.9, 0.9, (100_000, 1)).astype(np.float32)
    error = (Chain(SPEC.replace(rounding="floor")).convert(x, 48_000).heard - x) / STEP
    assert float(error.mean()) == pytest.approx(-0.5, abs=0.01)


def test_channels_and_seeds_get_noise_of_their_own():
    for entry in list(DITHERS.values())[1:]:
        noise = entry.noise((2000, 2), 0)
        assert abs(np.corrcoef(noise.T)[0, 1]) < 0.1
        assert not np.array_equal(noise, entry.noise((2000, 2), 1))
        assert np.array_equal(noise, entry.noise((2000, 2), 0))


def test_a_tone_that_nine_bits_lose_is_found_again_under_dither():
    x = (0.001 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(96_000)))[:, None].astype(np.float32)
    assert not Chain(SPEC.replace(bits=9)).convert(x, 48_000).heard.any()
    assert Chain(SPEC.replace(bits=10)).convert(x, 48_000).heard.any()
    dithered = Chain(SPEC.replace(bits=9), dither="tpdf").convert(x, 48_000).heard
    assert float((dithered * x).sum() / (x * x).sum()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("knobs", "remedy"),
    [
        (dict(spec=ql.QuantSpec("mu-law", bits=8), dither="tpdf"), "int-symmetric"),
        (dict(spec=ql.QuantSpec("mu-law", bits=8), shaping="first"), "int-symmetric"),
        (dict(spec=ql.QuantSpec("mu-law", bits=8), rise=True), "int-symmetric"),
        (dict(spec=SPEC.replace(rounding="dither-tpdf")), "nearest-even"),
        (dict(spec=SPEC, dither="pink"), "rpdf"),
        (dict(spec=SPEC, shaping="third"), "lipshitz"),
        (dict(spec=SPEC, factor=5), "choose one of 1, 2"),
        (dict(spec=SPEC, dither="subtractive", shaping="first"), "shaping='none'"),
    ],
)
def test_what_means_nothing_together_is_refused_with_the_remedy(knobs, remedy):
    with pytest.raises(ValueError, match=remedy):
        Chain(**knobs)
