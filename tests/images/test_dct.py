"""Are the tables libjpeg's, and does rounding waves give the picture that a JPEG file gives?"""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from quantlab import metrics
from quantlab.images import dct

PICTURE = np.ascontiguousarray(data.astronaut()[100:228, 150:278])


def saved(quality: int) -> Image.Image:
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, "JPEG", quality=quality, subsampling=0)
    return Image.open(file)


@pytest.mark.parametrize("quality", range(1, 101))
def test_both_tables_are_those_that_libjpeg_writes(quality):
    theirs = saved(quality).quantization  # Pillow: in rows, not in zigzag
    assert dct.table(dct.LUMA, quality).ravel().tolist() == theirs[0]
    assert dct.table(dct.CHROMA, quality).ravel().tolist() == theirs[1]


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_out_of_range_is_refused(quality):
    with pytest.raises(ValueError, match=f"quality={quality}"):
        dct.table(dct.LUMA, quality)


@pytest.mark.parametrize("quality", [5, 30, 75, 95])
def test_the_round_trip_is_as_far_from_the_original_as_pillows_file(quality):
    ours, theirs = dct.round_trip(PICTURE, quality), np.asarray(saved(quality))
    gap = metrics.psnr_db(PICTURE, ours, 255) - metrics.psnr_db(PICTURE, theirs, 255)
    assert abs(gap) < 0.6  # libjpeg rounds samples of YCbCr to integers on the way, which costs it at high quality
    assert metrics.psnr_db(ours, theirs, 255) > 40


@pytest.mark.parametrize("shape", [(8, 8), (9, 17), (1, 1), (30, 40)], ids=str)
def test_without_rounding_the_waves_give_the_picture_back(shape):
    picture = PICTURE[: shape[0], : shape[1]]
    assert np.array_equal(dct.from_coefficients(dct.coefficients(picture), *shape), picture)


def test_a_wave_is_rounded_to_the_nearest_multiple_of_its_step():
    waves = dct.coefficients(PICTURE)
    steps = np.stack([dct.table(base, 40) for base in (dct.LUMA, dct.CHROMA, dct.CHROMA)])[:, None, None].astype(np.float32)
    assert np.array_equal(dct.quantize_waves(waves, 40), np.rint(waves / steps) * steps)


@pytest.mark.parametrize("ratio", [1.25, 1.5, 2.0])
def test_a_dead_zone_zeroes_what_is_within_it_and_errs_at_most_half_a_step_outside(ratio):
    waves = dct.coefficients(PICTURE)
    out = dct.quantize_waves(waves, 40, ratio)
    steps = np.stack([dct.table(base, 40) for base in (dct.LUMA, dct.CHROMA, dct.CHROMA)])[:, None, None].astype(np.float32)
    zero = np.abs(waves) < 0.499 * ratio * steps  # law: the bin of 0 is ratio steps wide
    assert (out[zero] == 0).all()
    outside = np.abs(waves) > 0.501 * ratio * steps
    assert (out[outside] != 0).all()
    assert (np.abs(out - waves) <= 0.5001 * steps)[outside].all()


def test_a_dead_zone_saves_waves_and_costs_a_little_quality():
    waves = dct.coefficients(PICTURE)
    plain, dead = (dct.quantize_waves(waves, 50, ratio) for ratio in (1.0, 1.5))
    assert np.count_nonzero(dead) < 0.85 * np.count_nonzero(plain)
    worse = metrics.psnr_db(PICTURE, dct.from_coefficients(plain, 128, 128), 255) - metrics.psnr_db(
        PICTURE, dct.from_coefficients(dead, 128, 128), 255
    )
    assert 0 < worse < 1.5


def test_a_flat_picture_of_odd_size_stays_flat_because_its_edges_are_repeated():
    assert np.ptp(dct.round_trip(np.full((9, 13, 3), 77, np.uint8), 10)) == 0
