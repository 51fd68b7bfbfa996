"""Repair, train, integers, small files: do films, tiles and words follow the thumb, does work start and end at once, does a reload keep it all?"""

import time

import pytest

ADDRESSES = {
    "repair": "repair?source=small&rows=own&repairs=clip&images=200&calibration=20",
    "repair columns": "repair?source=small&room=columns&calibration=20",
    "train toy": "train?source=moons",
    "train network": "train?room=network&source=small&epochs=2",
    "train weight": "train?room=weight",
    "train gradients": "train?room=gradients",
    "integer": "integer?source=small&images=100",
    "integer rounding": "integer?source=small&images=100&room=rounding",
    "integer dot": "integer?source=small&room=dot",
    "compress": "compress?source=small&images=200",
    "compress front": "compress?source=small&images=200&room=front",
}
WHOLE = "!labState()[0] && labFilms().length >= 2 && !document.querySelector('[data-testid=stProgress]')"


def opened(lab, address):
    """The lab at this address, once all its stages are there."""
    lab.go(address)
    lab.page.wait_for_function(WHOLE, timeout=90_000)
    return lab.settle(limit=120)


def notice(lab) -> str:
    return lab.key("notice").locator("[aria-hidden=true]").first.inner_text()  # beside it stands what is read aloud


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=list(ADDRESSES))
def test_films_and_words_follow_the_thumb_nothing_is_sent_and_a_reload_keeps_the_level(reader, address):
    lab = opened(reader(), address)
    lab.press()
    sent, said, levels = len(lab.sent), {}, set()
    for share in (0.0, 0.35, 0.7, 1.0, 0.5):
        lab.page.mouse.move(*lab.thumb(share))
        lab.painted()
        levels.add(lab.level)
        said[lab.level] = notice(lab)
        assert set(lab.film_levels().values()) == {lab.level}
    assert len(lab.sent) == sent and len(levels) >= 3 and len(set(said.values())) >= min(3, len(levels))
    lab.page.mouse.up()
    lab.settle(limit=120)
    level, words, query = lab.level, notice(lab), lab.query()
    lab.page.reload()
    lab.page.wait_for_function(WHOLE, timeout=90_000)
    lab.settle(limit=120)
    assert (lab.level, notice(lab), lab.query()) == (level, words, query)


@pytest.mark.parametrize(
    "address",
    [
        "repair?source=small&rows=own&repairs=clip&images=200",
        "train?room=weight",
        "integer?source=small&images=100",
        "compress?source=small&images=200",
    ],
)
def test_the_keyboard_alone_moves_the_slider_and_the_words(reader, address):
    lab = opened(reader(), address)
    lab.slider.focus()
    before, words = lab.level, notice(lab)
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowLeft")
    lab.settle(limit=90)
    assert lab.level != before and notice(lab) != words and lab.query()["bits"] == lab.level
    lab.page.keyboard.press("End")
    lab.settle(limit=90)
    assert lab.share() == 1


def test_a_training_grows_on_the_page_pauses_and_goes_on(lab):
    """A seed and rate that nobody else asks for, so that nothing is known of it."""
    page = lab.page
    page.goto(f"{lab.url}/train?room=network&source=depthwise&epochs=16&rate=0.3&seed=4")
    page.wait_for_selector("[data-film]", timeout=90_000)  # after the first epoch
    pause = page.get_by_role("button", name="Pause")
    pause.wait_for(timeout=30_000)
    start = time.monotonic()
    pause.click()
    again = page.get_by_role("button", name="Go on")
    again.wait_for(timeout=30_000)
    took = time.monotonic() - start
    assert "go" in page.get_by_test_id("stAlert").first.inner_text() and not lab.crashed()
    assert took < 8  # a second; a loaded machine gets longer
    assert page.locator("[data-film=plot]").count()  # the curves so far stay
    again.click()
    pause.wait_for(timeout=30_000)
    pause.click()
    again.wait_for(timeout=30_000)


def test_what_was_trained_opens_in_the_network_lab(reader):
    lab = opened(reader(), ADDRESSES["train network"])
    link = lab.key("trained").get_by_role("link", name="Network")
    link.click()
    lab.page.wait_for_url("**/cnn?source=trained-*", timeout=30_000)
    lab.page.wait_for_function("document.querySelectorAll('[data-film]').length >= 5", timeout=90_000)
    lab.settle(limit=120)
    assert lab.chosen("Network").startswith("Small CNN, trained at 2 bits") and not lab.says()


def test_a_point_of_the_front_that_is_pressed_opens_its_way(reader):
    lab = opened(reader(), ADDRESSES["compress front"])
    chart = lab.point_at("front")
    point = chart.locator(".scatterlayer .trace").last.locator(".point").first
    box = point.bounding_box()
    lab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lab.page.wait_for_function("!location.search.includes('room=front')", timeout=30_000)
    lab.page.wait_for_function(WHOLE, timeout=90_000)
    lab.settle(limit=120)
    assert lab.query()["source"] == "small" and "bytes" not in lab.says() and lab.texts()["File"]


def test_a_small_file_s_download_has_the_bytes_that_are_shown(reader):
    lab = opened(reader(), ADDRESSES["compress"])
    with lab.page.expect_download() as taken:
        lab.page.get_by_role("button", name="The file of this level").click()
    size = taken.value.path().stat().st_size
    assert f"{size / 1000:.1f} kB" in lab.texts()["File"]


@pytest.mark.slow
def test_a_browser_that_is_closed_in_the_middle_of_a_training_harms_nobody(new_lab):
    """Whoever opens the address next, in another browser, gets the whole training."""
    of_no_other_try = f"seed={1 + time.time_ns() % 4}&width={2 + time.time_ns() // 4 % 7}&epochs={(4, 6, 8)[time.time_ns() % 3]}"
    address = f"train?room=network&source=small&{of_no_other_try}"  # what was trained once is there at once
    first = new_lab()
    first.page.goto(f"{first.url}/{address}")
    first.page.get_by_role("button", name="Pause").wait_for(timeout=120_000)
    first.page.goto("about:blank")  # as far as the server can tell, it is closed
    second = new_lab()
    opened(second, address)
    assert second.texts()["Top-1"] and not second.says() and not second.crashed()
