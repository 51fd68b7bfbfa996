"""Are codebooks the best they claim to be: NF4, k-means, Lloyd-Max?

Expected numbers: numerics.md section 7 (NF4's table, Lloyd-Max by Newton), bitsandbytes for NF4 codes where it is
installed, kmeans1d and ckwrap for the global optimum of k-means (dynamic programming), komm for Lloyd-Max.
"""

from __future__ import annotations

import ckwrap
import kmeans1d
import komm
import numpy as np
import pytest

import quantlab as ql
from quantlab.schemes import _clustering as clustering

# ---------------------------------------------------------------- NF4

NF4 = [-1, -0.69619280, -0.52507305, -0.39491749, -0.28444138, -0.18477343, -0.09105003625, 0]
NF4 += [0.07958030, 0.16093020, 0.24611230, 0.33791524, 0.44070983, 0.56261700, 0.72295684, 1]


def test_nf4_levels_are_the_table_to_the_last_bit():
    """Eight digits name one float32 each; but -.09105004 is half way between two, and bitsandbytes has the nearer to 0."""
    q = ql.quantize(np.array([1.0, -0.1], np.float32), ql.QuantSpec("nf4"))
    assert q.levels.tolist() == [np.array(NF4, np.float32).tolist()]


@pytest.mark.parametrize("top", [0.25, 3.7])
def test_nf4_levels_follow_the_largest_value(top):
    q = ql.quantize(np.array([-0.1 * top, -top], np.float32), ql.QuantSpec("nf4"))
    assert np.array_equal(q.levels[0], np.array(NF4, np.float32) * np.float32(top))


def test_nf4_levels_are_normal_quantiles_with_the_offset_of_the_paper():
    from scipy.stats import norm

    offset = 0.9677083
    above = norm.ppf(np.linspace(offset, 0.5, 9)[:-1])
    below = -norm.ppf(np.linspace(offset, 0.5, 8)[:-1])
    table = np.sort(np.concatenate([above, below, [0.0]]))
    q = ql.quantize(np.array([1.0], np.float32), ql.QuantSpec("nf4"))
    assert q.levels[0] == pytest.approx(table / table.max(), abs=2e-7)


def test_nf4_gives_the_nearest_entry_of_the_table_on_a_million_values():
    x = np.random.default_rng(0).uniform(-1, 1, 1_000_000).astype(np.float32)
    x[0] = 1.0
    q = ql.quantize(x, ql.QuantSpec("nf4"))
    table = q.levels[0].astype(np.float64)
    nearest = np.searchsorted((table[1:] + table[:-1]) / 2, x.astype(np.float64))
    ours = q.codes.astype(int) - int(q.qparams.qmin)
    wrong = np.flatnonzero(nearest != ours)
    gap = np.abs(x[wrong] - table[nearest[wrong]]) - np.abs(x[wrong] - table[ours[wrong]])
    assert np.all(np.abs(gap) <= 2e-7)  # a tie, within float32
    assert wrong.size < 20


def test_nf4_in_blocks_of_64_has_the_error_of_the_table_on_a_gaussian():
    x = np.random.default_rng(1).normal(size=(4096, 256)).astype(np.float32)
    x_hat = ql.fake_quantize(x, ql.QuantSpec("nf4", granularity=ql.per_group(64)))
    assert np.mean((x_hat.astype(np.float64) - x) ** 2) == pytest.approx(0.00846, rel=0.006)


def test_nf4_codes_are_those_of_bitsandbytes():
    bnb = pytest.importorskip("bitsandbytes.functional", reason="optional: pulls in a large wheel")
    import torch

    x = np.random.default_rng(2).normal(size=(4096, 64)).astype(np.float32)
    packed, state = bnb.quantize_4bit(torch.from_numpy(x), blocksize=64, quant_type="nf4")
    theirs = bnb.dequantize_4bit(packed, state, quant_type="nf4").numpy().reshape(x.shape)
    ours = ql.fake_quantize(x, ql.QuantSpec("nf4", granularity=ql.per_group(64)))
    assert np.mean(ours != theirs) < 1e-4  # they divide by absmax as a product: a border can move by an ulp
    assert ours == pytest.approx(theirs, abs=1)


# ---------------------------------------------------------------- k-means

DATA = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(sigma=1.2, size=n),
    "three bumps": lambda rng, n: rng.choice([-4.0, 0.0, 5.0], n) + rng.normal(size=n) * 0.3,
    "integers": lambda rng, n: rng.integers(-40, 40, n).astype(float),
    "far from zero": lambda rng, n: 1000 + rng.normal(size=n),
}


def optimum(x, k):
    """Mean squared error of the best k centres, float64, from kmeans1d's clusters."""
    x = x.astype(np.float64)
    clusters, _ = kmeans1d.cluster(x, k)
    clusters = np.asarray(clusters)
    n = np.bincount(clusters, minlength=k)
    centre = np.bincount(clusters, x, minlength=k) / np.maximum(n, 1)
    return np.mean((x - centre[clusters]) ** 2)


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
@pytest.mark.parametrize("n", [2000, 20_000])
@pytest.mark.parametrize("kind", list(DATA))
def test_kmeans_reaches_the_global_optimum_of_kmeans1d(kind, n, bits):
    """The levels are float32, so the sum of squares may exceed the optimum by their rounding, about (2^-25 x)^2."""
    x = DATA[kind](np.random.default_rng(n + bits), n).astype(np.float32)
    ours = np.mean((ql.fake_quantize(x, ql.QuantSpec("kmeans", bits=bits)).astype(np.float64) - x) ** 2)
    best = optimum(x, 2**bits)
    rounding = (2.0**-24 * np.abs(x).max()) ** 2
    assert best * (1 - 1e-9) <= ours <= best * (1 + 1e-9) + rounding


@pytest.mark.parametrize("bits", [1, 2, 3, 4])
def test_kmeans_reaches_the_global_optimum_of_ckwrap(bits):
    x = np.random.default_rng(5).standard_t(3, 5000).astype(np.float32)
    ours = np.mean((ql.fake_quantize(x, ql.QuantSpec("kmeans", bits=bits)).astype(np.float64) - x) ** 2)
    best = np.sum(ckwrap.ckmeans(x.astype(np.float64), 2**bits).withinss) / x.size
    assert ours == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("values", [[5.0], [1.0, 1.0, 1.0], [1.0, 2.0], [-1.0, 0.0, 0.0, 7.5], [0.0] * 6 + [1e-3]])
@pytest.mark.parametrize("bits", [1, 2, 3])
def test_kmeans_with_no_more_distinct_values_than_levels_is_exact(values, bits):
    x = np.array(values, np.float32)
    if len(np.unique(x)) <= 2**bits:
        assert np.array_equal(ql.fake_quantize(x, ql.QuantSpec("kmeans", bits=bits)), x)


def test_kmeans_levels_are_the_means_of_what_they_stand_for():
    x = np.random.default_rng(6).normal(size=8000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("kmeans", bits=3))
    codes = q.codes - q.qparams.qmin
    means = [x[codes == i].astype(np.float64).mean() for i in range(8)]
    assert q.levels[0] == pytest.approx(np.array(means), rel=1e-6)


def test_kmeans_per_channel_is_optimal_in_every_channel():
    rng = np.random.default_rng(7)
    x = (rng.normal(size=(5, 2000)) * rng.uniform(0.1, 10, (5, 1)) + rng.normal(size=(5, 1))).astype(np.float32)
    x_hat = ql.fake_quantize(x, ql.QuantSpec("kmeans", bits=2, granularity=ql.per_channel()))
    for row, row_hat in zip(x, x_hat, strict=True):
        assert np.mean((row_hat.astype(np.float64) - row) ** 2) == pytest.approx(optimum(row, 4), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("bits", range(1, 7))
def test_no_scheme_with_as_many_levels_beats_kmeans(bits):
    """The optimum bounds every scalar quantizer; per tensor, nearest rounding."""
    x = np.random.default_rng(8).standard_t(5, 20_000).astype(np.float32)

    def mse(spec):
        return np.mean((ql.fake_quantize(x, spec).astype(np.float64) - x) ** 2)

    best = mse(ql.QuantSpec("kmeans", bits=bits))
    for slug, scheme in ql.SCHEMES.items():
        for variant in scheme.variants if "tensor" in scheme.granularities else ():
            if bits in scheme.bits_allowed(dict(ql.QuantSpec(slug, **variant).knobs)):
                spec = ql.QuantSpec(slug, bits=bits, granularity=ql.per_tensor(), **variant)
                assert best <= mse(spec) * (1 + 1e-9), spec


# ---------------------------------------------------------------- Lloyd-Max

GAUSSIAN = {1: 0.36338023, 2: 0.11748185, 3: 0.03454776, 4: 0.00950101, 5: 0.00250467, 6: 6.44240e-4, 8: 4.11851e-5}
LAPLACE = [0.5, 0.176195, 0.0544760, 0.0153725, 0.00410218, 0.00106095, 2.69874e-4, 6.80617e-5]


def measured(x, **how):
    x_hat = ql.fake_quantize(x, ql.QuantSpec("lloyd-max", **how))
    error = (x_hat.astype(np.float64) - x) ** 2
    return error.mean(), error.std() / np.sqrt(x.size)


@pytest.mark.parametrize("bits", list(GAUSSIAN))
def test_lloyd_max_has_the_error_of_the_table_on_a_million_gaussian_values(bits):
    x = np.random.default_rng(9).normal(size=1_000_000).astype(np.float32)
    mse, deviation = measured(x, bits=bits, density="normal")
    assert abs(mse - GAUSSIAN[bits]) <= 5 * deviation + 1e-4 * GAUSSIAN[bits]


@pytest.mark.parametrize("bits", range(1, 9))
def test_lloyd_max_has_the_error_of_the_table_on_a_million_laplace_values(bits):
    x = (np.random.default_rng(10).laplace(size=1_000_000) / np.sqrt(2)).astype(np.float32)
    mse, deviation = measured(x, bits=bits, density="laplace")
    assert abs(mse - LAPLACE[bits - 1]) <= 5 * deviation + 1e-4 * LAPLACE[bits - 1]


def test_lloyd_max_levels_of_eight_are_komm_s():
    """numerics.md section 6: komm agrees to 5e-5. The data's own mean and deviation are taken out first."""
    x = np.random.default_rng(11).normal(size=200_000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("lloyd-max", bits=3, density="normal"))
    levels = q.levels[0].astype(np.float64)
    theirs = komm.LloydMaxQuantizer(lambda t: np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi), (-6, 6), 8).levels
    centred = (levels - levels.mean()) / (levels[-1] - levels[0])
    assert centred == pytest.approx(np.asarray(theirs) / (theirs[-1] - theirs[0]), abs=5e-5)
    assert levels[-1] - levels[0] == pytest.approx(theirs[-1] - theirs[0], rel=0.01)


@pytest.mark.parametrize("bits", range(1, 9))
def test_lloyd_max_codes_follow_the_borders_between_the_levels(bits):
    x = np.random.default_rng(12).normal(size=50_000).astype(np.float32)
    q = ql.quantize(x, ql.QuantSpec("lloyd-max", bits=bits, density="normal"))
    levels = q.levels[0].astype(np.float64)
    assert levels.size == 2**bits
    assert np.all(np.diff(levels) > 0)
    expected = np.searchsorted((levels[1:] + levels[:-1]) / 2, x.astype(np.float64))
    assert np.mean(expected != q.codes - q.qparams.qmin) < 1e-4


def test_lloyd_of_a_row_that_has_settled_is_not_moved_by_a_slower_one():
    rng = np.random.default_rng(5)
    rows = np.sort(rng.standard_t(3, (12, 400)), axis=1)
    start = clustering.first_levels(rows, 8)
    together = list(clustering.lloyd(rows, start, tolerance=0.01))[-1]
    for row, first, found in zip(rows, start, together, strict=True):
        assert np.array_equal(list(clustering.lloyd(row[None], first[None], tolerance=0.01))[-1][0], found)
