"""Do light, luma, chroma and Lab agree with scikit-image's and Pillow's, and come back?"""

import numpy as np
import pytest
from PIL import Image
from skimage import color, data

from quantlab.images import SPACES, light

PICTURE = np.ascontiguousarray(data.astronaut()[::4, ::4])
every_space = pytest.mark.parametrize("slug", SPACES)


def test_light_of_all_bytes_is_that_of_the_standard_and_comes_back():
    c = np.arange(256, dtype=np.uint8)
    xyz = color.rgb2xyz(np.repeat(c[:, None], 3, axis=1)[None].astype(float) / 255)[0]  # scikit-image: Y is the light of a grey
    assert np.abs(light.to_linear(c) - xyz[:, 1]).max() < 1e-6
    assert np.array_equal(np.rint(light.to_srgb(light.to_linear(c))), c)
    assert np.allclose(light.to_linear(c.astype(float)), light.to_linear(c), atol=1e-7)


def test_luma_and_chroma_are_pillows_within_its_rounding():
    theirs = np.asarray(Image.fromarray(PICTURE).convert("YCbCr")).astype(float)
    assert np.abs(light.to_ycbcr(PICTURE) + [0, 128, 128] - theirs).max() <= 1.01  # it works with integers
    assert np.abs(light.from_ycbcr(light.to_ycbcr(PICTURE)) - PICTURE).max() < 1e-3


def test_lab_is_scikit_images_both_ways():
    lab = light.to_lab(PICTURE)
    assert np.abs(lab - color.rgb2lab(PICTURE)).max() < 1e-3
    assert np.abs(light.from_lab(lab) - 255 * color.lab2rgb(lab)).max() < 0.01
    assert np.array_equal(np.rint(light.from_lab(lab)), PICTURE)


@every_space
def test_a_space_looks_up_all_its_values_and_gives_the_picture_back(slug):
    space = SPACES[slug]
    values = space.forward(PICTURE)
    assert values.shape == (*PICTURE.shape[:2], len(space.channels)) and values.dtype == np.float32
    assert (values >= space.low).all() and (values <= space.high).all()
    index = space.index(values)
    assert index.min() >= 0 and index.max() <= space.size - 1
    back = space.picture(index.astype(np.uint8) if space.size == 256 else np.rint(index).astype(np.float32))
    expected = PICTURE if len(space.channels) == 3 else np.repeat(np.rint(light.to_ycbcr(PICTURE)[..., :1]), 3, axis=2)
    assert np.abs(back.astype(int) - expected).max() <= 1  # a sixteenth of a step of the look-up


def test_the_neutral_chroma_is_a_point_of_the_table():
    for slug in ("ycbcr", "lab"):
        assert (SPACES[slug].points()[2048, 1:] == 0).all()
