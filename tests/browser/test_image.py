"""Can a picture be looked at: both sides of the divider, closely, by mouse, finger and key, and are its pixels Python's?"""

from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from quantlab.images import Recipe, numbers, picture_frames
from quantlab.progress import finish
from quantlab.sources.pictures import PICTURES

PICTURE = PICTURES["chelsea"].make()
STATE = "image?source=chelsea"
PIXELS = """e => { const c = e.querySelector('canvas'), p = e.querySelector('.ql-wipe').ql.place;
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  return { width: c.width, height: c.height, x: p.x, y: p.y, scale: p.scale, data: labBytes(d) }; }"""


def wipe(lab):
    return lab.key("wipe").locator(".ql-wipe")


def share(lab) -> float:
    """Where the divider is, from 0 at the left to 1."""
    return float(wipe(lab).get_attribute("data-at"))


def canvas(lab) -> tuple[np.ndarray, dict]:
    """What is painted, uint8 (H, W, 3), and how the picture lies on it."""
    seen = lab.key("wipe").evaluate(PIXELS)
    rgba = np.frombuffer(b64decode(seen.pop("data")), np.uint8).reshape(seen["height"], seen["width"], 4)
    return rgba[..., :3], seen


def laid(picture: np.ndarray, seen: dict) -> tuple[np.ndarray, np.ndarray]:
    """The picture as it must lie on the canvas, and where on the canvas it is, bool (H, W)."""
    x = np.floor((np.arange(seen["width"]) + 0.5 - seen["x"]) / seen["scale"]).astype(int)
    y = np.floor((np.arange(seen["height"]) + 0.5 - seen["y"]) / seen["scale"]).astype(int)
    inside = ((y >= 0) & (y < picture.shape[0]))[:, None] & ((x >= 0) & (x < picture.shape[1]))
    return picture[np.clip(y, 0, picture.shape[0] - 1)][:, np.clip(x, 0, picture.shape[1] - 1)], inside


def check_side(painted: np.ndarray, seen: dict, picture: np.ndarray, columns: slice) -> None:
    expected, inside = laid(picture, seen)
    inside[:, :12] = inside[:, -12:] = False  # the marks of the row
    same = (painted == expected).all(axis=2) | ~inside
    assert inside[:, columns].sum() > 1000 and same[:, columns].all()


def frame_of(dither: str, level: int) -> np.ndarray:
    return finish(picture_frames(PICTURE, Recipe(dither=dither))).frames[level].rgb


@pytest.mark.parametrize("zoom", ["100 %", "800 %"])
def test_left_and_right_of_the_divider_lie_pixel_for_pixel_what_python_computed(reader, zoom):
    lab = reader(anew=True).show(f"{STATE}&bits=3")
    lab.page.get_by_role("button", name=zoom, exact=True).click()
    painted, seen = canvas(lab)
    assert seen["scale"] == int(zoom.split()[0]) / 100
    half = seen["width"] // 2
    check_side(painted, seen, frame_of("none", 2), slice(0, half - 2))
    check_side(painted, seen, frame_of("floyd-steinberg", 2), slice(half + 2, None))


def test_the_views_show_the_original_the_error_amplified_as_stated_and_the_ssim_map(reader):
    lab = reader(anew=True).show(f"{STATE}&bits=3")
    lab.page.keyboard.press("3")  # the right side alone
    for name, slug in (("Original", "original"), ("Error", "error"), ("SSIM map", "ssim")):
        lab.page.get_by_role("button", name=name, exact=True).click()
        lab.settle()
        assert lab.query()["view"] == slug and set(lab.film_levels().values()) == {"3"}
        painted, seen = canvas(lab)
        quantized = frame_of("floyd-steinberg", 2)
        if slug == "original":
            check_side(painted, seen, quantized, slice(None))
            lab.page.keyboard.press("1")
            check_side(canvas(lab)[0], seen, PICTURE, slice(None))
            lab.page.keyboard.press("3")
        if slug == "error":
            assert "× 4" in wipe(lab).inner_text()
            check_side(painted, seen, np.clip(128 + 4 * (quantized.astype(int) - PICTURE), 0, 255).astype(np.uint8), slice(None))
            lab.page.get_by_label("How much the error is amplified").select_option("16")
            assert "× 16" in wipe(lab).inner_text()
            check_side(canvas(lab)[0], seen, np.clip(128 + 16 * (quantized.astype(int) - PICTURE), 0, 255).astype(np.uint8), slice(None))
        if slug == "ssim":
            check_side(painted, seen, np.repeat(numbers.ssim(PICTURE, quantized)[1][..., None], 3, axis=2), slice(None))


def test_the_divider_goes_where_mouse_keys_and_numbers_put_it(reader):
    lab = reader(anew=True).show(STATE)
    page, stage = lab.page, wipe(lab).locator(".ql-wipe-stage")
    box = stage.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60, steps=4)
    page.mouse.up()
    assert share(lab) == pytest.approx(0.8, abs=0.01)
    for key, where in (("1", 1), ("2", 0.5), ("3", 0)):
        page.keyboard.press(key)
        assert share(lab) == where
    divider = page.get_by_role("slider", name="Divider between left and right picture")
    divider.focus()
    divider.press("Home")
    for _ in range(5):
        divider.press("ArrowRight")
    assert share(lab) == pytest.approx(0.1) and divider.get_attribute("aria-valuenow") == "10"


def test_a_number_typed_into_a_field_leaves_the_divider_alone(reader):
    lab = reader(anew=True).show(f"{STATE}&dither=white-noise")
    lab.page.get_by_text("More", exact=True).click()
    lab.page.get_by_role("spinbutton", name="Seed of the noise").fill("3")
    lab.page.get_by_role("spinbutton", name="Seed of the noise").press("1")
    assert share(lab) == 0.5


def test_the_picture_is_zoomed_about_the_pointer_and_moved_by_dragging(reader):
    lab = reader(anew=True).show(STATE)
    page, box = lab.page, wipe(lab).locator(".ql-wipe-stage").bounding_box()
    scale = lambda: float(wipe(lab).get_attribute("data-scale"))  # noqa: E731
    place = "e => { const p = e.ql.place; return p.toPicture(100, 120); }"
    page.mouse.move(box["x"] + 100, box["y"] + 120)
    before, under = scale(), wipe(lab).evaluate(place)
    scrolled = page.get_by_test_id("stMain").evaluate("e => e.scrollTop")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    assert scale() > 3 * before and wipe(lab).evaluate(place) == pytest.approx(under, abs=1)
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollTop") == scrolled
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 100, steps=3)
    page.mouse.up()
    moved = wipe(lab).evaluate("e => e.ql.place.toPicture(60, 100)")
    assert moved == pytest.approx(under, abs=1) and share(lab) == 0.5
    page.get_by_role("button", name="Fit", exact=True).click()
    assert scale() == pytest.approx(min(box["width"] / 451, box["height"] / 300), rel=0.01)


def test_the_row_under_the_pointer_is_drawn(reader):
    lab = reader(anew=True).show(STATE)
    sent = len(lab.sent)
    box = wipe(lab).locator(".ql-wipe-stage").bounding_box()
    lab.page.mouse.move(box["x"] + 200, box["y"] + 150)
    row = lab.key("row").locator(".ql-row")
    expected = wipe(lab).evaluate("e => Math.floor(e.ql.place.toPicture(200, 150)[1])")
    assert int(row.get_attribute("data-row")) == expected
    lab.page.get_by_role("slider", name="Divider between left and right picture").focus()
    lab.page.keyboard.press("ArrowDown")
    assert int(row.get_attribute("data-row")) == expected + 1 and len(lab.sent) == sent


def test_zoom_divider_and_view_stay_when_the_slower_numbers_come_and_when_the_level_changes(lab):
    lab.page.goto(f"{lab.url}/image?source=coins&dither=bayer-16")
    lab.page.get_by_role("button", name="800 %", exact=True).click(timeout=20_000)
    lab.page.keyboard.press("1")
    lab.settle()
    lab.page.wait_for_function("document.querySelector('.st-key-numbers')?.innerText.includes('kB')")
    lab.slider.press("ArrowRight")
    lab.settle()
    assert (wipe(lab).get_attribute("data-scale"), share(lab)) == ("8.000", 1)
    assert "kB" in lab.texts()["PNG"]
    lab.choose("Dither", "Jarvis–Judice–Ninke")
    assert (wipe(lab).get_attribute("data-scale"), share(lab)) == ("8.000", 1)


def test_a_thumbnail_picks_its_picture(reader):
    lab = reader(anew=True).show(f"{STATE}&bits=4")
    thumb = lab.page.get_by_role("button", name="Moon", exact=True)
    thumb.click()
    lab.settle()
    assert lab.query() == {"source": "moon", "bits": "4"} and lab.chosen("Picture") == "Moon"
    assert thumb.get_attribute("aria-pressed") == "true"
    lab.page.go_back()
    assert lab.settle().query() == {"source": "chelsea", "bits": "4"}


def test_a_finger_moves_the_divider_on_a_phone(reader):
    lab = reader(390, 844, anew=True, has_touch=True, is_mobile=True).show(STATE)
    box = wipe(lab).locator(".ql-wipe-stage").bounding_box()
    lab.page.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + 100)
    assert share(lab) == pytest.approx(0.25, abs=0.02)


def test_the_quantized_picture_is_taken_away_at_its_own_size(reader):
    lab = reader(anew=True).show("image?source=rocket&dither=none")
    with lab.page.expect_download() as download:
        lab.page.get_by_role("button", name="This picture at its full size (PNG)").click()
    taken = np.asarray(Image.open(download.value.path()).convert("RGB"))
    full = PICTURES["rocket"].make(4096)
    assert taken.shape[:2] == full.shape[:2] == (427, 640)
    expected = finish(picture_frames(full, Recipe())).frames[1].rgb
    assert np.array_equal(taken, expected)
