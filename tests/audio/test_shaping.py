"""Is the error shaped as the filter says, by the recursion as written, and does the loop stay stable?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio import spectra
from quantlab.audio.chain import Chain, convert_all
from quantlab.audio.dithers import DITHERS
from quantlab.audio.feedback import LIMIT, STRETCH, error_feedback, running_sums
from quantlab.audio.grids import Grid
from quantlab.audio.measure import noise_levels
from quantlab.audio.shaping import SHAPERS, response_db

RATE = 48_000
SPEC = ql.QuantSpec("int-symmetric", bits=8)
SHAPED = [slug for slug in SHAPERS if slug != "none"]


def music(n: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (n, channels)).astype(np.float32)


@pytest.mark.parametrize(("slug", "sums"), [("first", 1), ("second", 2)])
def test_shaping_by_differences_is_the_difference_of_the_rounded_running_sum(slug, sums):
    """An oracle without feedback: where H has whole coefficients, y / H = Q(x / H)."""
    x = np.random.default_rng(1).integers(-(2**19), 2**19, (6000, 2)) / 2**20  # sums stay exact
    grid = Grid.of(SPEC, rise=True)
    codes = error_feedback(x, [grid], SHAPERS[slug].taps(RATE), np.zeros(x.shape))[0]
    total = (x - grid.shift) / grid.step
    for _ in range(sums):
        total = np.cumsum(total, axis=0)
    expected = np.rint(total)
    for _ in range(sums):
        expected = np.diff(expected, axis=0, prepend=0)
    ties = np.abs(total % 1 - 0.5) < 1e-9
    first = int(np.argmax(ties.any(axis=1))) if ties.any() else len(x)
    assert first > 20
    assert np.array_equal(codes[:first], expected[:first])


@pytest.mark.parametrize(("n", "loudness", "widths"), [(150, 2.2, (1, 2, 3, 8, 16)), (700, 0.5, (6, 8, 16))], ids=["clipping", "longer"])
@pytest.mark.parametrize("dither", ["none", "tpdf"])
@pytest.mark.parametrize("slug", SHAPED)
def test_the_loop_is_the_recursion_sample_by_sample(slug, dither, n, loudness, widths):
    """Where it clips the recursion is chaotic: the last digit of a sum decides a code some 200 samples later."""
    x, taps, noise = loudness * music(n, 2).astype(np.float64), SHAPERS[slug].taps(RATE), DITHERS[dither].noise((n, 2), 0)
    grids = [Grid.of(SPEC.replace(bits=bits), rise) for bits in widths for rise in (False, True)]
    for grid, codes in zip(grids, error_feedback(x, grids, taps, noise), strict=True):
        for channel in range(2):
            past = np.zeros(len(taps))
            one_bit = grid.spec.bits == 1
            low, high = (-1, 0) if one_bit else (grid.qparams.qmin, grid.qparams.qmax)
            for n in range(len(x)):
                v = (x[n, channel] - grid.shift) / grid.step - 0.5 * one_bit + float(taps @ past)
                code = np.clip(np.rint(v + noise[n, channel]), low, high)
                assert codes[n, channel] == code + one_bit
                past = np.concatenate(([np.clip(code - v, -LIMIT, LIMIT)], past[:-1]))


@pytest.mark.parametrize("dither", ["none", "tpdf"])
@pytest.mark.parametrize("slug", ["first", "second"])
def test_running_sums_give_the_codes_of_the_recursion_where_nothing_clips(slug, dither):
    x, noise = music(3000, 2).astype(np.float64), DITHERS[dither].noise((3000, 2), 0)
    for bits in (4, 8, 16):
        for rounding in ("nearest-even", "floor"):
            grid = Grid.of(SPEC.replace(bits=bits, rounding=rounding))
            codes = running_sums(x, grid, SHAPERS[slug].order, noise)
            assert np.array_equal(codes, error_feedback(x, [grid], SHAPERS[slug].taps(RATE), noise)[0])
    assert running_sums(2.5 * x, Grid.of(SPEC), SHAPERS[slug].order, noise) is None


def test_without_taps_the_loop_gives_the_codes_of_the_core():
    x = music(3000, 2)
    for bits in range(1, 17):
        for rise in (False, True):
            grid = Grid.of(SPEC.replace(bits=bits), rise)
            codes = error_feedback(x.astype(np.float64), [grid], np.zeros(0), np.zeros(x.shape))[0]
            assert (codes != grid.quantize(x.astype(np.float64))).mean() < 1e-3


def error_spectrum(slug: str, dither: str = "tpdf", rate: int = RATE) -> tuple[np.ndarray, np.ndarray, float]:
    chain = Chain(SPEC.replace(bits=10), shaping=slug, dither=dither)
    x = music(1 << 19)
    c = chain.convert(x, rate)
    error = spectra.stft(c.heard - x, rate)
    return error.frequencies, spectra.spectrum_db(error.power()), c.grid.step


@pytest.mark.parametrize("slug", SHAPERS)
def test_the_errors_spectrum_is_the_white_floor_times_the_filters_response(slug):
    f, measured, step = error_spectrum(slug)
    expected = spectra.floor_db(step, 3 / 12) + response_db(SHAPERS[slug].taps(RATE), f, RATE)
    seen = (f > 400) & (f < 23_500)
    assert np.abs(measured - expected)[seen].mean() < 0.35
    assert np.abs(measured - expected)[seen & (expected > expected.max() - 40)].max() < 2.5


@pytest.mark.parametrize(("slug", "slope"), [("first", 6.02), ("second", 12.04)])
def test_the_noise_falls_by_6_decibels_an_octave_and_order(slug, slope):
    f, measured, _ = error_spectrum(slug)
    low = (f > 600) & (f < 4000)
    assert np.polyfit(np.log2(f[low]), measured[low], 1)[0] == pytest.approx(slope, abs=0.35)


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("slug", SHAPED)
def test_what_one_band_wins_another_pays(slug, rate):
    """Gerzon and Craven: the mean of log|H| is 0 for a minimum-phase H."""
    if slug == "lipshitz" and rate < 40_000:
        pytest.skip("not made for that rate")
    taps = SHAPERS[slug].taps(rate)
    f = (np.arange(200_000) + 0.5) / 400_000 * rate
    assert float(response_db(taps, f, rate).mean()) == pytest.approx(0, abs=0.02)
    assert np.abs(np.roots(np.concatenate(([1.0], taps)))).max() <= 1 + 1e-7


@pytest.mark.parametrize(("slug", "won"), [("lipshitz", 10.5), ("ear", 17.0)])
def test_psychoacoustic_noise_is_fainter_to_hear_although_there_is_more_of_it(slug, won):
    levels = {}
    for each in ("none", slug):
        x = music(1 << 18)
        error = spectra.stft(Chain(SPEC, shaping=each, dither="tpdf").convert(x, RATE).heard - x, RATE)
        levels[each] = (*noise_levels(error.power(), error.frequencies), spectra.noise_power(error.power()))
    assert levels["none"][1] - levels[slug][1] == pytest.approx(won, abs=0.8)
    assert levels[slug][0] > levels["none"][0]  # in dB(A) it is louder: see weighting.py
    assert levels[slug][2] > 10 * levels["none"][2]


@pytest.mark.slow
@pytest.mark.parametrize("dither", ["none", "tpdf"])
@pytest.mark.parametrize("slug", SHAPED)
def test_no_input_makes_the_loop_unstable(slug, dither):
    n = STRETCH + 5000  # over the seam of two stretches
    loud = np.sign(np.sin(np.arange(n) / 40))[:, None] * np.float32(1.0)
    chain = Chain(SPEC, shaping=slug, dither=dither)
    reach = 1 + np.abs(SHAPERS[slug].taps(RATE)).sum()
    for c in convert_all(loud, RATE, [chain.at(bits) for bits in range(1, 17)]):
        low, high = c.grid.qparams.qmin, c.grid.qparams.qmax
        assert low <= c.codes.min() and c.codes.max() <= high
        assert np.abs(c.heard - loud).max() <= (LIMIT * reach + 1) * c.grid.step
    quiet = convert_all(music(n), RATE, [chain.at(12)])[0]
    assert quiet.codes.min() > quiet.grid.qparams.qmin  # nothing clips, so nothing but the filter acts


def test_a_filter_made_for_one_rate_is_refused_at_another():
    with pytest.raises(ValueError, match="use ear"):
        Chain(SPEC, shaping="lipshitz").convert(music(100), 24_000)
    with pytest.raises(ValueError, match="int-symmetric"):
        error_feedback(music(10).astype(np.float64), [Grid.of(ql.QuantSpec("mu-law", bits=8))], np.array([-1.0]), np.zeros((10, 1)))


def test_one_bit_shaped_twice_still_carries_the_tone():
    """Sigma-delta: at 1 bit the tone is there in the lows although every sample is ±1."""
    x = (0.25 * np.sin(2 * np.pi * 500 / RATE * np.arange(1 << 17)))[:, None].astype(np.float32)
    c = Chain(SPEC.replace(bits=1), shaping="first").convert(x, RATE)
    assert set(np.unique(c.heard)) == {-1.0, 1.0}
    assert float((c.heard * x).sum() / (x * x).sum()) == pytest.approx(1, abs=0.02)
