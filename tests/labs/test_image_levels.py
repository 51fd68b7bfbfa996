"""Do the image lab's films, words and programs say what was computed?"""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

import quantlab as ql
from quantlab.film import unpack
from quantlab.images import Recipe, one_frame, picture_frames
from quantlab.images.spectra import BINS, error_spectrum_db, frequencies
from quantlab.images.viewing_distance import psnr_from_afar
from quantlab.labs.image import films as image_films
from quantlab.labs.image import words as image_words
from quantlab.labs.image.comparison import comparison
from quantlab.labs.image.levels import ImageLevels, image_levels
from quantlab.labs.image.pictures import decode
from quantlab.labs.image.wipe import with_addresses
from quantlab.progress import finish
from quantlab.sources.pictures import PICTURES

ROOT = Path(__file__).parents[2]
PICTURE = np.ascontiguousarray(PICTURES["astronaut"].make()[90:154, 200:280])  # 64 by 80 of a face
RECIPES = [
    Recipe(dither="floyd-steinberg"),
    Recipe(),
    Recipe("grey", dither="blue-noise"),
    Recipe("palette", method="k-means", dither="atkinson"),
    Recipe("dct"),
    Recipe("lab", luma=5),
    Recipe(spec=ql.QuantSpec("nf4", granularity=ql.per_tensor())),
]


def named(recipe: Recipe) -> str:
    return image_words.recipe_call(recipe)


def levels_of(recipe: Recipe, picture: np.ndarray = PICTURE) -> ImageLevels:
    return finish(image_levels(picture, recipe))


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_what_the_browser_gets_are_the_very_frames(recipe):
    made, levels = finish(picture_frames(PICTURE, recipe)), levels_of(recipe)
    assert (levels.tables is None) != (set(levels.pictures.files) == {"original"})
    for a, b in zip(made.frames, levels.whole().frames, strict=True):
        assert np.array_equal(a.rgb, b.rgb)
    assert np.array_equal(decode(levels.pictures.files["original"]), made.original)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_one_frame_alone_is_that_frame(recipe):
    made = finish(picture_frames(PICTURE, recipe))
    for level, frame in zip(recipe.levels[:3], made.frames, strict=False):
        assert np.array_equal(one_frame(PICTURE, recipe, level), frame.rgb)


def test_a_level_that_is_none_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"level=9 .* 1, 2, 3"):
        one_frame(PICTURE, Recipe(), 9)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_swatches_are_the_colours_that_occur(recipe):
    for frame, colours in zip(levels_of(recipe).whole().frames, levels_of(recipe).swatches, strict=True):
        known = Image.fromarray(frame.rgb).getcolors(256)  # oracle: Pillow, None where there are more
        assert (colours is None) == (known is None)
        if colours is not None:
            assert {tuple(map(int, c)) for c in colours} == {c for _, c in known}


def test_the_slow_numbers_are_those_of_each_dither_alone():
    levels = levels_of(Recipe(dither="floyd-steinberg"))
    compared = finish(comparison(PICTURE, levels, ["none", "bayer-4"]))
    assert [c.dither for c in compared.curves] == ["none", "bayer-4", "floyd-steinberg"]
    for curve in compared.curves:
        made = finish(picture_frames(PICTURE, Recipe(dither=curve.dither)))
        assert curve.psnr_db.tolist() == [f.psnr_db for f in made.frames]
        assert curve.distance_psnr_db.tolist() == [psnr_from_afar(PICTURE, f.rgb) for f in made.frames]
        one = structural_similarity(PICTURE, made.frames[2].rgb, win_size=7, data_range=255, channel_axis=2)  # oracle: scikit-image
        assert curve.ssim[2] == pytest.approx(one, abs=1e-4)
    assert np.array_equal(decode(compared.maps.files["2"])[..., 0], compared.similar[2].ssim_map)


@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_films_hold_every_level_and_plotly_takes_them(recipe):
    levels = levels_of(recipe)
    plain = levels_of(Recipe(recipe.what, recipe.spec, method=recipe.method)) if recipe.dither != "none" else None
    compared = finish(comparison(PICTURE, levels, ()))
    first = image_films.films(levels, plain, tuple(image_films.VIEWS))
    whole = image_films.with_comparison(first, levels, plain, compared)
    assert set(first) == set(whole) == set(image_films.VIEWS)
    for film in [*first.values(), *whole.values()]:
        header, _ = unpack(film)
        assert header["labels"] == list(levels.labels)
        if "figure" in header:
            figure = go.Figure(header["figure"])
            assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None


def test_the_wipe_ships_tables_where_these_say_it_all_and_addresses_elsewhere():
    plain, dithered = levels_of(Recipe()), levels_of(Recipe(dither="atkinson"))
    film = image_films.films(dithered, plain, ("wipe",))["wipe"]
    header, payload = unpack(with_addresses(film, lambda name: name.replace("quantized", "/a").replace("plain", "/b")))
    assert header["original"] == "/a/original" and header["sides"]["quantized"]["urls"][7] == "/a/7"
    assert header["sides"]["plain"] == {"offset": 0, "channels": 3} and payload == plain.tables.tobytes()
    assert [slug for slug, _ in header["views"]] == ["original", "plain", "error", "ssim"]


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=named)
def test_the_copied_program_prints_the_numbers_on_the_tiles(recipe, tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "face's.png")
    name = "face's.png"
    label = recipe.labels[len(recipe.labels) // 3]
    program = image_words.python(f"picture = fit(load_picture({name!r}, Path({name!r})).array)", recipe, label)
    printed = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    ).stdout
    levels = levels_of(recipe)
    tiles = {n: t[levels.labels.index(label)] for n, _, t in image_words.tiles(levels, finish(comparison(PICTURE, levels, ())))}
    frame = levels.frames[levels.labels.index(label)]
    assert f"PSNR {tiles['PSNR']}, from afar {tiles['From afar']}, SSIM {tiles['SSIM 7×7']}, MSE {frame.mse:.4g}\n" in printed
    assert f"{frame.colours} colours, entropy {tiles['Entropy']} bit a pixel" in printed
    assert f"PNG {finish(comparison(PICTURE, levels, ())).similar[levels.labels.index(label)].sizes['PNG']} bytes" in printed


@pytest.mark.slow
def test_the_program_of_a_picture_at_hand_runs_too():
    program = image_words.python('picture = PICTURES["coins"].make(64)', Recipe(dither="bayer-4"), "2")
    printed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    frame = finish(picture_frames(PICTURES["coins"].make(64), Recipe(dither="bayer-4"))).frames[1]
    assert f"PSNR {frame.psnr_db:.1f} dB" in printed


def test_the_slow_tiles_wait_and_the_others_do_not():
    levels = levels_of(Recipe())
    early = {name: texts for name, _, texts in image_words.tiles(levels, None)}
    assert set(early["SSIM 7×7"]) == set(early["PNG"]) == {image_words.LATER}
    assert image_words.LATER not in early["PSNR"] + early["From afar"] + early["Colours"] + early["Bits a pixel"]


def test_bits_a_pixel_are_those_of_the_codes_or_of_the_real_file():
    def bits(recipe: Recipe) -> list[str]:
        levels = levels_of(recipe)
        return image_words.bits_per_pixel(levels, finish(comparison(PICTURE, levels, ())), PICTURE.shape[0] * PICTURE.shape[1])

    assert bits(Recipe())[:2] == ["3.00", "6.00"] and bits(Recipe("grey"))[3] == "4.00"
    assert bits(Recipe("ycbcr", luma=6, chroma=2))[0] == "10.00"  # 6 + 2 + 2
    assert bits(Recipe("palette"))[:2] == ["1.00", "2.00"]
    blocks = Recipe(spec=ql.QuantSpec("gguf", format="q4_0"))  # a float16 for each 32 values: 4.5 bits where rows end with a block
    ragged = -(-PICTURE.shape[1] // 32) * 32 / PICTURE.shape[1]
    assert 3 * 4.5 <= float(bits(blocks)[0]) <= 3 * (4 + 0.5 * ragged) + 0.01
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(
        file, "JPEG", quality=50, subsampling=0, optimize=True
    )  # oracle: Pillow's own file, whose head is some 300 bytes
    own = float(bits(Recipe("dct"))[9]) * 64 * 80 / 8
    assert 0.95 * (len(file.getvalue()) - 700) < own < len(file.getvalue())
    two = np.zeros((8, 8, 3), np.uint8)
    two[:, 4:] = 7
    assert set(image_words.bits_per_pixel(levels_of(Recipe("palette"), two), None, 64)) == {"1.00"}  # two colours, whatever is asked for


def test_the_words_follow_what_was_measured():
    plain, dithered = levels_of(Recipe()), levels_of(Recipe(dither="floyd-steinberg"))
    assert "lowers PSNR** from" in (said := image_words.notice(dithered, plain, 1)) and "and looks better" in said
    assert f"{dithered.distance_psnr_db[1]:.1f} dB against {plain.distance_psnr_db[1]:.1f} dB" in said
    assert "nothing is lost" in image_words.notice(levels_of(Recipe(full_range=True)), None, 7)
    assert "smooth areas turn into bands" in image_words.notice(plain, None, 1)
    assert "Blocks of 8×8" in image_words.notice(levels_of(Recipe("dct")), None, 4)
    assert image_words.notice(levels_of(Recipe()), None, 0).startswith("**PSNR") and "at 1 bit." in image_words.notice(plain, None, 0)


def test_the_table_has_a_line_for_every_level_with_the_numbers_in_full():
    levels = levels_of(Recipe())
    compared = finish(comparison(PICTURE, levels, ()))
    head, *lines = image_words.csv(levels, compared).splitlines()
    assert len(lines) == 8 and {len(line.split(",")) for line in lines} == {len(head.split(","))}
    row = dict(zip(head.split(","), lines[2].split(","), strict=True))
    assert float(row["mse"]) == levels.frames[2].mse and float(row["ssim"]) == compared.similar[2].ssim
    assert int(row["png_bytes"]) == compared.similar[2].sizes["PNG"]
    assert image_words.csv(levels, None).splitlines()[1].endswith(",,,")


def test_the_spectrum_of_white_noise_is_flat_and_has_its_power():
    noise = np.repeat(np.random.default_rng(0).normal(0, 4, (256, 256, 1)), 3, axis=2)
    db = error_spectrum_db(noise)
    assert np.abs(db[16:] - 10 * np.log10(16)).max() < 1.0  # 16 = 4^2 at every frequency, luma's weights add up to 1


def test_the_spectrum_shows_a_wave_where_it_is():
    wave = np.cos(2 * np.pi * 0.25 * np.arange(128))[None, :, None] * np.ones((128, 1, 3))
    assert frequencies()[np.nanargmax(error_spectrum_db(wave))] == pytest.approx(0.25, abs=0.5 / BINS)


def test_error_diffusion_puts_its_error_where_the_eye_is_weak():
    plain, dithered = (
        levels_of(Recipe(), PICTURES["rocket"].make(256)),
        levels_of(Recipe(dither="floyd-steinberg"), PICTURES["rocket"].make(256)),
    )
    low, high = frequencies() < 0.1, frequencies() > 0.3
    assert np.nanmean(dithered.spectra[1][low]) < np.nanmean(plain.spectra[1][low]) - 10
    assert np.nanmean(dithered.spectra[1][high]) > np.nanmean(dithered.spectra[1][low]) + 10


def test_from_afar_a_checkerboard_is_the_grey_of_its_light_and_not_of_its_values():
    checks = (np.indices((32, 32)).sum(axis=0)[..., None] % 2 * np.full(3, 255)).astype(np.uint8)
    grey = {value: psnr_from_afar(np.full((32, 32, 3), value, np.uint8), checks) for value in range(100, 250)}
    assert max(grey, key=grey.get) == 188  # half of white's light: 255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055) = 187.5
