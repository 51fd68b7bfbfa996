"""Every exercise: its right answer is right, every wrong idea is met by name and never right, and nonsense is told off in a sentence."""

import numpy as np
import pytest

from quantlab.learn.exercises import EXERCISES, grade
from quantlab.learn.measures import problems_of, state_of
from quantlab.learn.mistakes import MISTAKES
from quantlab.learn.programs import PROGRAMS

SEEDS = range(60)
each = pytest.mark.parametrize("slug", list(EXERCISES))
NUMBERS = [slug for slug, exercise in EXERCISES.items() if exercise.generate(0).judge is None]
JUDGED = {
    "explore-groups": ("tensor?granularity=group-64", "tensor"),
    "explore-faint-tone": ("audio?source=faint&dither=tpdf&bits={bits}", "audio?source=faint&bits={bits}"),
    "explore-from-afar": ("image", "image?dither=none"),
}


def test_there_are_many_in_several_topics_and_every_mistake_is_met_somewhere():
    assert len(EXERCISES) >= 30 and len({exercise.topic for exercise in EXERCISES.values()}) >= 6
    met = {slug for exercise in EXERCISES.values() for slug in exercise.generate(1).wrong}
    met |= {slug for program in PROGRAMS.values() for slug in program.wrong}
    assert met == set(MISTAKES)


@each
def test_a_seed_gives_the_same_numbers_and_another_one_others(slug):
    exercise = EXERCISES[slug]
    texts = [exercise.generate(seed).text for seed in SEEDS]
    assert texts == [exercise.generate(seed).text for seed in SEEDS]
    assert len(set(texts)) > 1


@pytest.mark.parametrize("slug", NUMBERS)
def test_the_right_answer_is_right_and_no_mistake_is(slug):
    for seed in SEEDS:
        problem = EXERCISES[slug].generate(seed)
        assert grade(problem, [repr(asked.answer) for asked in problem.asked]).score == 1
        for mistake, values in problem.wrong.items():
            found = grade(problem, [repr(v) for v in values])
            assert found.score < 1, (seed, mistake)
            assert found.mistake is not None and found.hint and "{" not in found.hint, (seed, mistake)


@pytest.mark.parametrize("slug", NUMBERS)
def test_a_mistake_is_called_by_its_own_name_for_most_numbers(slug):
    right, total = 0, 0
    for seed in SEEDS:
        problem = EXERCISES[slug].generate(seed)
        for mistake, values in problem.wrong.items():
            found = grade(problem, [repr(v) for v in values])
            right += found.mistake is not None and found.mistake.slug == mistake
            total += 1
    assert right >= 0.8 * total


@each
def test_texts_are_whole(slug):
    problem = EXERCISES[slug].generate(3)
    assert len(problem.hints) == 3 and all(problem.hints) and len(problem.solution) > 15
    assert problem.asked or problem.judge
    see = state_of(EXERCISES[slug].see)
    assert problems_of(see) == []


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_leads_to_a_state_that_is_there(mistake):
    assert problems_of(state_of(mistake.see)) == [] and "{said}" in mistake.hint


@each
@pytest.mark.parametrize("text", ["", "abc", "1e999", "nan", "<b>1</b>", "9" * 500, "1/0", "tensor?bits=99", "http://x/y?z", "home"])
def test_nonsense_is_told_off_in_a_sentence(slug, text):
    problem = EXERCISES[slug].generate(2)
    with pytest.raises(ValueError) as told:
        grade(problem, [text] * max(1, len(problem.asked)))
    assert str(told.value).endswith((".", "5", "4"))


@pytest.mark.slow
@pytest.mark.parametrize("slug", JUDGED)
def test_a_state_that_is_handed_in_is_measured(slug):
    problem = EXERCISES[slug].generate(4)
    bits = next((word for word in problem.text.replace("*", "").split() if word.isdecimal()), "")
    good, bad = (address.format(bits=bits) for address in JUDGED[slug])
    assert grade(problem, [f"http://localhost:8501/{good}"]).score == 1, grade(problem, [good]).said
    assert grade(problem, [bad]).score < 1
    with pytest.raises(ValueError):
        grade(
            problem,
            [f"{bad}{'&' if '?' in bad else '?'}source=" + {"tensor": "normal", "audio": "voice", "image": "camera"}[problem_page(bad)]],
        )


def problem_page(address):
    return address.partition("?")[0]


def test_a_comma_and_a_real_minus_are_read():
    problem = EXERCISES["dequantize-affine"].generate(0)
    texts = [f"{asked.answer:.3f}".replace(".", ",").replace("-", "\u2212") for asked in problem.asked]
    assert grade(problem, texts).score == 1
    assert np.isfinite(problem.asked[0].answer)


def test_a_mistake_in_one_of_two_numbers_is_met_though_the_other_is_wrong_too():
    problem = EXERCISES["scale-and-zero-point"].generate(0)
    found = grade(problem, ["123", repr(problem.wrong["middle"][1])])
    assert found.mistake is not None and found.mistake.slug == "middle" and found.score == 0
