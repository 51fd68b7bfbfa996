"""A lesson as a notebook: its stories, a live film of each step's lab, the question, and the check of what was predicted.

The notebook asks this package, so it runs wherever QuantLab is installed. A lesson of one's own travels inside it.

>>> from quantlab.learn.lesson import load
>>> cells = notebook_of(load(check=False)[0]["step-and-range"]).cells
>>> [cell.cell_type for cell in cells[:4]], cells[2].source
(['markdown', 'code', 'code', 'markdown'], 'ql.show("tensor?source=uniform&bits=3", views=["histogram", "numbers"])')
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from quantlab.learn.ipynb import notebook, written
from quantlab.learn.lesson import Lesson, load, parse
from quantlab.learn.questions import Question


@dataclass(frozen=True)
class Told:
    """What became of a prediction. text : Markdown, which a notebook shows."""

    score: float
    text: str = field(repr=False)

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.text


def notebook_of(lesson: Lesson, source: str = "") -> nbformat.NotebookNode:
    """The notebook of a lesson. source : the text of the lesson's file where it is none of this package."""
    cells = [
        new_markdown_cell(f"# {lesson.title}\n\n{lesson.intro}", id="title"),
        new_code_cell(_opening(lesson, source), id="begin"),
    ]
    for number, step in enumerate(lesson.steps, start=1):
        views = [view for view in step.views if view not in step.hidden]
        story = f"## {step.title}\n\n{step.filled(step.story)}"
        pictures = [new_code_cell(_show(step.state.text, views), id=f"see-{number}")] if views else []
        if number == 1:
            cells += [*pictures, new_markdown_cell(story, id=f"story-{number}")]
        else:
            cells += [new_markdown_cell(story, id=f"story-{number}"), *pictures]
        if step.question:
            cells += [
                new_markdown_cell(
                    f"**What do you expect?** {step.filled(step.question.text)}{_options(step.filled, step.question)}", id=f"ask-{number}"
                ),
                new_code_cell(f"guess = {_blank(step.question, step.state)}\nlesson.check({number}, guess)", id=f"check-{number}"),
            ]
            if step.hidden:
                cells.append(new_code_cell(_show(step.state.text, step.views), id=f"reveal-{number}"))
        else:
            cells.append(new_markdown_cell(step.filled(step.why), id=f"why-{number}"))
    cells.append(new_markdown_cell("## What to remember\n\n" + "\n".join(f"- {line}" for line in lesson.remember), id="remember"))
    return notebook(cells)


def text_of(lesson: Lesson, source: str = "") -> str:
    """The notebook as a file's text, valid by the format's own rules."""
    return written(notebook_of(lesson, source).cells)


@dataclass(frozen=True)
class Session:
    """A lesson in a notebook; ``check`` says how near a prediction is, and why things are as they are."""

    lesson: Lesson

    def check(self, number: int, guess: Any) -> Told:
        """What became of a prediction: a number, the number of an answer from 1, an order of such, heights or marks."""
        step = self.lesson.steps[number - 1]
        question = step.question
        if question is None or guess is None or guess is ...:
            return Told(0.0, "Put what you expect in place of `...` first.")
        try:
            grade = question.grade(step.state, _answer(question, guess))
        except (ValueError, TypeError) as problem:
            return Told(0.0, str(problem))
        hint = (
            f"\n\n> {step.filled(grade.hint.text)}" + (f' See `ql.show("{grade.hint.see}")`.' if grade.hint.see else "")
            if grade.hint
            else ""
        )
        return Told(grade.score, f"**{step.filled(grade.said)}**{hint}\n\n{step.filled(step.why)}")


def begin(slug: str) -> Session:
    """A lesson of this package; ValueError for a name that there is none of."""
    lessons: Mapping[str, Lesson] = load(check=False)[0]
    if slug not in lessons:
        raise ValueError(f"there is no lesson {slug!r}; there are {', '.join(lessons)}")
    return Session(lessons[slug])


def read(text: str) -> Session:
    """A lesson from the text of its file; LessonError with all that is wrong in it."""
    return Session(parse(text, "own"))


def _opening(lesson: Lesson, source: str) -> str:
    begun = f"notebook.read({source!r})" if source else f'notebook.begin("{lesson.slug}")'
    return f"import quantlab as ql\nfrom quantlab.learn import notebook\n\nlesson = {begun}"


def _show(state: str, views: Any) -> str:
    return f'ql.show("{state}", views=[{", ".join(f"{chr(34)}{view}{chr(34)}" for view in views)}])'


def _options(filled: Any, question: Question) -> str:
    """What there is to choose, numbered as the answer names it."""
    return "".join(f"\n{k}. {filled(option.label)}" for k, option in enumerate(question.options, start=1)).replace("\n1. ", "\n\n1. ", 1)


def _blank(question: Question, state: Any) -> str:
    """The gap for an answer, with its form beside it."""
    if question.kind == "draw":
        return f"...  # a list of {len(question.truth(state))}: {question.written_name} at {', '.join(question.truth(state))}"
    if question.kind == "mark":
        return f"...  # a list of {len(question.truth(state))}: where you put the {question.written_name}"
    form = {"number": f"a number{f', {question.unit}' if question.unit else ''}", "choice": "the number of an answer"}
    return f"...  # {form.get(question.kind, 'numbers of the answers in a list, the least first')}"


def _answer(question: Question, guess: Any) -> Any:
    """An answer as the question reads it; people count from 1."""
    if question.kind == "number":
        return str(guess)
    if question.kind == "choice":
        return int(guess) - 1
    listed = list(guess)
    if question.kind == "order":
        return [int(k) - 1 for k in listed]
    return [float(value) if math.isfinite(value) else value for value in listed]
