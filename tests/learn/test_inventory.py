"""The inventory: 25 items of five answers, one of them right by what the core computes, every other one a misconception with a name."""

import pytest

from quantlab.classroom.questions import Grader
from quantlab.learn.inventory import _FILE, AFTER, BEFORE, inventories
from quantlab.learn.lesson import parse
from tests.ui.test_pages import alive, opened

ITEMS = inventories()[BEFORE].steps


def test_there_are_25_of_five_answers_each_and_the_right_one_is_not_always_in_one_place():
    assert len(ITEMS) == 25 and all(len(step.question.options) == 5 for step in ITEMS)
    places = [next(k for k, option in enumerate(step.question.options) if not option.truth) for step in ITEMS]
    assert max(map(places.count, range(5))) <= 9 and min(map(places.count, range(5))) >= 2


@pytest.mark.slow
def test_the_file_is_sound_in_every_line():
    parse(_FILE.read_text("utf-8"), "inventory")


@pytest.mark.parametrize("step", ITEMS, ids=[step.title for step in ITEMS])
def test_the_right_answer_is_the_one_that_nothing_refutes(step):
    """Every other one states what the core finds false, under a name of its own."""
    question = step.question
    truth = question.truth(step.state)
    assert question.options[truth].truth == ""
    wrong = [option for k, option in enumerate(question.options) if k != truth]
    assert all(option.truth and option.hint and option.hint.text for option in wrong)
    labels = [step.filled(option.label) for option in question.options]
    assert len(set(labels)) == 5
    for k in range(5):
        grade = question.grade(step.state, k)
        assert grade.right == (k == truth) and (grade.hint is None) == (k == truth)


def test_a_class_grades_both_and_names_the_answer():
    grader = Grader(inventories())
    assert grader(f"{BEFORE}:1", {}, 0) == grader(f"{AFTER}:1", {}, 0)
    scores = [grader(f"{BEFORE}:1", {}, k) for k in range(5)]
    assert sum(score for score, _ in scores) == 1 and sum(bool(mistake) for _, mistake in scores) == 4


@pytest.mark.slow
def test_it_is_taken_before_and_after_on_the_page():
    app = opened("learn.py", part="inventory")
    hand = next(one for one in app.button if one.label == "Hand in")
    app.radio[0].set_value(0)
    alive(hand.click().run())
    assert app.error[0].value.startswith("Choose an answer to questions 2, 3")
    for radio in app.radio:
        radio.set_value(0)
    alive(next(one for one in app.button if one.label == "Hand in").click().run(timeout=120))
    right = sum(not step.question.options[0].truth for step in ITEMS)
    text = " ".join(one.value for one in app.markdown)
    assert f"**{right} of 25** are right" in text and "What may stand behind" in text and not app.expander
    alive(app.button(key="inventory-again").click().run())
    for radio, step in zip(app.radio, ITEMS, strict=True):
        radio.set_value(step.question.truth(step.state))
    alive(next(one for one in app.button if one.label == "Hand in").click().run(timeout=120))
    text = " ".join(one.value for one in app.markdown)
    assert f"**{right} of 25** were right before, **25** after. You won 1.00" in text and len(app.expander) == 25
