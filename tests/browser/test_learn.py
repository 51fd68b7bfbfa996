"""A prediction is drawn, the truth is laid over it, the slider is unlocked, and the browser keeps what was answered."""

import pytest

from quantlab.learn.diary import Diary
from quantlab.learn.lesson import load

LESSONS, _ = load(check=False)
STEP = "learn?lesson=step-and-range&step=4"


def drawing(lab):
    """The box of the curve that is drawn."""
    lab.page.locator(".ql-draw svg").wait_for()
    return lab.page.locator(".ql-draw svg").bounding_box()


def test_a_curve_is_drawn_judged_and_kept_by_the_browser(lab):
    lab.page.goto(f"{lab.url}/{STEP}")
    box = drawing(lab)
    assert lab.slider.count() == 0 and lab.key("draw-step-and-range-4").count() == 1
    lab.page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.8 * box["height"])
    lab.page.mouse.down()
    for k in range(1, 12):
        lab.page.mouse.move(box["x"] + (0.1 + 0.08 * k) * box["width"], box["y"] + (0.8 - 0.05 * k) * box["height"])
    lab.page.mouse.up()
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.locator(".ql-draw path.truth").wait_for()
    lab.page.get_by_text("On average your curve lies").wait_for()
    lab.settle()
    lab.press()
    for share in (0, 1):
        lab.page.mouse.move(*lab.thumb(share))
        lab.painted()
        assert set(lab.film_levels().values()) == {lab.level}
    lab.page.mouse.up()
    lab.page.wait_for_function("(localStorage.getItem('quantlab:learn') ?? '').includes('step-and-range')")
    lab.page.goto(f"{lab.url}/learn")
    lab.page.get_by_text("1 of 4 answered").wait_for()
    assert not lab.crashed()


def test_a_curve_can_be_drawn_with_keys_alone(lab):
    lab.page.goto(f"{lab.url}/{STEP}")
    drawing(lab)
    before = lab.page.locator(".ql-draw path.guess").get_attribute("d")
    lab.page.get_by_text("Draw with the keyboard").click()
    lab.page.get_by_role("slider", name="SQNR at 3").press("End")
    assert lab.page.locator(".ql-draw path.guess").get_attribute("d") != before
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.locator(".ql-draw path.truth").wait_for()


def test_marks_are_dragged_or_moved_with_keys_and_then_go_to_their_places(lab):
    lab.page.goto(f"{lab.url}/learn?lesson=rounding-and-clipping&step=2")
    handle = lab.page.get_by_role("slider", name="end of the range")
    handle.wait_for()
    before, box = float(handle.get_attribute("aria-valuenow")), lab.page.locator(".ql-mark svg").bounding_box()
    lab.page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 0.5 * box["height"])
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    lab.page.mouse.up()
    dragged = float(handle.get_attribute("aria-valuenow"))
    assert dragged < before
    lab.page.get_by_role("button", name="That is what I expect").and_(lab.page.locator(":enabled")).wait_for()
    lab.page.get_by_role("slider", name="end of the range").press("ArrowRight")
    assert float(lab.page.get_by_role("slider", name="end of the range").get_attribute("aria-valuenow")) > dragged
    lab.page.get_by_role("button", name="That is what I expect").click()
    lab.page.locator(".ql-mark path.truth").wait_for()
    lab.page.get_by_text("With yours the SQNR is").wait_for()
    assert lab.page.get_by_role("slider", name="end of the range").count() == 0 and not lab.crashed()


def test_what_another_hand_wrote_into_the_browser_does_no_harm(lab):
    lab.page.goto(f"{lab.url}/_stcore/health")
    lab.page.evaluate("""localStorage.setItem('quantlab:learn', JSON.stringify({lessons: {'<img src=x onerror=alert(1)>': {'1': [1, 'x']},
        'step-and-range': {'1': [1, '15'], '2': [9, 'x'], 'x': 3}}, exercises: 5}))""")
    lab.page.goto(f"{lab.url}/learn")
    lab.page.get_by_text("1 of 4 answered").wait_for()
    assert not lab.crashed() and lab.page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("slug", ["step-and-range", "pictures", "sound-and-companding", "network-answers"])
def test_the_pictures_of_a_step_stand_before_the_answer_and_follow_the_thumb_after_it(lab, slug):
    """A lesson of each lab: a tensor, a picture, a sound, a network."""
    lab.page.goto(f"{lab.url}/learn?lesson={slug}")
    painted = "() => labFilms().length > 0 && labFilms().every(f => f.dataset.level)"
    lab.page.wait_for_function(painted, timeout=60_000)
    assert lab.slider.count() == 0
    step = LESSONS[slug].steps[0]
    assert set(lab.film_levels().values()) == {str(step.state.address()["bits"])}
    lab.page.evaluate("(text) => localStorage.setItem('quantlab:learn', text)", Diary().with_answer(slug, 1, 1.0, guess(step)).text)
    lab.page.evaluate("sessionStorage.clear()")
    lab.page.reload()
    lab.slider.wait_for()
    lab.settle()
    lab.press()
    for share in (0, 1):
        lab.page.mouse.move(*lab.thumb(share))
        lab.painted()
        assert set(lab.film_levels().values()) == {lab.level}
    lab.page.mouse.up()


def guess(step):
    """The right answer to a step, as a person's diary holds it."""
    truth = step.question.truth(step.state)
    as_kept = {"number": lambda: f"{truth:.6g}", "draw": lambda: list(truth.values()), "mark": lambda: list(truth)}
    return as_kept.get(step.question.kind, lambda: truth)()


def test_what_was_answered_in_another_tab_is_not_lost_and_forgetting_forgets(lab):
    lab.page.goto(f"{lab.url}/learn")
    lab.page.get_by_role("button", name="Begin").first.wait_for()
    other = lab.page.context.new_page()
    other.goto(f"{lab.url}/_stcore/health")
    other.evaluate("(text) => localStorage.setItem('quantlab:learn', text)", Diary().with_answer("zero-point", 1, 1.0, "16").text)
    lab.page.get_by_text("1 of 5 answered").wait_for()
    other.close()
    lab.page.get_by_role("button", name="Forget what I answered").click()
    lab.page.wait_for_function("localStorage.getItem('quantlab:learn') === null")
    assert lab.page.get_by_text("1 of 5 answered").count() == 0
