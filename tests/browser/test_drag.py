"""Does the picture follow the thumb, with nothing asked of the server?"""

import pytest


@pytest.mark.parametrize("address", ["", "tensor", "image", "audio"], ids=["home", "tensor", "image", "audio"])
def test_every_film_follows_the_thumb_while_it_moves_and_nothing_is_sent(reader, address):
    lab = reader().show(address)
    levels, first = lab.slider.get_attribute("max"), lab.level
    lab.press()
    sent, seen, sqnr = len(lab.sent), set(), set()
    for k in [*range(31), 12, 0]:
        lab.page.mouse.move(*lab.thumb(k / 30))
        lab.painted()
        seen.add(lab.level)
        sqnr.add(next(iter(lab.texts().values())))
        assert set(lab.film_levels().values()) == {lab.level}
    lab.page.wait_for_timeout(400)  # a message put off would leave now
    assert len(lab.sent) == sent, "messages were sent while the mouse button was down"
    assert len(seen) == int(levels) + 1 and first in seen
    assert len(sqnr) == len(seen), "the first tile reads differently at every level"
    lab.page.mouse.up()


def test_the_charts_are_drawn_anew_at_every_step_of_a_drag(reader):
    lab = reader().show()
    lab.press()
    before = lab.paths()
    lab.page.mouse.move(*lab.thumb(1))
    lab.painted()
    after = lab.paths()
    assert {key for key in before if before[key] and before[key] != after[key]} >= {"histogram", "transfer", "error"}
    lab.page.mouse.up()


def test_axes_stand_still_while_the_thumb_moves(reader):
    ticks = "[...document.querySelectorAll('.xtick text, .ytick text')].map(t => t.textContent + t.getBoundingClientRect().x)"
    lab = reader().show()
    lab.press()
    before = lab.page.evaluate(ticks)
    for share in (0, 1, 0.5):
        lab.page.mouse.move(*lab.thumb(share))
        lab.painted()
        assert lab.page.evaluate(ticks) == before and before
    lab.page.mouse.up()


def test_after_release_the_address_names_the_level_and_python_speaks_of_it(reader):
    lab = reader().show()
    lab.press()
    lab.page.mouse.move(*lab.thumb(7 / 15), steps=8)
    assert "bits" not in lab.query()
    lab.page.mouse.up()
    lab.settle()
    assert lab.level == "8" and lab.query() == {"bits": "8"}
    assert "bits=8" in lab.code()
    assert f"{lab.texts()['SQNR']} at 8 bits" in lab.main_text()


@pytest.mark.parametrize("state", ["", "scheme=float&scrub=bits", "scrub=outlier", "granularity=group-64&scrub=clip"])
def test_what_the_films_show_after_a_drag_is_what_a_fresh_load_of_that_address_shows(reader, new_lab, state):
    lab = reader().show(f"tensor?{state}")
    lab.press()
    for share in (0.2, 0.9, 0.4, 0.7):
        lab.page.mouse.move(*lab.thumb(share), steps=3)
    lab.page.mouse.up()
    lab.settle()
    lab.page.wait_for_timeout(300)  # plotly is told of the level at rest
    fresh = new_lab()
    fresh.page.goto(lab.page.url)
    fresh.settle()
    assert fresh.level == lab.level and fresh.film_levels() == lab.film_levels()
    assert fresh.every_text() == lab.every_text()
    assert fresh.code() == lab.code()
    assert fresh.paths() == lab.paths()


def test_a_level_that_python_answers_late_does_not_move_a_thumb_that_has_gone_on(reader):
    lab = reader().show()
    lab.press()
    lab.page.mouse.move(*lab.thumb(5 / 15), steps=2)
    lab.page.mouse.up()
    lab.page.wait_for_timeout(300)  # Python hears of level 6 now
    lab.press()
    for k in (9, 10, 11):
        lab.page.mouse.move(*lab.thumb(k / 15))
        lab.page.wait_for_timeout(250)
        assert lab.level == str(k + 1)
    lab.page.mouse.up()
    assert lab.settle().query() == {"bits": "12"}
