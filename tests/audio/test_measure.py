"""Are levels, weightings and spectra those of the standards, and is the noise floor where theory puts it?"""

import numpy as np
import pytest

from quantlab.audio import measure, spectra
from quantlab.audio.weighting import SILENT, a_weighting_db, k_weighting, loudness, matching_gain

RATE = 48_000
RNG = np.random.default_rng(0)


def sine(hertz: float, level: float = 1.0, n: int = RATE, channels: int = 1) -> np.ndarray:
    return np.repeat((level * np.sin(2 * np.pi * hertz * np.arange(n) / RATE))[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize(
    ("hertz", "db"),
    [(10, -70.4), (20, -50.5), (31.5, -39.4), (63, -26.2), (125, -16.1), (250, -8.6), (500, -3.2), (1000, 0), (2000, 1.2), (4000, 1.0)]
    + [(8000, -1.1), (16_000, -6.6)],
)
def test_a_weighting_is_the_table_of_iec_61672(hertz, db):
    exact = 1000 * 10 ** (round(10 * np.log10(hertz / 1000)) / 10)  # the table rounds its frequencies
    assert float(a_weighting_db(exact)) == pytest.approx(db, abs=0.06)


def test_k_weighting_at_48_khz_has_the_coefficients_of_bs_1770():
    shelf, high_pass = k_weighting(48_000)
    assert np.allclose(shelf, [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], atol=1e-8)
    assert np.allclose(high_pass, [1, -2, 1, 1, -1.99004745483398, 0.99007225036621], atol=1e-8)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_standards_test_tone_has_its_loudness(rate):
    x = np.sin(2 * np.pi * 997 * np.arange(4 * rate) / rate)
    assert loudness(x[:, None], rate) == pytest.approx(-3.01, abs=0.03)
    assert loudness(np.stack((x, x), axis=1) * 10**-1, rate) == pytest.approx(-20.0, abs=0.03)


def test_matched_sounds_are_equally_loud():
    a, b = sine(300, 0.2), sine(3000, 0.02)
    gain = matching_gain(loudness(b, RATE), loudness(a, RATE), 0.02)
    assert loudness(b * np.float32(gain), RATE) == pytest.approx(loudness(a, RATE), abs=0.01) or gain == pytest.approx(10 ** (12 / 20))
    assert loudness(np.zeros((100, 1), np.float32), RATE) == SILENT and matching_gain(SILENT, -20, 0) == 1


@pytest.mark.parametrize("channels", [1, 2])
def test_a_full_scale_sine_reads_0_decibels_everywhere(channels):
    x = sine(48_000 / 2048 * 64, channels=channels)
    s = spectra.stft(x, RATE)
    assert float(spectra.spectrum_db(s.power()).max()) == pytest.approx(0, abs=0.01)
    assert measure.level_db(x) == pytest.approx(0, abs=0.01)
    assert 10 * np.log10(spectra.noise_power(s.power())) == pytest.approx(0, abs=0.05)
    assert measure.crest_db(x) == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize("channels", [1, 2])
def test_white_noise_of_a_step_lies_at_the_floor_of_theory(channels):
    step = 2.0**-9
    e = RNG.uniform(-step / 2, step / 2, (1 << 19, channels)).astype(np.float32)
    s = spectra.stft(e, RATE)
    db = spectra.spectrum_db(s.power())
    assert np.median(db) == pytest.approx(spectra.floor_db(step), abs=0.1)
    assert 10 * np.log10(spectra.noise_power(s.power())) == pytest.approx(measure.level_db(e), abs=0.05)


def test_the_transform_of_the_error_is_the_difference_of_two():
    x, y = (RNG.uniform(-1, 1, (9000, 2)).astype(np.float32) for _ in range(2))
    a = (spectra.stft(y, RATE) - spectra.stft(x, RATE)).bins
    assert np.allclose(a, spectra.stft(y - x, RATE).bins, atol=1e-6)


def test_a_weighted_noise_of_a_tone_is_its_level_and_weight():
    f = 48_000 / 2048 * 10  # 234 Hz
    a, _ = measure.noise_levels(spectra.stft(sine(f, 0.01), RATE).power(), spectra.stft(sine(f), RATE).frequencies)
    assert a == pytest.approx(-40 + float(a_weighting_db(f)), abs=0.3)


def test_the_spectrogram_shows_a_tone_as_one_line_at_its_height():
    s = spectra.stft(sine(6000), RATE)
    picture = spectra.spectrogram(s.power(), 64, 160)
    assert picture.dtype == np.uint8 and picture.shape[0] == 64 and picture.shape[1] <= 160
    assert set(picture.argmax(axis=0)) <= {63 - 16, 63 - 15}  # 6 of 24 kHz from below


def test_segmental_snr_hears_the_quiet_half_that_the_whole_hides():
    x = np.concatenate((sine(440), sine(440, 0.05)))
    y = x + RNG.normal(0, 0.01, x.shape).astype(np.float32)
    whole, parts = measure.sqnr_db(x, y), measure.segmental_db(x, y, RATE)
    loud, quiet = (10 * np.log10(a * a / 2 / 1e-4) for a in (1, 0.05))
    assert whole == pytest.approx(loud - 3, abs=0.2)
    assert parts == pytest.approx((min(loud, 35) + quiet) / 2, abs=0.3)
    assert np.isnan(measure.segmental_db(0 * x, y, RATE))


def test_correlation_tells_buzz_from_hiss():
    x = sine(440, 0.3)
    assert measure.correlation(x, -0.2 * x) == pytest.approx(-1)
    assert abs(measure.correlation(x, RNG.normal(size=x.shape).astype(np.float32))) < 0.02
    assert measure.correlation(x, 0 * x) == 0


def test_clipped_samples_are_those_beyond_the_outer_levels_reach():
    x = np.array([[-1.3], [-1.2], [0.0], [1.2], [1.3]], np.float32)
    assert measure.clipped(x, np.array([-1.0, -0.5, 0.0, 0.5, 1.0])) == 2
