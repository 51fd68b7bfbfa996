"""The concept inventory on the page: 25 questions at once; what was wrong by its name; the reasons once it was taken twice."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from quantlab.labs.text import fixed
from quantlab.learn.diary import Diary
from quantlab.learn.inventory import AFTER, BEFORE, hake, inventories
from quantlab.learn.lesson import Lesson, Step
from quantlab.ui.learn.progress import change, diary

_AGAIN = "inventory:again"  # of a session: whether it is taken after the course now


def taken() -> None:
    """The form, or what came of it."""
    kept, lessons = diary(), inventories()
    before, after = kept.lessons.get(BEFORE), kept.lessons.get(AFTER)
    count = len(lessons[BEFORE].steps)
    if not before:
        st.markdown(
            f"{count} questions, before a course and after it. Answer without looking anything up; nothing is told until you hand in."
        )
        _form(lessons[BEFORE])
    elif not after and st.session_state.get(_AGAIN):
        st.markdown("The same questions, after the course.")
        _form(lessons[AFTER])
    elif not after:
        st.markdown(f"**{_right(kept, BEFORE)} of {count}** are right. Which ones is told once you have taken it again, after the lessons.")
        _misconceptions(kept, lessons[BEFORE])
        st.button("Take it again, after the course", on_click=_again, type="primary", key="inventory-again")
    else:
        first, second = _right(kept, BEFORE), _right(kept, AFTER)
        gain = hake(first, second, count)
        won = f" You won {fixed(gain, 2)} of what there was to win (Hake's gain)." if gain is not None else ""
        st.markdown(f"**{first} of {count}** were right before, **{second}** after.{won}")
        _misconceptions(kept, lessons[AFTER])
        _reasons(kept, lessons[AFTER])


def _again() -> None:
    st.session_state[_AGAIN] = True


def _right(kept: Diary, slug: str) -> int:
    return sum(score >= 1 for score, _ in kept.lessons.get(slug, {}).values())


def _labels(step: Step) -> list[str]:
    assert step.question is not None, "every item asks"
    return [step.filled(option.label) for option in step.question.options]


def _form(lesson: Lesson) -> None:
    """All questions; what is missing is said, and nothing that was chosen is lost."""
    with st.form(f"{lesson.slug}-form", border=False):
        given = []
        for number, step in enumerate(lesson.steps, start=1):
            assert step.question is not None, "every item asks"
            labels = _labels(step)
            st.markdown(f"**{number}.** {step.filled(step.question.text)}")
            given.append(
                st.radio(
                    f"{number}. {step.title}",
                    range(len(labels)),
                    format_func=labels.__getitem__,
                    index=None,
                    key=f"{lesson.slug}:{number}",
                    label_visibility="collapsed",
                )
            )
        sent = st.form_submit_button("Hand in", type="primary")
    if not sent:
        return
    if missing := [str(number) for number, answer in enumerate(given, start=1) if answer is None]:
        st.error(f"Choose an answer to {'question' if len(missing) == 1 else 'questions'} {', '.join(missing)}; a guess is welcome.")
        return
    with st.spinner("Computing the answers…"):
        for number, (step, answer) in enumerate(zip(lesson.steps, given, strict=True), start=1):
            assert step.question is not None, "every item asks"
            score = step.question.grade(step.state, answer).score
            change(lambda kept, number=number, score=score, answer=answer: kept.with_answer(lesson.slug, number, score, answer))  # type: ignore[misc]
    st.rerun()


def _misconceptions(kept: Diary, lesson: Lesson) -> None:
    """What stood behind the wrong answers, the most frequent first."""
    names: Counter[str] = Counter()
    for number, (score, answer) in kept.lessons.get(lesson.slug, {}).items():
        question = lesson.steps[number - 1].question if number <= len(lesson.steps) else None
        if question and score < 1 and answer in range(len(question.options)) and (hint := question.options[answer].hint):
            names[hint.text] += 1
    if names:
        st.markdown(
            "What may stand behind the others:\n"
            + "\n".join(f"- {name}" + (f" ({n} times)" if n > 1 else "") for name, n in names.most_common())
        )


def _reasons(kept: Diary, lesson: Lesson) -> None:
    """Every question with both answers and the reason."""
    for number, step in enumerate(lesson.steps, start=1):
        marks = ["✓" if kept.lessons.get(slug, {}).get(number, (0.0, 0))[0] >= 1 else "✗" for slug in (BEFORE, AFTER)]
        with st.expander(f"{number}. {step.title}: {marks[0]} before, {marks[1]} after"):
            assert step.question is not None, "every item asks"
            truth = step.question.truth(step.state)
            st.markdown(f"{step.filled(step.question.text)}\n\n**{_labels(step)[truth]}.** {step.filled(step.why)}")
