"""The published course opened from a folder with the network off: it asks, checks, meets the wrong idea, and plays."""

import pytest

from quantlab.export import site
from quantlab.learn.lesson import load

LESSONS, _ = load(check=False)


@pytest.fixture
def open_step(new_lab, tmp_path):
    lab = new_lab(offline=True)

    def give(slug, number):
        path = tmp_path / f"{slug}-{number}.html"
        path.write_text(site._step_page(LESSONS[slug], number), "utf-8")
        lab.page.goto(path.as_uri())
        return lab

    return give


def test_a_wrong_number_meets_its_hint_and_then_the_slider_plays(open_step):
    lab = open_step("step-and-range", 1)
    lab.page.locator("[data-film=plot][data-level='3']").wait_for()
    assert lab.slider.count() == 0 and not lab.page.get_by_text("Every bit doubles").is_visible()
    lab.page.get_by_label("Your number").fill("eight")
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.get_by_text("Type a number like").wait_for()
    lab.page.get_by_label("Your number").fill("8")
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.get_by_text("One more bit does not add one level").wait_for()
    lab.page.get_by_text("Every bit doubles").wait_for()
    lab.slider.press("ArrowRight")
    lab.page.locator("[data-film=plot][data-level='4']").wait_for()
    lab.page.reload()
    lab.page.get_by_text("You said: 8").wait_for()


def test_a_curve_is_drawn_and_what_would_tell_it_is_shown_after(open_step):
    lab = open_step("step-and-range", 4)
    lab.page.locator("[data-film=numbers][data-level]").wait_for()
    assert lab.page.locator("[data-film=plot]").count() == 0
    box = lab.page.locator(".ql-draw svg").bounding_box()
    lab.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"])
    lab.page.mouse.up()
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.get_by_text("On average your curve lies").wait_for()
    lab.page.locator("[data-film=plot][data-level]").wait_for()


@pytest.mark.parametrize("slug", ["pictures", "sound-and-companding", "network-answers"])
def test_pictures_sounds_and_networks_stand_too(open_step, slug):
    lab = open_step(slug, 1)
    lab.page.locator("[data-film][data-level]").first.wait_for()


def test_a_whole_lesson_plays_from_one_file(new_lab, tmp_path):
    lab = new_lab(offline=True)
    path = tmp_path / "lesson.html"
    path.write_text(site.whole(LESSONS["rounding-and-clipping"]), "utf-8")
    lab.page.goto(f"{path.as_uri()}#2")
    handle = lab.page.get_by_role("slider", name="end of the range")
    handle.press("PageDown")
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.get_by_text("So far out nothing is clipped").wait_for()
    lab.page.locator("[data-film=plot][data-level]").first.wait_for()
    lab.page.locator("nav >> visible=true").get_by_role("link", name="Next").click()
    lab.page.get_by_role("heading", name="How far a clipped value is moved").wait_for()
    assert not lab.page.get_by_role("heading", name="Where the two parts balance").is_visible()
    lab.page.goto(f"{path.as_uri()}#6")
    lab.page.get_by_text("What to remember").wait_for()
