"""Is the transform the formula of the standard, does it come back without loss, and is the power law that of MP3?"""

import numpy as np
import pytest

from quantlab import metrics
from quantlab.audio import mdct

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [1, 575, 1024, 5000])
@pytest.mark.parametrize("shape", mdct.WINDOWS)
@pytest.mark.parametrize("size", mdct.SIZES)
def test_without_rounding_the_sound_comes_back(size, shape, n):
    x = RNG.uniform(-1, 1, (n, 2))
    assert np.abs(mdct.inverse(mdct.forward(x, size, shape), size, n, shape) - x).max() < 1e-6


@pytest.mark.parametrize("shape", mdct.WINDOWS)
@pytest.mark.parametrize("size", mdct.SIZES)
def test_two_halves_of_the_window_have_power_one_together(size, shape):
    w = mdct.window(size, shape)
    assert np.allclose(w[: size // 2] ** 2 + w[size // 2 :] ** 2, 1)


def test_the_coefficients_are_those_of_the_definition():
    size, half = 1152, 576
    x = RNG.uniform(-1, 1, (2 * half, 1))
    n, k = np.arange(size), np.arange(half)
    cosines = np.cos(np.pi / half * np.outer(k + 0.5, n + 0.5 + half / 2))
    expected = np.sqrt(2 / half) * cosines @ (mdct.window(size) * x[:, 0])
    assert np.allclose(mdct.forward(x, size)[1, :, 0], expected)


def test_the_power_is_kept():
    x = np.zeros((8192, 1))
    x[2048:6144] = RNG.uniform(-1, 1, (4096, 1))
    assert float(np.square(mdct.forward(x, 2048)).sum()) == pytest.approx(float(np.square(x).sum()))


@pytest.mark.parametrize("gain", [-40, -7, 0, 13])
def test_codes_and_values_follow_the_power_law(gain):
    x = RNG.laplace(size=(4, 576, 1)) * 10
    g = 2 ** (gain / 4)
    place = (np.abs(x) / g) ** 0.75 + 0.4054
    inside = (place < mdct.MOST) & (np.abs(place - np.rint(place)) > 1e-3)  # the core rounds in float32
    expected = np.sign(x) * np.floor((np.abs(x) / g) ** 0.75 + 0.4054)
    codes = mdct.encode(x, gain)
    assert np.array_equal(codes[inside], expected[inside])
    assert np.allclose(mdct.decode(codes, gain), np.sign(codes) * np.abs(codes.astype(float)) ** (4 / 3) * g)


def test_the_error_of_a_loud_coefficient_is_larger_and_a_smaller_share_of_it():
    quiet, loud = (np.full((1, 576, 1), a) + RNG.uniform(-a / 4, a / 4, (1, 576, 1)) for a in (20.0, 2000.0))
    errors = [np.abs(mdct.decode(mdct.encode(x, 0), 0) - x).mean() for x in (quiet, loud)]
    assert errors[0] < errors[1] and errors[0] / 20 > errors[1] / 2000


def test_more_bits_cost_more_and_sound_better():
    t = np.arange(24_000) / 24_000
    x = (0.4 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 3000 * t) + RNG.normal(0, 0.01, len(t)))[:, None]
    coefficients = mdct.forward(x, 2048)
    coded = [mdct.code(x, 24_000, mdct.gain_for(coefficients, bits), coefficients=coefficients) for bits in range(2, 15)]
    assert np.all(np.diff([c.kbps for c in coded]) > 0)
    assert np.all(np.diff([c.zeros for c in coded]) <= 0)
    assert np.all(np.diff([metrics.sqnr_db(x, c.heard) for c in coded]) > 0)
    assert all(np.abs(c.codes).max() <= 2 ** (bits - 1) for c, bits in zip(coded, range(2, 15), strict=True))


def test_unknown_windows_are_refused():
    with pytest.raises(ValueError, match="2048 or 1152"):
        mdct.window(1000)
    with pytest.raises(ValueError, match="sine, kbd"):
        mdct.window(2048, "hann")
