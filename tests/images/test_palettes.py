"""Are the palettes as good as Pillow's, and is every pixel the nearest colour of its palette?"""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from skimage import data

from quantlab.images import DITHERS, PALETTES
from quantlab.images.nearest import draw, nearest_colours

PICTURE = np.ascontiguousarray(data.astronaut()[100:228, 150:278])
SIZES = (2, 8, 32, 256)
every_method = pytest.mark.parametrize("slug", PALETTES)


def mse(a, b):
    return float(((a.astype(float) - b) ** 2).mean())


def pillow(method: int, colours: int, **options) -> np.ndarray:
    image = Image.fromarray(PICTURE).quantize(colours, method=method, dither=Image.Dither.NONE, **options)
    return np.asarray(image.convert("RGB"))


@every_method
def test_a_palette_has_at_most_the_colours_asked_for_and_more_colours_do_better(slug):
    palettes = PALETTES[slug].make(PICTURE, SIZES)
    assert all(0 < len(p) <= n and p.shape[1] == 3 and p.dtype == np.uint8 for p, n in zip(palettes, SIZES, strict=True))
    errors = [mse(PICTURE, frame) for frame in draw(PICTURE, palettes, DITHERS["none"])]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("index,colours", list(enumerate(SIZES)))
def test_median_cut_errs_no_more_than_pillows_and_k_means_less_than_its_refinement(index, colours):
    ours = {slug: mse(PICTURE, draw(PICTURE, PALETTES[slug].make(PICTURE, SIZES), DITHERS["none"])[index]) for slug in PALETTES}
    assert ours["median-cut"] < 1.1 * mse(PICTURE, pillow(0, colours))
    assert ours["k-means"] < 1.05 * mse(PICTURE, pillow(0, colours, kmeans=20))
    assert ours["k-means"] <= ours["median-cut"]


@pytest.mark.parametrize("colours", SIZES)
def test_octree_is_pillows(colours):
    frame = draw(PICTURE, PALETTES["octree"].make(PICTURE, (colours,)), DITHERS["none"])[0]
    assert mse(PICTURE, frame) <= mse(PICTURE, pillow(2, colours))  # the same colours; Pillow does not always map to the nearest


def test_a_picture_of_fewer_colours_than_the_palette_is_kept():
    few = np.array([[0, 0, 0], [255, 0, 0], [9, 200, 77]], np.uint8)[np.random.default_rng(0).integers(0, 3, (16, 16))]
    for slug in PALETTES:
        assert np.array_equal(draw(few, PALETTES[slug].make(few, (16,)), DITHERS["none"])[0], few) or slug == "octree"


def test_nearest_is_what_a_k_d_tree_finds():
    rng = np.random.default_rng(4)
    pixels, palette = rng.integers(0, 256, (5000, 3)), rng.integers(0, 256, (200, 3))
    distance = np.linalg.norm(pixels - palette[nearest_colours(pixels, palette)], axis=1)
    assert np.array_equal(distance, cKDTree(palette).query(pixels)[0])


@pytest.mark.parametrize("dither", [slug for slug in DITHERS if slug not in ("none", "atkinson")])
@pytest.mark.parametrize("method", PALETTES)
def test_dither_to_a_palette_uses_its_colours_only_and_comes_nearer_once_low_passed(method, dither):
    palettes = PALETTES[method].make(PICTURE, (2, 16))
    plain, dithered = (draw(PICTURE, palettes, DITHERS[d]) for d in ("none", dither))
    for p, one, two in zip(palettes, plain, dithered, strict=True):
        assert {tuple(c) for c in two.reshape(-1, 3)} <= {tuple(c) for c in p}
        assert mse(PICTURE, two) > mse(PICTURE, one)
        near = [float((gaussian_filter(f - PICTURE.astype(float), (2, 2, 0)) ** 2).mean()) for f in (one, two)]
        assert near[1] < near[0]


def test_floyd_steinberg_to_a_palette_errs_like_pillows():
    palette = PALETTES["median-cut"].make(PICTURE, (32,))[0]
    image = Image.new("P", (1, 1))
    image.putpalette(palette.tobytes())
    theirs = np.asarray(Image.fromarray(PICTURE).quantize(palette=image, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB"))
    ours = draw(PICTURE, [palette], DITHERS["floyd-steinberg"])[0]
    assert abs(mse(PICTURE, ours) / mse(PICTURE, theirs) - 1) < 0.1


def test_few_colours_are_kept_as_they_are():
    """Greys of a photograph, near colours of a drawing: nothing is merged before it has to be."""
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    two = np.zeros((8, 8, 3), np.uint8)
    two[:, 4:] = 7
    for slug in ("median-cut", "k-means"):
        assert [len(palette) for palette in PALETTES[slug].make(greys, (64, 128, 256))] == [64, 128, 256]
        assert np.array_equal(PALETTES[slug].make(greys, (256,))[0][:, 0], np.arange(256))
        assert PALETTES[slug].make(two, (2,))[0].tolist() == [[0, 0, 0], [7, 7, 7]]


@pytest.mark.parametrize("colours", [2, 8, 64])
@pytest.mark.parametrize("name", ["chelsea", "astronaut"])
def test_k_means_has_come_to_rest(name, colours):
    """Lloyd's iteration on the pixels themselves, begun at the palette, gains less than a hundredth, and each colour is its pixels' mean."""
    from quantlab.images.nearest import nearest_colours
    from quantlab.sources.pictures import PICTURES

    pixels = PICTURES[name].make(256).reshape(-1, 3).astype(np.float32)
    centres = PALETTES["k-means"].make(pixels.reshape(1, -1, 3).astype(np.uint8), (colours,))[0].astype(np.float32)

    def step(centres):
        owner = nearest_colours(pixels, centres)
        error = np.square(pixels - centres[owner]).sum(axis=1).mean()
        moved = np.stack([pixels[owner == k].mean(axis=0) if (owner == k).any() else centres[k] for k in range(len(centres))])
        return error, moved

    begun, moved = step(centres)
    assert np.abs(moved - centres).max() < 2, "each colour is the mean of its pixels, rounded"
    for _ in range(40):
        error, moved = step(moved)
    assert error > 0.98 * begun  # the palette is of bytes
