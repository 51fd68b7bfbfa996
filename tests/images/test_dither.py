"""Are the masks what their recursions say, and does a dither keep the mean that rounding loses?"""

import numpy as np
import pytest

from quantlab.images import DITHERS, masks
from quantlab.images.dither import against_thresholds, plain

from .test_diffusion import uniform_tables

THRESHOLDS = {slug: d for slug, d in DITHERS.items() if d.thresholds is not None}
every_dither = pytest.mark.parametrize("slug", DITHERS)
every_threshold = pytest.mark.parametrize("slug", THRESHOLDS)


def test_the_bayer_matrix_of_4_is_the_printed_one():
    printed = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]  # Bayer 1973
    assert (masks.bayer(4) * 16 - 0.5).astype(int).tolist() == printed


@pytest.mark.parametrize("n", [2, 4, 8, 16])
def test_a_bayer_matrix_holds_every_threshold_once_and_bit_reversal_gives_it(n):
    bits = n.bit_length() - 1
    y, x = np.indices((n, n))
    rank = np.zeros((n, n), int)
    for i in range(bits):  # closed form: the bits of x ^ y and y interleaved, reversed
        rank |= (((x ^ y) >> i & 1) << 1 | (y >> i & 1)) << 2 * (bits - 1 - i)
    assert np.array_equal(masks.bayer(n) * n * n - 0.5, rank)


def test_a_bayer_matrix_of_another_side_is_refused():
    with pytest.raises(ValueError, match="not 6"):
        masks.bayer(6)


def test_blue_noise_holds_every_threshold_once_and_repeats():
    mask = masks.blue()
    assert np.array_equal(np.sort(mask.ravel()) * 4096 - 0.5, np.arange(4096))
    assert np.array_equal(mask, masks.blue.__wrapped__(64, 1))


def radial_power(a: np.ndarray) -> np.ndarray:
    """Mean power of the frequencies at each distance from 0, in units of the mean over all."""
    power = np.abs(np.fft.fft2(a - a.mean())) ** 2
    f = np.fft.fftfreq(len(a)) * len(a)
    r = np.hypot(f[:, None], f).round().astype(int)
    return np.bincount(r.ravel(), power.ravel())[: len(a) // 2] / np.bincount(r.ravel())[: len(a) // 2] / power.mean()


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_spectrum_of_blue_noise_is_high_pass_where_white_noise_is_flat(share):
    blue = radial_power((masks.blue() < share).astype(float))
    white = radial_power((masks.white(64, 64, 1, 0)[..., 0] < share).astype(float))
    cut = int(64 * np.sqrt(min(share, 1 - share)) / 3)  # a third of the principal frequency sqrt(g), Ulichney 1993
    assert blue[1:cut].mean() < 0.06
    assert 0.5 < white[1:cut].mean() < 2
    assert blue[2 * cut :].mean() > 1


@every_dither
def test_a_dither_gives_levels_only_and_the_right_shape(slug):
    u = np.random.default_rng(1).integers(0, 256, (21, 17, 3)).astype(np.float32)
    tables = uniform_tables([1, 2, 3, 8], 3)
    made = DITHERS[slug].apply(u, tables, 1.0, False, 0)
    assert made.shape == (4, 21, 17, 3) and made.dtype == np.uint8
    for one, table in zip(made, tables, strict=True):
        assert set(np.unique(one)) <= set(np.unique(table))
    assert np.array_equal(made[3], u)


@every_dither
def test_every_dither_but_none_and_atkinson_keeps_the_mean_of_a_flat_grey(slug):
    u = np.full((64, 64, 1), 40, np.float32)
    mean = DITHERS[slug].apply(u, uniform_tables([1], 1), 1.0, False, 0).mean()
    # law: a share 40 / 255 of the pixels is white; a Bayer mask of n² thresholds rounds that share, white noise varies
    tolerance = {"none": np.inf, "atkinson": np.inf, "bayer-2": 64, "white-noise": 6}.get(slug, 9)
    assert abs(mean - 40) < tolerance
    assert (mean == 0) == (slug == "none")


@every_threshold
def test_thresholds_on_even_levels_are_noise_added_before_rounding(slug):
    u = np.random.default_rng(2).integers(0, 256, (20, 30, 1)).astype(np.float32)
    table = 17.0 * np.rint(np.arange(256) / 17)[None, :, None]  # 4 bits: a step of 17, whole levels
    t = THRESHOLDS[slug].thresholds(20, 30, 1, 0)
    for strength in (1.0, 0.5):
        noise = strength * (0.5 - t.astype(np.float64))
        assert np.array_equal(against_thresholds(u, table, t, strength)[0], 17 * np.ceil(u / 17 + noise - 0.5))


@every_threshold
def test_no_strength_is_no_dither(slug):
    u = np.random.default_rng(3).integers(0, 256, (20, 30, 3)).astype(np.float32)
    tables = uniform_tables([1, 2, 4], 3)
    assert np.array_equal(THRESHOLDS[slug].apply(u, tables, 0.0, False, 0), plain(u, tables))


def test_white_noise_repeats_with_its_seed_and_channels_differ():
    noise = masks.white(30, 40, 3, 5)
    assert np.array_equal(noise, masks.white(30, 40, 3, 5))
    assert not np.array_equal(noise, masks.white(30, 40, 3, 6))
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.1


@every_dither
def test_every_dither_says_what_it_is(slug):
    dither = DITHERS[slug]
    assert dither.slug == slug and dither.title and dither.blurb.endswith(".")
    assert bool(dither.source) == (slug != "none")
