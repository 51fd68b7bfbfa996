"""Does dropping samples fold frequencies down, does the filter prevent it, and is the way back without loss in the band?"""

import numpy as np
import pytest

from quantlab.audio import rates, spectra

RATE = 48_000


def tone(hertz: float, n: int = 48_000) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(n) / RATE))[:, None].astype(np.float32)


def loudest(x: np.ndarray, rate: float) -> tuple[float, float]:
    """(frequency, dB) of the highest line."""
    s = spectra.stft(x, rate)
    db = spectra.spectrum_db(s.power())
    return float(s.frequencies[db.argmax()]), float(db.max())


@pytest.mark.parametrize("factor", rates.FACTORS[1:])
def test_without_a_filter_a_tone_above_half_the_rate_folds_down(factor):
    new = RATE / factor
    hertz = 0.7 * new
    f, db = loudest(rates.down(tone(hertz), factor, antialias=False), new)
    assert f == pytest.approx(new - hertz, abs=2 * new / spectra.SIZE)
    assert db == pytest.approx(-6, abs=1.5)


@pytest.mark.parametrize("factor", rates.FACTORS[1:])
def test_with_a_filter_it_is_gone(factor):
    low = rates.down(tone(0.7 * RATE / factor), factor, antialias=True)
    assert np.abs(low[20:-20]).max() < 0.005


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("factor", rates.FACTORS)
def test_a_tone_inside_the_band_comes_back_in_place_and_length(factor, antialias):
    x = tone(0.1 * RATE / factor, 10_007)
    low = rates.down(x, factor, antialias)
    assert len(low) == -(-len(x) // factor)
    back = rates.up(low, factor, len(x))
    assert back.shape == x.shape and back.dtype == np.float32
    middle = slice(30 * factor, -30 * factor)
    assert np.abs(back - x)[middle].max() < 0.003


def test_the_players_rule_is_the_one_used_here():
    """y[n] = sum h[n - k m + 10 k] low[m]."""
    low, k = np.random.default_rng(0).standard_normal((50, 1)), 3
    stuffed = np.zeros(150)
    stuffed[::k] = low[:, 0]
    expected = np.convolve(stuffed, rates.taps(k))[10 * k : 10 * k + 150]
    assert np.allclose(rates.up(low, k, 150)[:, 0], expected)


def test_other_factors_are_refused():
    with pytest.raises(ValueError, match="choose one of 1, 2, 3"):
        rates.down(tone(100, 100), 5)
