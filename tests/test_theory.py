"""Do the laws give the numbers of numerics.md section 7, and agree with integration, simulation and komm?"""

import numpy as np
import pytest
from scipy.integrate import quad

from quantlab import theory
from quantlab.theory.densities import DENSITIES


def matches(value: float, printed: str) -> bool:
    """Equal to all printed digits: within half a unit of the last (a hair more for the binary fraction)."""
    digits, _, exponent = printed.partition("e")
    places = len(digits.partition(".")[2]) - int(exponent or 0)
    return abs(value - float(printed)) <= 0.5001 * 10.0**-places


# numerics.md section 7; its best clips hold for the restricted grid
GAUSSIAN = {  # bits: Lloyd-Max MSE, uniform mid-rise MSE, D(R), best clip, ACIQ clip
    1: (".36338023", ".36338", ".25", None, "1.24"),
    2: (".11748185", ".118846", ".0625", "1.224", "1.7106"),
    3: (".03454776", ".0374397", ".015625", "1.952", "2.1516"),
    4: (".00950101", ".0115429", ".00390625", "2.474", "2.5591"),
    5: (".00250467", ".00349521", "9.766e-4", "2.899", "2.9362"),
    6: ("6.44240e-4", ".00104005", "2.441e-4", "3.270", "3.2869"),
    8: ("4.11851e-5", "8.76862e-5", "1.526e-5", "3.921", "3.9240"),
}
LAPLACE = [".5", ".176195", ".0544760", ".0153725", ".00410218", ".00106095", "2.69874e-4", "6.80617e-5"]


@pytest.mark.parametrize("bits", GAUSSIAN)
def test_the_gaussian_table_of_numerics_comes_out(bits):
    lloyd, uniform, rate, clip, aciq = GAUSSIAN[bits]
    assert matches(theory.lloyd_max("normal", 2**bits).mse, lloyd)
    assert matches(theory.uniform_midrise(bits)[1], uniform)
    assert matches(theory.gaussian_rate_distortion(bits), rate)
    assert matches(theory.aciq_clip(bits), aciq)
    assert clip is None or matches(theory.best_clip(bits), clip)


@pytest.mark.parametrize(("bits", "mse"), list(enumerate(LAPLACE, 1)))
def test_the_laplace_row_of_numerics_comes_out(bits, mse):
    assert matches(theory.lloyd_max("laplace", 2**bits).mse, mse)


@pytest.mark.parametrize(
    ("grid", "bits", "sqnr"),
    [
        ("mid-rise", 2, "12.81"),
        ("mid-tread", 2, "8.93"),
        ("mid-rise", 4, "25.31"),
        ("mid-tread", 4, "25.09"),
        ("mid-rise", 8, "49.79"),
        ("mid-tread", 8, "49.95"),
        ("mid-rise", 16, "98.08"),
        ("mid-tread", 16, "98.10"),
    ],
)
def test_the_sine_table_of_numerics_comes_out(grid, bits, sqnr):
    assert matches(theory.sine_sqnr_exact_db(bits, grid), sqnr)


@pytest.mark.parametrize("grid", ["mid-rise", "mid-tread"])
def test_a_sampled_sine_has_the_exact_sqnr(grid):
    x = np.sin(2 * np.pi * (np.arange(2_000_000) + 0.5) / 2_000_000)
    if grid == "mid-rise":
        x_hat = (np.clip(np.floor(x * 4), -4, 3) + 0.5) / 4  # 3 bits
    else:
        x_hat = np.rint(x * 3) / 3
    measured = 10 * np.log10((x**2).sum() / ((x - x_hat) ** 2).sum())
    assert theory.sine_sqnr_exact_db(3, grid) == pytest.approx(measured, abs=1e-4)


def test_the_sine_law_is_the_high_resolution_law_at_a_loading_of_root_two():
    assert matches(theory.sine_sqnr_db(0), "1.7609") and matches(theory.sine_sqnr_db(100), "603.8209")
    assert theory.sine_sqnr_db(7) == pytest.approx(theory.high_resolution_sqnr_db(7, np.sqrt(2)), abs=1e-12)


def test_panter_dite_lies_4_347_db_above_the_rate_distortion_function():
    gap = 10 * np.log10(theory.panter_dite(6) / theory.gaussian_rate_distortion(6))
    assert matches(gap, "4.347")
    assert theory.panter_dite(3, "laplace") == 4.5 * 4**-3


@pytest.mark.parametrize("density", DENSITIES)
def test_panter_dite_constants_are_the_integral_they_stand_for(density):
    half, _ = quad(lambda x: DENSITIES[density].pdf(np.array(x)) ** (1 / 3), 0, 60, limit=200)
    assert theory.panter_dite(0, density) == pytest.approx((2 * half) ** 3 / 12, rel=1e-8)


@pytest.mark.parametrize("density", DENSITIES)
def test_lloyd_max_approaches_panter_dite_from_below(density):
    ratios = [theory.lloyd_max(density, n).mse / theory.panter_dite(np.log2(n), density) for n in (64, 512, 4096)]
    assert ratios == sorted(ratios) and 0.999 < ratios[-1] < 1


def test_entropy_coded_uniform_approaches_the_gap_of_numerics():
    bits, db = theory.entropy_coded_gap()
    assert matches(bits, ".25461") and matches(db, "1.5329")
    rate, mse = theory.entropy_coded_uniform(0.001)
    assert rate + 0.5 * np.log2(mse) == pytest.approx(bits, abs=1e-6)


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("step", [0.3, 1.7])
def test_entropy_and_error_of_a_uniform_quantizer_agree_with_a_million_ranks(density, step):
    """The quantiles of a million evenly spaced ranks, the density's distribution inverted by hand."""
    from scipy.special import ndtri

    rank = (np.arange(1_000_000) + 0.5) / 1_000_000
    laplace = -np.sign(rank - 0.5) * np.log(2 * np.minimum(rank, 1 - rank)) / np.sqrt(2)
    x = ndtri(rank) if density == "normal" else laplace
    codes = np.rint(x / step)
    p = np.unique(codes, return_counts=True)[1] / x.size
    entropy, mse = theory.entropy_coded_uniform(step, density)
    assert entropy == pytest.approx(-(p * np.log2(p)).sum(), abs=1e-4)
    assert mse == pytest.approx(np.mean((x - step * codes) ** 2), rel=1e-4)


def test_laplace_shannon_bound_comes_from_the_entropy_and_stays_below_every_quantizer():
    entropy, _ = quad(lambda x: -2 * p * np.log2(p) if (p := np.exp(-np.sqrt(2) * x) / np.sqrt(2)) else 0, 0, 80)
    assert theory.laplace_shannon_bound(2) == pytest.approx(2 ** (2 * entropy - 4) / (2 * np.pi * np.e), rel=1e-9)
    for step in (0.01, 0.3, 2.0):
        rate, mse = theory.entropy_coded_uniform(step, "laplace")
        assert mse > theory.laplace_shannon_bound(rate)


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("n", [2, 3, 8, 31, 256, 1024])
def test_lloyd_max_levels_are_centroids_by_numerical_integration(density, n):
    pdf = DENSITIES[density].pdf
    q = theory.lloyd_max(density, n)
    edges = np.concatenate([[-40], q.borders, [40]])
    for i in {n // 2, (3 * n) // 4, n - 1}:
        low, high = max(edges[i], 0.0) if n % 2 == 0 else edges[i], edges[i + 1]
        if low < 0:  # the middle cell of an odd quantizer
            assert q.levels[i] == 0 and low == -high
            continue
        high = min(high, low + 30)
        mass, _ = quad(pdf, low, high, epsabs=0, epsrel=1e-12)
        moment, _ = quad(lambda x, low=low: (x - low) * pdf(x), low, high, epsabs=0, epsrel=1e-12)
        assert q.levels[i] == pytest.approx(low + moment / mass, abs=1e-9)
    np.testing.assert_allclose(q.borders, (q.levels[1:] + q.levels[:-1]) / 2, atol=1e-14)
    np.testing.assert_array_equal(q.levels, -q.levels[::-1])


def test_one_level_is_the_mean_and_its_error_the_variance():
    q = theory.lloyd_max("normal", 1)
    assert (q.levels.tolist(), q.borders.size, q.mse) == ([0.0], 0, 1.0)


def test_lloyd_max_agrees_with_komm():
    """komm integrates numerically over ±5: five digits."""
    komm = pytest.importorskip("komm")
    q = komm.LloydMaxQuantizer(lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi), (-5.0, 5.0), 8)
    ours = theory.lloyd_max("normal", 8)
    np.testing.assert_allclose(ours.levels, q.levels, atol=5e-5)
    np.testing.assert_allclose(ours.borders, q.thresholds, atol=5e-5)


def test_lloyd_max_agrees_with_maxs_table_of_1960():
    """Max 1960, table I: output levels for 4 and 8; he printed four digits, the last of them not always right."""
    np.testing.assert_allclose(theory.lloyd_max("normal", 4).levels[2:], [0.4528, 1.510], atol=3e-3)
    np.testing.assert_allclose(theory.lloyd_max("normal", 8).levels[4:], [0.2451, 0.7560, 1.344, 2.152], atol=3e-3)


def test_uniform_steps_agree_with_maxs_table_of_1960():
    """Max 1960, table II: equally spaced output levels, spacing for 4, 8, 16 and 32 levels."""
    assert [round(theory.uniform_midrise(b)[0], 4) for b in (2, 3, 4, 5)] == [0.9957, 0.5860, 0.3352, 0.1881]


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize(("grid", "bits", "clip"), [("restricted", 3, 1.5), ("mid-rise", 3, 2.5), ("mid-rise", 1, 1.0)])
def test_granular_and_overload_error_agree_with_numerical_integration(density, grid, bits, clip):
    """The quantizer written out by hand: 3-bit restricted has 7 levels at multiples of clip / 3, mid-rise 2^b cells."""

    def error(x):
        if grid == "restricted":
            y = min(np.rint(x * 3 / clip), 3) * clip / 3
        else:
            half = 2 ** (bits - 1)
            y = (min(np.floor(x * half / clip), half - 1) + 0.5) * clip / half
        return (x - y) ** 2 * DENSITIES[density].pdf(x)

    breaks = list(clip * np.arange(1, 24) / 24)
    outer = clip if grid == "restricted" else clip * (1 - 2.0**-bits)  # half a step of 2 clip / 2^b inside
    granular = 2 * quad(error, 0, outer, points=[x for x in breaks if x < outer], limit=200)[0]
    overload = 2 * quad(error, outer, outer + 30, limit=200)[0]
    ours = theory.uniform_distortion(bits, clip, density, grid)
    assert ours == pytest.approx((granular, overload, granular + overload), rel=1e-7)


@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("grid", ["restricted", "mid-rise"])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_no_clip_nearby_is_better_than_the_best(density, grid, bits):
    best = theory.best_clip(bits, density, grid)
    errors = [theory.uniform_distortion(bits, best * factor, density, grid).mse for factor in (0.99, 1, 1.01)]
    assert errors[1] < min(errors[0], errors[2])


def test_aciq_clips_for_laplace_are_those_of_the_paper():
    """Banner et al. 2019: 2.83 b, 3.89 b (here 3.90, their grid search rounds down), 5.03 b; b = sigma / sqrt(2)."""
    clips = [theory.aciq_clip(bits, "laplace") * np.sqrt(2) for bits in (2, 3, 4)]
    np.testing.assert_allclose(clips, [2.83, 3.89, 5.03], atol=0.0075)


@pytest.mark.parametrize("density", DENSITIES)
def test_aciq_clip_makes_its_own_formula_least(density):
    def formula(clip):
        overload, _ = quad(lambda x: (x - clip) ** 2 * DENSITIES[density].pdf(x), clip, clip + 30)
        return clip**2 / (3 * 4**4) + 2 * overload

    clip = theory.aciq_clip(4, density)
    assert formula(clip) < min(formula(clip * 0.999), formula(clip * 1.001))


def test_aciq_is_40_percent_off_at_2_bits_and_a_tenth_of_a_percent_at_8():
    ratio = [theory.aciq_clip(bits) / theory.best_clip(bits) - 1 for bits in (2, 8)]
    assert matches(ratio[0], ".40") and matches(ratio[1], ".001")


@pytest.mark.parametrize(
    ("step", "corr", "ratio"),
    # numerics.md prints -.026 and .992 for 2; the series (and 4e7 samples) give -.0250 and .9913
    [(4.0, "-.61", ".648"), (2.0, "-.025", ".991"), (1.5, "-.00", "1.000"), (1.0, "-.000", "1.000")],
)
def test_where_uniform_noise_breaks(step, corr, ratio):
    noise = theory.uniform_noise_holds(step)
    assert matches(noise.corr, corr) and matches(noise.variance_ratio, ratio)


@pytest.mark.parametrize("step", [0.8, 1.5, 2.0, 4.0, 20.0])
def test_the_characteristic_function_series_equals_the_sum_over_cells(step):
    """The same moments from the density's tails instead of its Fourier transform."""
    levels = step * np.arange(1, 200)
    p, m1, m2 = DENSITIES["normal"].cells(levels - step / 2)
    cross = 2 * (levels * m1).sum() - 1
    power = 1 - 2 * m2.sum() + 2 * (m2 - 2 * levels * m1 + levels**2 * p).sum()
    noise = theory.uniform_noise_holds(step)
    assert noise.variance_ratio * theory.uniform_noise_variance(step) == pytest.approx(power, abs=1e-13)
    assert noise.corr == pytest.approx(cross / np.sqrt(power), abs=1e-12)


@pytest.mark.parametrize("kind", ["none", "rpdf", "tpdf", "subtractive"])
def test_dither_moments_agree_with_dithering_by_every_value(kind):
    """All dither values on a fine grid; TPDF as the sum of two."""
    step, x = 0.5, np.linspace(-1, 1, 41)
    even = (np.arange(1000) + 0.5) / 1000 - 0.5
    d = {"none": np.zeros(1), "tpdf": np.add.outer(even, even).ravel()}.get(kind, even)
    mean, variance = theory.dither_error(kind, step, x)
    for i, value in enumerate(x / step):
        error = np.rint(value + d) - value - (d if kind == "subtractive" else 0)
        assert step * error.mean() == pytest.approx(mean[i], abs=1e-3)
        assert step**2 * error.var() == pytest.approx(variance[i], abs=1e-3)


@pytest.mark.parametrize("kind", ["none", "rpdf", "tpdf", "subtractive"])
def test_dither_extremes_are_those_of_all_inputs(kind):
    mean, variance = theory.dither_error(kind, 2.0, np.linspace(0, 2, 20_001))
    measured = (np.abs(mean).max(), variance.min(), variance.max(), variance[:-1].mean())
    assert theory.dither_moments(kind, 2.0) == pytest.approx(measured, abs=1e-7)


def test_dither_moments_are_those_of_numerics():
    """RPDF 0 to .25, TPDF .25 = three times step^2 / 12 (+4.77 dB), subtractive 1/12."""
    assert theory.dither_moments("rpdf", 1.0)[:3] == (0, 0, 0.25)
    tpdf = theory.dither_moments("tpdf", 1.0)
    assert tpdf[:3] == (0, 0.25, 0.25)
    assert matches(10 * np.log10(tpdf.mean_variance / theory.uniform_noise_variance(1.0)), "4.77")
    assert theory.dither_moments("subtractive", 1.0)[:3] == (0, 1 / 12, 1 / 12)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: theory.lloyd_max("cauchy", 4), "'cauchy'"),
        (lambda: theory.lloyd_max("normal", 5000), "panter_dite"),
        (lambda: theory.lloyd_max("normal", 0), "levels=0"),
        (lambda: theory.best_clip(1), "only the level 0"),
        (lambda: theory.best_clip(4, "normal", "hexagonal"), "'hexagonal'"),
        (lambda: theory.uniform_midrise(17), "bits=17"),
        (lambda: theory.uniform_distortion(4, 0.0), "clip=0.0"),
        (lambda: theory.sine_sqnr_exact_db(4, "round"), "'round'"),
        (lambda: theory.dither_moments("pink", 1.0), "'pink'"),
        (lambda: theory.uniform_noise_holds(0.0), "step=0.0"),
        (lambda: theory.entropy_coded_uniform(1e-9), "1e-09"),
    ],
)
def test_wrong_input_is_refused_with_the_reason(make, text):
    with pytest.raises(ValueError, match=text):
        make()
