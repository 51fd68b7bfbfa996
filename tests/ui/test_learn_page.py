"""The page of lessons: it asks before it shows, meets a wrong idea with its hint, and what is wrong in a file or an address is said."""

import pytest

from quantlab.learn.exercises import EXERCISES
from quantlab.learn.lesson import FOLDER
from tests.ui.test_pages import alive, opened, query, text

FIRST = {"lesson": "step-and-range"}


def button(app, label):
    (found,) = [one for one in app.button if one.label == label]
    return found


def said(app) -> str:
    return " ".join(box.value for box in (*app.warning, *app.success, *app.info))


def test_the_map_has_every_lesson_and_leads_into_them():
    app = opened("learn.py")
    for path in FOLDER.glob("[!R]*.md"):
        assert path.read_text("utf-8").partition("\n")[0][2:] in text(app).replace("\\", "")
    alive(app.button(key="begin-step-and-range").click().run())
    assert query(app) == FIRST


def test_nothing_is_shown_of_the_answer_until_one_is_given_and_a_wrong_idea_meets_its_hint():
    app = opened("learn.py", **FIRST)
    assert "Every bit doubles" not in text(app) and len(app.text_input) == 1
    app.text_input[0].set_value("8")
    alive(button(app, "That is what I expect").click().run())
    assert "you said 8" in said(app) and "One more bit does not add one level" in said(app)
    assert "Every bit doubles" in text(app)
    app = alive(button(app, "Next").click().run())
    assert query(app) == FIRST | {"step": "2"}
    app.text_input[0].set_value("6")
    alive(button(app, "That is what I expect").click().run())
    assert "Near enough" in said(app)


def test_what_is_no_number_is_said_and_the_question_stays():
    app = opened("learn.py", **FIRST)
    app.text_input[0].set_value("<b>many</b>")
    alive(button(app, "That is what I expect").click().run())
    (error,) = app.error
    assert "is no number" in error.value and len(app.text_input) == 1


def test_a_choice_is_graded_and_can_be_skipped_instead():
    app = opened("learn.py", **FIRST, step="3")
    app.radio[0].set_value(0)
    alive(button(app, "That is what I expect").click().run())
    assert "stand where no value is" in said(app) and "You said" in " ".join(c.value for c in app.caption)
    app = opened("learn.py", **FIRST, step="3")
    assert query(alive(button(app, "Skip").click().run())) == FIRST | {"step": "4"}


def test_the_end_says_what_to_remember_and_leads_on():
    app = opened("learn.py", **FIRST, step="40")
    assert "The step is the range divided" in text(app)
    assert any(one.label.startswith("Next lesson") for one in app.button)
    assert query(alive(app.button(key="again").click().run())) == FIRST


@pytest.mark.parametrize("slug", ["no-such", "own"])
def test_a_lesson_that_is_not_there_is_said_and_the_map_is_a_click_away(slug):
    app = opened("learn.py", lesson=slug)
    assert "no such lesson" in app.error[0].value
    assert query(alive(app.button(key="to-map").click().run())) == {}


def test_a_bad_name_in_the_address_is_a_notice():
    app = opened("learn.py", lesson="../../etc/passwd")
    assert any("lesson=" in warning.value for warning in app.warning) and query(app) == {}


def test_the_reading_is_listed():
    app = opened("learn.py", part="reading")
    assert {"Foundations", "Networks", "How to learn it"} <= {header.value for header in app.header}


EXERCISE = {"part": "exercises", "exercise": "scale-symmetric"}


def test_every_exercise_is_listed_and_leads_into_itself():
    app = opened("learn.py", part="exercises")
    titles = {one.label for one in app.button}
    assert {exercise.title for exercise in EXERCISES.values()} <= titles
    assert query(alive(app.button(key="exercise-scale-symmetric").click().run())) == EXERCISE


@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_opens_and_takes_nonsense_kindly(slug):
    app = opened("learn.py", part="exercises", exercise=slug, numbers="3")
    for field in app.text_input:
        field.set_value("<script>")
    alive(button(app, "Hand in").click().run())
    assert len(app.error) == 1 and not app.success


def test_a_mistake_is_met_by_name_then_hints_then_the_right_answer_with_its_solution():
    problem = EXERCISES["scale-symmetric"].generate(5)
    app = opened("learn.py", **EXERCISE, numbers="5")
    app.text_input[0].set_value(f"{problem.wrong['inverted'][0]:.6g}")
    alive(button(app, "Hand in").click().run())
    assert "scale inverted" in said(app)
    for label in ("A hint", "Another hint", "Another hint"):
        alive(button(app, label).click().run())
    assert "Hint 3" in text(app) and problem.solution not in text(app)
    app.text_input[0].set_value(f"{problem.asked[0].answer:.6g}".replace(".", ","))
    alive(button(app, "Hand in").click().run())
    assert "Right." in said(app) and problem.solution in text(app)
    assert query(alive(button(app, "New numbers").click().run())) == EXERCISE | {"numbers": "6"}


def test_an_unknown_exercise_is_said():
    assert "no such exercise" in opened("learn.py", part="exercises", exercise="zz").error[0].value
