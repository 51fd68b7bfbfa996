"""Does the image lab say its state through Python too, take every choice and refuse bad pictures in one sentence?"""

import io

import numpy as np
import pytest
from PIL import Image

import quantlab as ql
from quantlab.images import DITHERS, PALETTES, Recipe, picture_frames
from quantlab.images.recipe import WHAT
from quantlab.images.viewing_distance import psnr_from_afar
from quantlab.progress import finish
from quantlab.sources.pictures import PICTURES
from quantlab.sources.uploads import UPLOADS
from tests.ui.test_pages import alive, opened, program, query, text, unfolded

DEFAULTS = {
    "source": "astronaut", "what": "rgb", "scheme": "int-asymmetric", "dither": "floyd-steinberg", "bits": "2", "view": "plain",
    "granularity": "tensor", "calibrator": "minmax", "rounding": "nearest-even", "strength": "1", "range": "picture",
    "order": "straight", "compare": "none",
}  # fmt: skip


def png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def small() -> str:
    """The address of a picture of 64 by 48 pixels that somebody brought: quick to quantize."""
    return UPLOADS.add("small.png", png(PICTURES["chelsea"].make()[100:148, 100:164]))


def shown(**options: str):
    return opened("image.py", source="upload", file=small(), **options)


def test_the_lab_opens_on_the_lesson_that_dither_lowers_psnr_and_looks_better():
    picture = PICTURES["astronaut"].make()
    plain, dithered = (finish(picture_frames(picture, Recipe(dither=d))).frames[1] for d in ("none", "floyd-steinberg"))
    words = text(opened("image.py"))
    assert f"**Floyd–Steinberg lowers PSNR** from {plain.psnr_db:.1f} to {dithered.psnr_db:.1f} dB at 2 bits **and looks better**" in words
    assert f"{psnr_from_afar(picture, dithered.rgb):.1f} dB against {psnr_from_afar(picture, plain.rgb):.1f} dB" in words


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_in_the_address_is_left_out(name):
    app = opened("image.py", **{name: DEFAULTS[name]})
    assert query(app) == {} and not app.warning


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_bad_value_falls_back_to_the_default_and_says_so(name):
    app = opened("image.py", **{name: "no-such"})
    (warning,) = app.warning
    assert warning.value.startswith(name) and "instead" in warning.value
    assert query(app) == {} and not alive(app.run()).warning


@pytest.mark.slow
def test_what_the_page_says_of_the_address_survives_the_slower_numbers():
    app = opened("image.py", source="grass", dither="bayer-2", view="no-such")  # a state that no other test has computed
    assert len(app.warning) == 1 and app.warning[0].value.startswith("view")


@pytest.mark.parametrize("what", WHAT)
def test_everything_that_can_be_quantized_gives_a_page(what):
    app = shown(what=what)
    assert not app.error and not app.warning and "dB" in text(app)


@pytest.mark.parametrize("scheme", ql.SCHEMES)
def test_every_scheme_gives_a_page(scheme):
    app = shown(scheme=scheme)
    assert not app.error and not app.warning and ("dB" in text(app) or "nothing is lost" in text(app))


@pytest.mark.slow
@pytest.mark.parametrize("dither", DITHERS)
@pytest.mark.parametrize("what", ["rgb", "palette"])
def test_every_dither_gives_a_page(what, dither):
    app = shown(what=what, dither=dither)
    assert not app.error and not app.warning
    assert ("dither=" in program(app)) == (dither != "none")


@pytest.mark.parametrize("method", PALETTES)
def test_every_palette_gives_a_page(method):
    assert not shown(what="palette", palette=method).warning


@pytest.mark.parametrize(
    "state",
    [{"what": "ycbcr", "luma": "6", "chroma": "2"}, {"order": "serpentine", "strength": "0.5"}, {"what": "dct", "dead_zone": "1.5"},
     {"granularity": "channel-2"}, {"range": "full"}, {"dither": "white-noise", "dice": "7"}, {"compare": "none-of-them"},
     {"rounding": "stochastic"}, {"view": "error"}],
    ids=str,
)  # fmt: skip
def test_what_the_address_says_is_kept(state):
    app = shown(**state)
    assert not app.error and not app.warning and state.items() <= query(app).items()


def test_the_dithers_that_are_compared_are_in_the_address():
    app = unfolded(shown(), "image")
    alive(app.multiselect(key="image:compare").set_value(["bayer-4", "atkinson"]).run())
    assert query(app)["compare"] == "bayer-4,atkinson"
    alive(app.multiselect(key="image:compare").set_value([]).run())
    assert query(app)["compare"] == "none-of-them"
    assert unfolded(shown(compare="bayer-4,atkinson"), "image").multiselect(key="image:compare").value == ["bayer-4", "atkinson"]


def test_without_dither_there_is_none_to_be_compared_with():
    app = shown()
    alive(app.selectbox(key="image:dither").set_value("none").run())
    assert query(app)["dither"] == "none" and "view" not in query(app) and not app.warning


def test_a_picture_that_this_server_does_not_hold_is_a_problem_and_not_a_crash():
    app = opened("image.py", source="upload", file="feed")
    for _ in range(2):
        assert "no longer held" in app.error[0].value and "dB" in text(app)
        alive(app.run())


@pytest.mark.parametrize("source, words", [("upload", "Choose a file"), ("webcam", "button below the camera")])
def test_before_a_picture_is_brought_the_page_says_what_to_do_and_shows_what_it_had(source, words):
    app = opened("image.py", source=source)
    assert words in app.error[0].value and "dB" in text(app)


def test_the_words_of_a_brought_picture_say_what_was_changed():
    file = io.BytesIO()
    Image.fromarray(np.full((40, 60, 4), 100, np.uint8), "RGBA").save(file, "PNG")
    app = opened("image.py", source="upload", file=UPLOADS.add("half.png", file.getvalue()))
    assert any("white" in box.value for box in app.caption)
