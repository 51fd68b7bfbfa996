"""Does the network lab follow the thumb without asking the server, fill up by itself, and stay kind while it computes?"""

import time

import pytest

from ..sources.test_image_folders import png
from .lab import cancelling

SMALL = "source=small&images=200"
WHOLE = "!labState()[0] && labFilms().length >= 5 && !document.querySelector('[data-testid=stProgress]')"


def opened(lab, query: str):
    """The lab at this state, once its films stand."""
    lab.go(f"cnn?{query}")
    lab.page.wait_for_function(WHOLE, timeout=90_000)
    return lab.settle()


@pytest.mark.parametrize("room", ["answers", "layers"])
def test_every_film_follows_the_thumb_and_nothing_is_sent(reader, room):
    lab = opened(reader(), f"{SMALL}&room={room}")
    levels = int(lab.slider.get_attribute("max")) + 1
    lab.press()
    sent, seen = len(lab.sent), set()
    for k in [*range(31), 9]:
        lab.page.mouse.move(*lab.thumb(k / 30))
        lab.painted()
        seen.add(lab.level)
        assert set(lab.film_levels().values()) == {lab.level}
    lab.page.wait_for_timeout(400)  # a message put off would leave now
    assert len(lab.sent) == sent, "messages were sent while the mouse button was down"
    assert len(seen) == levels == 15 and len(lab.film_levels()) >= 5
    lab.page.mouse.up()


def test_an_address_opens_its_state_and_the_films_fill_up(lab):
    opened(lab, f"{SMALL}&bits=3&granularity=channel-0&calibration=5")
    lab.page.wait_for_function("document.querySelectorAll('.st-key-accuracy .legendtext').length >= 5")  # both other curves are there
    lab.settle()
    assert lab.level == "3" and lab.chosen("One scale for") == "each output channel"
    assert "weights=3" in lab.code() and "calibration=5" in lab.code()
    assert lab.texts()["Top-1"].split()[0] in lab.main_text()


def test_a_drag_from_16_bits_down_turns_right_answers_into_wrong_ones(reader):
    lab = opened(reader(), f"{SMALL}&bits=16")
    wall = lab.key("wall").locator("button")
    wrong = lab.key("wall").locator("button[data-state=wrong]")
    assert wall.count() == 40 and wrong.count() <= 4
    lab.press()
    lab.page.mouse.move(*lab.thumb(0))
    lab.painted()
    assert wrong.count() > 20
    lab.page.mouse.up()


def test_pressing_an_image_shows_both_lists_of_answers(reader):
    lab = opened(reader(), f"{SMALL}&bits=2")
    sent = len(lab.sent)
    image = lab.key("wall").locator("button").nth(11)
    image.click()
    assert image.get_attribute("aria-pressed") == "true"
    lists = lab.key("wall").locator("section > div")
    assert [part.locator("b").inner_text() for part in lists.all()] == ["float", "2 bits"]
    assert [part.locator("span").count() for part in lists.all()] == [5, 5]
    label = lab.key("wall").locator("p").inner_text().rstrip(":")
    assert image.get_attribute("title").startswith(f"{label}, answered ")
    assert lists.nth(1).locator("span").first.inner_text().startswith(image.get_attribute("title").split()[-1])
    assert len(lab.sent) == sent


def test_what_a_layer_costs_and_what_the_picture_is_taken_for_follow_a_drag_over_all_widths(reader):
    lab = opened(reader(), f"{SMALL}&room=layers&bits=4&picture=3")
    heights = "[...document.querySelectorAll('.st-key-costs .trace .point')].map(p => p.getAttribute('transform')).join()"
    lab.page.wait_for_function("document.querySelector('.st-key-costs .g-ytitle')?.textContent.includes('200 images')")
    lab.settle()
    lab.press()
    seen, answers = set(), set()
    for k in range(15):
        lab.page.mouse.move(*lab.thumb(k / 14))
        lab.painted()
        seen.add(lab.page.evaluate(heights))
        answers.add(lab.key("picture").locator("section > div").nth(1).inner_text())
    lab.page.mouse.up()
    assert len(seen) >= 8 and len(answers) >= 8


@pytest.mark.slow
def test_cancelled_evaluations_leave_the_page_alive_and_can_be_taken_up_again(new_lab):
    lab = cancelling(new_lab(fresh=True))
    page = lab.page
    calibration = 1 + time.time_ns() % 200  # of no other try: what was computed once is there at once
    page.goto(f"{lab.url}/cnn?source=depthwise&images=2000&scheme=kmeans&calibration={calibration}")
    again = page.get_by_role("button", name="Compute it after all")
    again.wait_for(timeout=120_000)
    assert "Cancelled" in lab.main_text() and not lab.crashed()
    again.click()
    again.wait_for(state="detached", timeout=120_000)
    page.wait_for_selector("[data-film]", timeout=120_000)
    assert not lab.crashed()


def test_a_folder_comes_with_the_names_of_its_folders_and_a_bad_one_keeps_what_was_there(reader, tmp_path):
    lab = opened(reader(), "source=zip&images=200")
    shown = lab.texts()
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "pets" / name / f"{i}.png").write_bytes(png(i))
    lab.page.locator("[class*=st-key-cnn-upload-folder] input[type=file]").set_input_files(str(tmp_path / "pets"))
    lab.page.wait_for_function("document.querySelector('[data-testid=stAlert]')?.innerText.includes(\"'cats' has 3 pictures\")")
    lab.settle()
    assert len(lab.says()) == 1 and lab.texts() == shown and lab.query()["file"]
