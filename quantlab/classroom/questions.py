"""Lessons as a class sees them: the questions of a lesson's steps, and the grades of what students answer to them.

A question's key is its lesson and step, "rounding:2". What a browser gets of it is the description: no truth and no hint is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from quantlab.caching import lru_cache
from quantlab.classroom.rules import Answer
from quantlab.learn.lesson import Lesson, Step
from quantlab.learn.marks import picture
from quantlab.learn.questions import Grade, axis_of

_LONGEST_NAME = 80
Lessons = Mapping[str, Lesson]


def key_of(lesson: str, number: int) -> str:
    """The key of a lesson's step, which counts from 1.

    >>> key_of("rounding", 2), place_of("rounding:2"), place_of("pre:7a")
    ('rounding:2', ('rounding', 2), ('pre', 0))
    """
    return f"{lesson}:{number}"


def place_of(key: str) -> tuple[str, int]:
    """Lesson and step of a key; step 0 where it names none."""
    lesson, _, number = key.partition(":")
    return lesson, int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def step_of(key: str, lessons: Lessons) -> Step | None:
    """The step that a key names, None where these lessons have no such question."""
    slug, number = place_of(key)
    lesson = lessons.get(slug)
    if lesson is None or not 1 <= number <= len(lesson.steps):
        return None
    step = lesson.steps[number - 1]
    return step if step.question else None


def numbers_of(lesson: Lesson) -> list[int]:
    """The steps of a lesson that ask something."""
    return [number for number, step in enumerate(lesson.steps, start=1) if step.question]


def description_of(step: Step) -> dict[str, Any]:
    """What a student's browser needs to ask: the kind, what there is to choose, the axis to draw on."""
    question = step.question
    assert question is not None, "a step without a question is not posed"
    found: dict[str, Any] = {"kind": question.kind, "title": step.title}
    if question.kind in ("choice", "order"):
        found["options"] = [step.filled(option.label) for option in question.options]
    else:
        found |= {"name": question.written_name, "unit": question.unit}
    if question.kind == "draw":
        truth = question.truth(step.state)
        found |= {"labels": list(truth), "axis": axis_of(truth)}
    elif question.kind == "mark":
        found |= asdict(picture(question.measure, step.state)) | {"count": len(question.truth(step.state))}
    return found


def questions_of(lesson: Lesson) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every question of a lesson with its description."""
    for number in numbers_of(lesson):
        yield key_of(lesson.slug, number), description_of(lesson.steps[number - 1])


class Grader:
    """Grades answers to the questions of some lessons; one that students give alike is computed once."""

    def __init__(self, lessons: Lessons) -> None:
        self._lessons = lessons
        self._grade = lru_cache(maxsize=10_000)(self._graded)

    def __call__(self, key: str, _: Mapping[str, Any], answer: Answer) -> tuple[float, str]:
        """Score and name of the mistake, "" for none."""
        step, grade = step_of(key, self._lessons), self.grade(key, answer)
        return (0.0, "") if step is None or grade is None else (grade.score, mistake_of(step, grade, answer))

    def grade(self, key: str, answer: Answer) -> Grade | None:
        """The grade of an answer with its sentence and hint; None where it is no answer to a question of these lessons."""
        return self._grade(key, json.dumps(answer))

    def _graded(self, key: str, answer: str) -> Grade | None:
        step = step_of(key, self._lessons)
        if step is None or step.question is None:
            return None
        try:
            return step.question.grade(step.state, json.loads(answer))
        except ValueError:
            return None


def mistake_of(step: Step, grade: Grade, answer: Answer) -> str:
    """A wrong idea in a few words: the option that was chosen, or the beginning of the hint to it.

    Only ideas that the lesson knows have a name.
    """
    if grade.hint is None or step.question is None:
        return ""
    text = step.filled(step.question.options[answer].label if step.question.kind == "choice" else grade.hint.text.partition(". ")[0])
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1].rpartition(' ')[0]}…"
