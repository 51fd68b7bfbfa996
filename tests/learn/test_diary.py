"""The diary that a browser keeps is a stranger's text: what is not of its form is left out, and nothing raises."""

import json

from hypothesis import given
from hypothesis import strategies as st

from quantlab.learn.answers import read_number
from quantlab.learn.diary import Diary, read

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=12,
)
SLUGS = st.text("abc-", min_size=1, max_size=6)
ANSWERS = st.text(max_size=20) | st.integers(0, 9) | st.lists(st.floats(-1e3, 1e3), max_size=5)


@given(ANYTHING)
def test_nothing_that_a_browser_sends_raises(found):
    assert isinstance(read(json.dumps(found)), Diary)
    assert isinstance(read(json.dumps({"lessons": found, "exercises": found})), Diary)


@given(
    st.lists(st.tuples(SLUGS, st.integers(1, 9), st.floats(0, 1), ANSWERS), max_size=6),
    st.lists(st.tuples(SLUGS, st.floats(0, 1)), max_size=4),
)
def test_a_diary_reads_back_as_itself(answers, exercises):
    diary = Diary()
    for slug, step, score, answer in answers:
        diary = diary.with_answer(slug, step, score, answer)
    for slug, score in exercises:
        diary = diary.with_exercise(slug, score)
    assert read(diary.text) == diary
    assert diary.csv().count("\n") == 1 + sum(map(len, diary.lessons.values())) + len(diary.exercises)


def test_the_first_prediction_counts_and_the_best_exercise():
    diary = Diary().with_answer("a", 1, 0.0, "3").with_answer("a", 1, 1.0, "4").with_exercise("b", 1.0).with_exercise("b", 0.0)
    assert diary.lessons["a"][1] == (0.0, "4") and diary.exercises["b"] == (1.0, 2)
    assert read("x" * 300_000) == Diary()


@given(st.text(max_size=60))
def test_what_people_type_is_a_finite_number_or_a_sentence(text):
    try:
        assert abs(read_number(text)) < float("inf")
    except ValueError as problem:
        assert "type one like" in str(problem)
