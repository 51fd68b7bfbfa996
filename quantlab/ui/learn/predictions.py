"""Predictions on the page: the question with the way to answer it, and how near the answer was, with the wrong idea behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from quantlab.labs.text import markdown_safe
from quantlab.learn.lesson import Lesson, Step
from quantlab.learn.marks import picture
from quantlab.learn.measures import State, state_of
from quantlab.learn.questions import Grade, Question, axis_of
from quantlab.ui import live
from quantlab.ui.learn.progress import change

_PUT = "learn:put"  # a curve or marks that are not yet handed in, by lesson and step
_FIRST = {"draw": "Draw first", "mark": "Move a mark first"}
_ON_PICTURE = tuple(_FIRST)


def predict(lesson: Lesson, number: int, step: Step, question: Question) -> None:
    """The question and the way to answer it."""
    st.markdown(f"**What do you expect?** {step.filled(question.text)}")
    key = f"learn:{lesson.slug}:{number}"
    answer: Any = None
    if question.kind in _ON_PICTURE:
        answer = _on_picture(lesson, number, step, question)
    else:
        with st.form(f"{key}:form", border=False):
            if question.kind == "number":
                unit = f", {question.unit}" if question.unit else ""
                answer = st.text_input(f"Your number{unit}", key=f"{key}:number")
            elif question.kind == "choice":
                labels = [step.filled(option.label) for option in question.options]
                answer = st.radio(
                    "Your answer",
                    range(len(labels)),
                    format_func=labels.__getitem__,
                    index=None,
                    key=f"{key}:choice",
                    label_visibility="collapsed",
                )
            else:
                labels = [step.filled(option.label) for option in question.options]
                answer = st.multiselect(
                    "The least first",
                    range(len(labels)),
                    format_func=labels.__getitem__,
                    key=f"{key}:order",
                    placeholder="Choose one after another",
                )
            sent = st.form_submit_button("That is what I expect", type="primary")
        if not sent:
            return
    if answer is None and question.kind in _ON_PICTURE:
        return
    try:
        grade = question.grade(step.state, answer)
    except ValueError as problem:
        st.error(markdown_safe(str(problem)))
        return
    kept = [int(v) for v in answer] if question.kind == "order" else answer
    change(lambda before: before.with_answer(lesson.slug, number, grade.score, kept))
    st.rerun()


def _on_picture(lesson: Lesson, number: int, step: Step, question: Question) -> list[float] | None:
    """A curve as it is drawn, or marks as they are put; what is handed in, if it is."""
    key, name = f"{_PUT}:{lesson.slug}:{number}", f"{question.kind}-{lesson.slug}-{number}"
    truth, put = question.truth(step.state), lambda values: st.session_state.update({key: values})
    if question.kind == "draw":
        live.draw(question.written_name, list(truth), axis_of(truth), question.unit, None, None, name, put)
    else:
        live.mark(question.written_name, marked(step, None, None), name, put)
    sent = st.button(
        "That is what I expect",
        type="primary",
        key=f"{key}:sent",
        disabled=key not in st.session_state,
        help=_FIRST[question.kind] if key not in st.session_state else None,
    )
    return st.session_state[key] if sent else None


def marked(
    step: Step, guess: Sequence[float] | None, truth: Sequence[float] | None, cloud: Sequence[Sequence[float]] = ()
) -> dict[str, Any]:
    """The picture on which a step's marks are put, with those of one person or of many, and their places."""
    assert step.question is not None, "a step without a question has no marks"
    base = picture(step.question.measure, step.state)
    return asdict(base) | {"count": len(step.question.truth(step.state)), "guess": guess, "truth": truth, "cloud": list(cloud)}


def reveal(lesson: Lesson, number: int, step: Step, question: Question, answer: Any) -> None:
    """How near the prediction was, what the wrong idea was, and the way to try again."""
    st.markdown(f"**What do you expect?** {step.filled(question.text)}")
    try:
        grade = question.grade(step.state, answer)
    except ValueError:  # an answer of an older form of the lesson
        grade = Grade(0.0, "Your answer does not fit the question as it is now.")
    if question.kind in _ON_PICTURE:
        _laid_over(lesson, number, step, question, answer)
    if question.kind == "choice" and answer in range(len(question.options)):
        st.caption(f"You said: {step.filled(question.options[answer].label)}")
    tell(step, grade)


def _laid_over(lesson: Lesson, number: int, step: Step, question: Question, answer: Any) -> None:
    """The truth over what was drawn or marked."""
    truth, name = question.truth(step.state), f"{question.kind}-{lesson.slug}-{number}"
    guess = answer if isinstance(answer, list) and len(answer) == len(truth) else None
    if question.kind == "draw":
        shown = [v if abs(v) < float("inf") else None for v in truth.values()] if guess else None
        live.draw(question.written_name, list(truth), axis_of(truth), question.unit, guess, shown, name, lambda values: None)
    elif guess:
        live.mark(question.written_name, marked(step, guess, truth), name, lambda values: None)


def tell(step: Step, grade: Grade) -> None:
    """How near an answer was, and the hint to the wrong idea behind it with the state that refutes it."""
    (st.success if grade.right else st.warning)(step.filled(grade.said))
    if grade.hint:
        st.info(step.filled(grade.hint.text))
        if grade.hint.see:
            link_to(state_of(grade.hint.see), "See it")


def link_to(state: State, label: str) -> None:
    """A way into a lab, at this state."""
    st.page_link(f"{state.page}.py", label=label, icon=":material/science:", query_params=dict(state.query))
