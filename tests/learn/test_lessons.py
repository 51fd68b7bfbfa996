"""Every lesson loads, every state is computed, every answer is recomputed, and no wrong idea gives the right one."""

import re

import pytest

from quantlab.labs.catalog import LABS
from quantlab.labs.text import markdown_safe
from quantlab.learn.lesson import FOLDER, LessonError, load, parse
from quantlab.learn.marks import places
from quantlab.learn.measures import MEASURES, evaluate, state_of
from quantlab.learn.questions import KINDS
from quantlab.progress import finish

LESSONS, ERRORS = load(check=False)
GOOD = (FOLDER / "step-and-range.md").read_text("utf-8")


def test_at_least_fourteen_lessons_load_each_with_steps_that_ask():
    assert not ERRORS and len(LESSONS) >= 14
    for lesson in LESSONS.values():
        assert len(lesson.remember) == 3 and lesson.about and lesson.topic
        assert sum(step.question is not None for step in lesson.steps) >= 3, lesson.slug


def test_every_kind_of_prediction_is_used():
    assert {step.question.kind for lesson in LESSONS.values() for step in lesson.steps if step.question} == set(KINDS)


@pytest.mark.slow
@pytest.mark.parametrize("slug", LESSONS)
def test_a_lesson_is_sound_its_answers_right_its_views_there_and_its_texts_filled(slug):
    """All of a lesson in one test: what its states compute is computed once."""
    assert parse((FOLDER / f"{slug}.md").read_text("utf-8"), slug).slug == slug
    for number, step in enumerate(LESSONS[slug].steps, start=1):
        if step.question:
            check_answers(step, step.question, step.question.truth(step.state))
        films = finish(step.state.lab.show(step.state.address(), step.views)).films
        assert [view for view in step.views if view not in films] == [], number
        for text in (step.story, step.why, *((step.question.text,) if step.question else ())):
            assert "{" not in step.filled(text), number


def check_answers(step, question, truth):
    """The right answer is right, and no wrong idea gives it."""
    if question.kind == "number":
        assert question.grade(step.state, repr(truth)).right
        for expression, hint in question.wrong:
            guess = evaluate(expression, step.state)
            assert abs(guess - truth) > question.within, f"{step.title}: {expression} is as right as the answer"
            grade = question.grade(step.state, repr(guess))
            assert not grade.right and grade.hint is not None and hint.text, step.title
    elif question.kind == "choice":
        for option in range(len(question.options)):
            grade = question.grade(step.state, option)
            assert grade.right == (option == truth), step.title
        assert any(option.hint for i, option in enumerate(question.options) if i != truth), f"{step.title}: no wrong answer meets a hint"
    elif question.kind == "order":
        values = [evaluate(question.by, step.state.changed(question.options[i].truth)) for i in truth]
        assert all(a < b for a, b in zip(values, values[1:], strict=False)), f"{step.title}: an order needs values that differ"
        assert question.grade(step.state, truth).right and not question.grade(step.state, truth[::-1]).right
    elif question.kind == "mark":
        assert question.grade(step.state, list(truth)).right
        for expression, hint in question.wrong:
            grade = question.grade(step.state, list(places(expression, step.state)))
            assert not grade.right and grade.hint == hint, f"{step.title}: {expression}"
    else:
        assert question.grade(step.state, list(truth.values())).right
        assert question.grade(step.state, [max(truth.values()) + 1e3] * len(truth)).score < 1


@pytest.mark.parametrize("slug", LESSONS)
def test_a_lesson_writes_down_no_number_that_a_lab_gives(slug):
    """A number with a decimal point or a unit of a measure, outside of headers, hints' states and expressions, is one that may rot."""
    text = re.sub(r"\{[^}]*\}|`[^`]*`", "", (FOLDER / f"{slug}.md").read_text("utf-8"))
    lines = [line for line in text.splitlines() if not re.match(r"[a-z]+: ", line)]
    told = [found for line in lines for found in re.findall(r"\d+\.\d+ (?:dB|bits|%)", line.partition(" :: ")[0])]
    assert set(told) <= {"6.02 dB", "1.76 dB", "4.77 dB", "4.8 dB", "1.58 bits"}, told  # theory's own numbers


BROKEN = {  # what is broken: (what is replaced, by what, a part of what is said, whether the others still load)
    "an unknown lab": ("lab: tensor?source=uniform&bits=3", "lab: tensors?bits=3", "no lab 'tensors'"),
    "an unknown view": (
        "views: histogram, numbers\nunlock: bits\n\nHere",
        "views: histogramm\nunlock: bits\n\nHere",
        "no view 'histogramm'",
    ),
    "an unknown parameter": ("source=uniform&bits=3", "sourze=uniform&bits=3", "no parameter 'sourze'"),
    "a value that is not supported": ("source=uniform&bits=3", "source=uniform&bits=99", "bits=99"),
    "an unknown measure": ("measure: levels_used @ bits=4", "measure: levels @ bits=4", "neither a number nor a measure"),
    "a header that is not known": ("topic: Steps and ranges", "topics: Steps", "'topics' is not known"),
    "a rank in words": ("rank: 10", "rank: first", "rank is 'first'"),
    "no title": ("# The step", "The step", "begin the file with #"),
    "an unknown kind": ("### Predict: draw", "### Predict: paint", "no kind of prediction"),
    "nothing to remember": ("## Remember", "## Forget", "what to remember is missing"),
    "two lines to remember": ("- One more bit is worth 6 dB where the step is small against the values.\n", "", "has 2 lines"),
    "a prediction without a reason": ("### Why\n\nEvery bit", "### Because\n\nEvery bit", "'Because' is not known"),
    "a comparison that never holds": ("sqnr_db @ tensor?source=uniform&bits=4 - 12 <", "900 <", ""),
    "a hint to nowhere": ("See tensor?source=uniform&bits=6", "See tensr?bits=6", "no lab 'tensr'"),
    "a picture from elsewhere": ("A quantizer rounds", "![](http://x/y.png) A quantizer rounds", "no pictures from elsewhere"),
    "a place that is not closed by a measure": ("{sqnr_db}, the", "{sqnr}", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", [what for what, (_, _, said) in BROKEN.items() if said])
def test_what_is_broken_is_told_with_its_line_and_a_remedy(what):
    old, new, said = BROKEN[what]
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(LessonError) as error:
        parse(text, "broken")
    lines = text.splitlines()
    assert any(said in problem for _, problem in error.value.problems), error.value.problems
    for line, problem in error.value.problems:
        assert 1 <= line <= len(lines) and len(problem) > 20


def test_the_others_still_load(tmp_path):
    (tmp_path / "good.md").write_text(GOOD, "utf-8")
    (tmp_path / "bad.md").write_text("no title", "utf-8")
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe\x00")
    lessons, errors = load(tmp_path, check=False)
    assert list(lessons) == ["good"] and len(errors) == 2


@pytest.mark.parametrize(
    "text", ["", "#", "# \n", "x" * 5000, "# A\n## B\n### Predict: number\n", "# A\n\n" + "## B\n" * 200, "\0", "# {a}\n{"]
)
def test_hostile_files_are_told_off_and_never_raise_anything_else(text):
    with pytest.raises(LessonError):
        parse(text, "hostile", check=False)


def test_every_measure_is_one_of_some_lab():
    columns = {"scale", "zero_point", "huffman_bits", "clip", "share_at_level"}  # of a tensor's quantizer
    small = ["compress?source=small&images=200", "compress?room=distil&images=200"]
    small += [f"repair?room={room}" for room in ("ablation", "channels", "rounding", "columns")]
    small += [f"train?room={room}" for room in ("toy", "weight", "gradients")] + ["train?room=network&source=small"]
    integers = [f"integer?room={room}&source=small" for room in ("equal", "accumulator", "rounding", "dot")]
    small += [f"bench?source=small&room={room}" for room in ("report", "faults")]
    small += [f"model?source=small&room={room}" for room in ("tensors", "hardware")] + ["language?source=small&tokens=1024"]
    for page in ("tensor?source=normal&size=4096", "image", "audio", "cnn?source=small&images=200", *integers, *small):
        from quantlab.learn.measures import _table

        columns |= set(next(iter(_table(state_of(page)).values())))
    assert set(MEASURES) <= columns


def test_links_of_the_reading_lead_to_states_without_notices():
    from quantlab.learn.reading import REFERENCES

    for reference in REFERENCES:
        if reference.see:
            state = state_of(reference.see)
            assert not state.address().notices and not state.address().problems, reference.see
        assert reference.why and markdown_safe(reference.title)
    assert len(LABS) > 0
