"""Are the frames and their numbers what Pillow and scikit-image say, for every recipe?"""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import quantlab as ql
from quantlab.images import DITHERS, PALETTES, SPACES, Recipe, numbers, picture_frames, similarity_frames
from quantlab.images.recipe import WHAT
from quantlab.progress import finish
from quantlab.sources.pictures import PICTURES

PICTURE = np.ascontiguousarray(data.astronaut()[100:164, 150:206])
TINY = np.random.default_rng(0).integers(0, 256, (1, 3, 3), dtype=np.uint8)


def frames(recipe: Recipe, picture: np.ndarray = PICTURE):
    return finish(picture_frames(picture, recipe))


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("picture", [PICTURE, TINY], ids=["photo", "1x3"])
def test_every_kind_gives_a_frame_for_every_level(what, picture):
    made = frames(Recipe(what), picture)
    assert len(made.frames) == len(made.labels) > 1
    for level, frame in enumerate(made.frames):
        assert frame.rgb.shape == picture.shape and frame.rgb.dtype == np.uint8
        assert np.array_equal(made.error(level), frame.rgb.astype(int) - made.original)
    assert made.frames[-1].psnr_db > made.frames[0].psnr_db or picture is TINY


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_every_scheme_of_the_core_draws_pictures(slug):
    made = frames(Recipe(spec=ql.QuantSpec(slug)), np.ascontiguousarray(PICTURE[:32, :32]))
    for frame, bits in zip(made.frames, made.recipe.levels, strict=True):
        channels = PICTURE[:32, :32].transpose(2, 0, 1).astype(np.float32)
        core = ql.fake_quantize(channels, ql.QuantSpec(slug, bits=bits))  # oracle: the core alone
        assert np.array_equal(frame.rgb, np.clip(np.rint(core), 0, 255).transpose(1, 2, 0))


@pytest.mark.parametrize("dither", DITHERS)
@pytest.mark.parametrize("what", [*SPACES, "palette"])
def test_every_dither_works_in_every_space(what, dither):
    made = frames(Recipe(what, dither=dither, strength=0.9), np.ascontiguousarray(PICTURE[:24, :20]))
    assert all(frame.rgb.shape == (24, 20, 3) for frame in made.frames)


@pytest.mark.parametrize("what", ["grey", "rgb"])
def test_without_dither_bytes_are_the_original_through_the_tables(what):
    made = frames(Recipe(what))
    channels = np.arange(made.tables.shape[2])
    for frame, table in zip(made.frames, made.tables, strict=True):
        assert np.array_equal(frame.rgb, np.broadcast_to(table[made.original[..., channels], channels], frame.rgb.shape))


@pytest.mark.parametrize("recipe", [Recipe("rgb-linear"), Recipe(dither="bayer-2"), Recipe("palette"), Recipe("dct")], ids=lambda r: r.what)
def test_other_frames_have_no_tables(recipe):
    assert frames(recipe).tables is None


@pytest.mark.parametrize("recipe", [Recipe(dither="atkinson"), Recipe("palette"), Recipe("grey")], ids=lambda r: r.what)
def test_the_numbers_are_scikit_images_pillows_and_the_definitions(recipe):
    made = frames(recipe)
    slow = finish(similarity_frames(made))
    for frame, similar in zip(made.frames[1:4], slow[1:4], strict=True):
        assert frame.psnr_db == pytest.approx(peak_signal_noise_ratio(made.original, frame.rgb, data_range=255), abs=1e-9)
        value, local = structural_similarity(made.original, frame.rgb, win_size=7, data_range=255, channel_axis=2, full=True)
        assert similar.ssim == pytest.approx(value, abs=1e-4)
        assert np.abs(similar.ssim_map / 255 - np.clip(local.mean(axis=2), 0, 1)).max() < 0.003
        counts = [n for n, _ in Image.fromarray(frame.rgb).getcolors(1 << 16)]
        assert frame.colours == len(counts)
        assert frame.entropy_bits == pytest.approx(ql.metrics.entropy_of_counts(np.array(counts)))
        assert frame.histogram.ravel().tolist() == Image.fromarray(frame.rgb).histogram()


@pytest.mark.parametrize("colours,bits", [(1, 1), (2, 1), (3, 2), (16, 4), (200, 8), (300, 24)])
def test_the_files_open_as_the_frame_and_a_png_spends_no_more_bits_than_its_colours_need(colours, bits):
    some = np.random.default_rng(1).integers(0, 256, (colours, 3), dtype=np.uint8)
    frame = some[np.arange(64 * 56).reshape(64, 56) % colours]
    files = numbers.files(frame)
    for kind in ("PNG", "WebP"):
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(files[kind])).convert("RGB")), frame)  # oracle: Pillow reads it
    depth, colour_type = files["PNG"][24:26]  # of the header IHDR; type 3 is a palette, 2 is RGB
    assert (depth, colour_type) == ((bits, 3) if bits <= 8 else (8, 2))
    assert Image.open(io.BytesIO(files["JPEG"])).layer[1][1:3] == (1, 1)  # chroma is not thinned out


def test_the_jpeg_of_the_dct_holds_its_own_waves():
    """A dead zone changes the waves, and with them what they take."""
    plain, dead = (finish(picture_frames(PICTURE, Recipe(what="dct", dead_zone=r))) for r in (1.0, 1.8))
    for made in (plain, dead):
        for frame, similar in zip(made.frames, finish(similarity_frames(made)), strict=True):
            assert similar.sizes["JPEG"] == frame.coded_bytes > 0
    for before, after in zip(plain.frames, dead.frames, strict=True):
        assert after.coded_bytes < before.coded_bytes and after.entropy_bits < before.entropy_bits and after.psnr_db < before.psnr_db


def test_the_progress_counts_up_to_its_total():
    for steps in (picture_frames(PICTURE, Recipe()), similarity_frames(frames(Recipe()))):
        seen = list(steps)
        assert [done for done, _ in seen] == sorted({done for done, _ in seen})
        assert all(done < total for done, total in seen)


def test_a_recipe_is_a_cache_key():
    assert len({Recipe(), Recipe(), Recipe(dither="atkinson"), Recipe(spec=ql.QuantSpec("kmeans"))}) == 3


@pytest.mark.parametrize(
    "wrong,word",
    [
        ({"what": "cmyk"}, "what='cmyk'"),
        ({"dither": "bayer-3"}, "dither='bayer-3'"),
        ({"method": "wu"}, "method='wu'"),
        ({"strength": 1.5}, "strength=1.5"),
        ({"what": "dct", "dead_zone": 3.0}, "dead_zone=3.0"),
        ({"what": "dct", "dither": "atkinson"}, "because waves are rounded"),
        ({"spec": ql.QuantSpec("mx"), "dither": "atkinson"}, "fixed levels"),
        ({"serpentine": True}, "serpentine"),
        ({"what": "palette", "dither": "atkinson", "serpentine": True}, "serpentine"),
        ({"chroma": 3}, "chroma=3"),
        ({"what": "lab", "luma": 9}, "luma=9"),
    ],
    ids=lambda w: w if isinstance(w, str) else None,
)
def test_a_recipe_that_means_nothing_is_refused_with_the_value(wrong, word):
    with pytest.raises(ValueError, match=word):
        Recipe(**wrong)


def test_what_is_no_picture_is_refused():
    with pytest.raises(ValueError, match="float32"):
        frames(Recipe(), PICTURE.astype(np.float32))


def test_fixed_chroma_stays_while_luma_follows():
    made = frames(Recipe("ycbcr", chroma=1))
    assert made.frames[7].colours <= 256 * 4
    assert frames(Recipe("ycbcr", luma=2)).frames[0].colours <= 16


@pytest.mark.parametrize("picture", ["astronaut", "rocket", "camera"])
@pytest.mark.parametrize("dither", ["floyd-steinberg", "jarvis-judice-ninke", "blue-noise"])
def test_the_lesson_dither_lowers_psnr_and_raises_that_of_the_low_passed_picture(picture, dither):
    original = PICTURES[picture].make(256)
    plain, dithered = (frames(Recipe(dither=d), original) for d in ("none", dither))

    def low_passed(frame) -> float:  # the eye at a distance: a Gaussian of two pixels
        blurred = [gaussian_filter(a.astype(float), (2, 2, 0)) for a in (original, frame.rgb)]
        return peak_signal_noise_ratio(*blurred, data_range=255)

    for bits in (2, 3):
        one, two = plain.frames[bits - 1], dithered.frames[bits - 1]
        assert two.psnr_db < one.psnr_db - 1
        assert low_passed(two) > low_passed(one) + 3


@pytest.mark.parametrize("method", PALETTES)
def test_a_frame_of_a_palette_shows_its_colours(method):
    for frame in frames(Recipe("palette", method=method)).frames:
        assert {tuple(c) for c in frame.rgb.reshape(-1, 3)} <= {tuple(c) for c in frame.palette}


@pytest.mark.parametrize("what", ["rgb", "palette"])
def test_strength_seed_and_serpentine_of_a_recipe_reach_the_dither(what):
    def second(**options) -> bytes:
        return frames(Recipe(what, **options)).frames[1].rgb.tobytes()

    assert len({second(dither="bayer-4", strength=s) for s in (0.2, 0.6, 1.0)}) == 3
    assert len({second(dither="white-noise", seed=s) for s in (0, 1)}) == 2
    if what == "rgb":
        assert len({second(dither="atkinson", serpentine=s) for s in (False, True)}) == 2


def test_the_full_range_does_not_depend_on_the_picture():
    dim = (PICTURE // 4).astype(np.uint8)
    assert frames(Recipe(full_range=True), dim).frames[1].rgb.max() <= 85  # 2 bits: 0, 85, 170, 255
    assert frames(Recipe(), dim).frames[1].rgb.max() == dim.max()


def test_a_block_of_a_picture_lies_in_a_row_of_one_channel():
    """gguf Q4_0 by its definition: 32 values, scale = the largest / -8, code = trunc(x / scale + 8.5), kept as float16."""
    picture = np.random.default_rng(0).integers(0, 256, (8, 64, 3), np.uint8)
    blocks = picture.transpose(2, 0, 1).reshape(-1, 32).astype(np.float32)
    scale = blocks.max(1, keepdims=True) / np.float32(-8)
    codes = np.clip(np.trunc(blocks / scale + np.float32(8.5)), 0, 15)
    values = (codes - 8) * scale.astype(np.float16).astype(np.float32)
    expected = np.clip(np.rint(values), 0, 255).reshape(3, 8, 64).transpose(1, 2, 0)
    made = frames(Recipe(spec=ql.QuantSpec("gguf")), picture).frames[0].rgb
    assert np.abs(made - expected).max() <= 1  # halves may round the other way
