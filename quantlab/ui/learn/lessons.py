"""Lessons on the page: the map, and one step with its story, its prediction, and the live pictures of a lab."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from quantlab.caching import cache
from quantlab.film import unpack, with_header
from quantlab.labs.address import Address
from quantlab.labs.learn.lab import OWN
from quantlab.labs.text import markdown_safe
from quantlab.learn.inventory import inventories
from quantlab.learn.lesson import LARGEST, Lesson, LessonError, Step, load, parse
from quantlab.learn.topics import by_topic
from quantlab.ui import jobs, live
from quantlab.ui.image.films import shown
from quantlab.ui.learn.predictions import link_to, predict, reveal
from quantlab.ui.learn.progress import change, diary, forget
from quantlab.ui.page import Page

FOLDER = "QUANTLAB_LESSONS"  # of a teacher's own lessons
_OWN = "learn:own-lesson"


@cache
def shipped() -> Mapping[str, Lesson]:
    """The lessons of this package; the tests check them."""
    lessons, errors = load(check=False)
    assert not errors, errors
    return lessons


@cache
def brought() -> tuple[Mapping[str, Lesson], list[LessonError]]:
    """Those of the teacher's own folder, and what is wrong in others there."""
    folder = os.environ.get(FOLDER, "")
    return load(Path(folder)) if folder else ({}, [])


def all_lessons() -> dict[str, Lesson]:
    """Every lesson by its slug; one that this person brought is called ``own``."""
    own = st.session_state.get(_OWN)
    return {**shipped(), **brought()[0], **({OWN: own} if own else {})}


def asked_in_class() -> dict[str, Lesson]:
    """What a class can be asked: lessons, and the inventory before and after."""
    return {**all_lessons(), **inventories()}


def lesson_map(page: Page) -> None:
    """All lessons in their order, by topic, with what is done of each."""
    kept = diary()
    st.markdown(
        "Each lesson takes about ten minutes. It tells a story, asks what you expect, and shows what happens. "
        "**Who predicts first learns more than who only watches** (Crouch 2004)."
    )
    for topic, lessons in by_topic(all_lessons().values()).items():
        st.header(markdown_safe(topic), anchor=False)
        for row in _rows(lessons, 3):
            for column, lesson in zip(st.columns(3, gap="small"), row, strict=False):
                with column.container(border=True, height="stretch"):
                    done, steps = kept.done(lesson.slug), sum(step.question is not None for step in lesson.steps)
                    word = "Begin" if not done else "Go on" if done < steps else "Look again"
                    st.markdown(f"**{markdown_safe(lesson.title)}**")
                    st.caption(markdown_safe(lesson.about))
                    with st.container(horizontal=True, vertical_alignment="center"):
                        st.button(
                            word,
                            on_click=page.go,
                            args=(_query(lesson, min(done + 1, len(lesson.steps)), done < steps),),
                            key=f"begin-{lesson.slug}",
                            type="secondary",
                        )
                        st.caption(f"{done} of {steps} answered" if done else f"{steps} predictions")
    for error in brought()[1]:
        st.warning(markdown_safe(str(error)))
    if kept.lessons:
        with st.container(horizontal=True):
            st.download_button("What I answered (CSV)", kept.csv, "answers.csv", "text/csv", icon=":material/download:", on_click="ignore")
            st.button("Forget what I answered", on_click=forget, icon=":material/delete:", key="forget")
        st.caption("Your answers are kept by this browser, and nowhere else.")
    with st.expander("A lesson of your own"):
        _bring(page)


def _rows(lessons: list[Lesson], count: int) -> list[list[Lesson]]:
    return [lessons[k : k + count] for k in range(0, len(lessons), count)]


def _query(lesson: Lesson, step: int, going_on: bool = True) -> dict[str, str]:
    return {"lesson": lesson.slug} | ({"step": str(step)} if step > 1 and going_on else {})


def _bring(page: Page) -> None:
    """A file of a teacher's own; what is wrong in it is told by its lines."""
    st.caption("A Markdown file in the form that the README of the lessons states. It stays in this session only.")
    file = st.file_uploader("Lesson", None, max_upload_size=1, key="learn:own-file", label_visibility="collapsed")
    if file is None:
        return
    if file.size > LARGEST:
        st.error(f"This file has {file.size} bytes; a lesson has at most {LARGEST}.")
        return
    try:
        lesson = parse(file.getvalue().decode("utf-8"), OWN)
    except UnicodeDecodeError:
        st.error("This is no text in UTF-8; save it as such.")
        return
    except LessonError as error:
        st.error("\n".join(f"- line {line}: {markdown_safe(problem)}" for line, problem in error.problems))
        return
    st.session_state[_OWN] = lesson
    st.button(f"Begin: {lesson.title}", on_click=page.go, args=({"lesson": OWN},), key="begin-own")


def step_of(page: Page, address: Address) -> None:
    """One step of a lesson, or the end of it."""
    lesson = all_lessons().get(address["lesson"])
    if lesson is None:
        st.error("There is no such lesson here; choose one on the map.")
        st.button("To the map", on_click=page.go, args=({},), key="to-map")
        return
    number = min(address["step"], len(lesson.steps) + 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(markdown_safe(lesson.title), anchor=False, width="content")
        st.caption(f"Step {number} of {len(lesson.steps)}" if number <= len(lesson.steps) else "What to remember", width="content")
        st.space("stretch")
        st.button("All lessons", on_click=page.go, args=({},), type="tertiary", icon=":material/map:", key="to-map")
    if number > len(lesson.steps):
        _end(page, lesson)
        return
    step = lesson.steps[number - 1]
    text, beside = st.columns([2, 3], gap="medium")
    answer = diary().answer(lesson.slug, number)
    asked = step.question is not None and answer is None
    with text:
        if number == 1 and lesson.intro:
            st.markdown(lesson.intro)
        st.subheader(markdown_safe(step.title), anchor=False)
        st.markdown(step.filled(step.story))
        if step.question:
            predict(lesson, number, step, step.question) if asked else reveal(lesson, number, step, step.question, answer)
        if not asked:
            st.markdown(step.filled(step.why))
        _onward(page, lesson, number, asked)
    with beside:
        pictures(step, f"{lesson.slug}-{number}", locked=asked)


def _onward(page: Page, lesson: Lesson, number: int, asked: bool) -> None:
    with st.container(horizontal=True):
        if number > 1:
            st.button("Back", on_click=page.go, args=(_query(lesson, number - 1),), icon=":material/arrow_back:", key="lesson-back")
        word = "Skip" if asked else "Next" if number < len(lesson.steps) else "To the end"
        st.button(
            word,
            on_click=page.go,
            args=(_query(lesson, number + 1),),
            icon=":material/arrow_forward:",
            key="lesson-next",
            type="secondary" if asked else "primary",
        )


def pictures(step: Step, name: str, locked: bool) -> None:
    """The views of the step's lab, live; a prediction that is not made yet keeps what answers it under cover."""
    state = step.state
    if not locked and step.choices:
        stored = f"learn:{name}:{step.unlock}"
        titles = {value: _title(step, value) for value in step.choices}
        chosen = st.segmented_control(
            state.lab.table[step.unlock].name.replace("_", " ").capitalize(),
            step.choices,
            format_func=titles.__getitem__,
            key=stored,
            default=step.choices[0],
            required=True,
        )
        state = state.changed(f"{step.unlock}={chosen or step.choices[0]}")
    address = state.address()
    result = jobs.run_or_stop(state.lab.tasks(address, step.views)[-1])
    label, labels = str(address["bits"]), list(result.labels)
    unlocked = not locked and step.unlock == "bits"
    if unlocked:
        label = st.session_state.get(f"learn:{name}:bits", label)
        label = label if label in labels else str(address["bits"])
    group = f"lesson-{name}-{'free' if unlocked else 'still'}"
    for view in step.views:
        if view in result.films and not (locked and view in step.hidden):
            film = shown(result, view)
            live.film(with_header(film, group=group, level=label, **_still(film, label, unlocked)), key=f"lesson-{view}-{group}")
    if unlocked:
        title, rested = state.lab.table.titled(address, "bits"), lambda now: st.session_state.update({f"learn:{name}:bits": now})
        with st.bottom:
            live.slider(title, labels, labels.index(label), f"slider-{name}", rested, group=group)
    link_to(state, f"Open this in the {state.lab.title} lab")


def _again(page: Page, lesson: Lesson) -> None:
    change(lambda before: before.without(lesson.slug))
    page.go({"lesson": lesson.slug})


def _still(film: bytes, label: str, unlocked: bool) -> dict[str, Any]:
    """For a film that stands without a slider: it has the one label."""
    labels = unpack(film)[0].get("labels", [])
    return {} if unlocked or not labels or label not in labels else {"labels": [label], "at": [labels.index(label)]}


def _title(step: Step, value: str) -> str:
    """What a choice is called on the lab's own page."""
    address = step.state.changed(f"{step.unlock}={value}").address()
    described = [part for part in address.described if part not in step.state.address().described]
    return described[0] if described else value


def _end(page: Page, lesson: Lesson) -> None:
    kept = diary().lessons.get(lesson.slug, {})
    asked = sum(step.question is not None for step in lesson.steps)
    st.subheader("What to remember", anchor=False)
    st.markdown("\n".join(f"- {line}" for line in lesson.remember))
    if kept:
        right = sum(score >= 1 for score, _ in kept.values())
        st.markdown(f"You predicted **{right} of {asked}** before you saw it. What was wrong is what you have learnt.")
    lessons = list(all_lessons().values())
    after = lessons[lessons.index(lesson) + 1 :][:1]
    with st.container(horizontal=True):
        for following in after:
            st.button(
                f"Next lesson: {following.title}", on_click=page.go, args=({"lesson": following.slug},), type="primary", key="next-lesson"
            )
        st.button("Go through it again", on_click=_again, args=(page, lesson), key="again")
        st.button("All lessons", on_click=page.go, args=({},), key="to-map-end")
    _take_along(lesson)


def _take_along(lesson: Lesson) -> None:
    """The lesson as a notebook and as one file, each made when it is asked for."""
    st.caption("Take it with you")
    with st.container(horizontal=True):
        if lesson.slug in shipped():
            st.download_button(
                "As a notebook",
                partial(_notebook, lesson),
                f"{lesson.slug}.ipynb",
                "application/x-ipynb+json",
                icon=":material/code_blocks:",
                on_click="ignore",
                help="It runs where QuantLab is installed; quantlab learn notebook writes one of a lesson of your own",
                key="as-notebook",
            )
        st.download_button(
            "As one HTML file",
            partial(_whole, lesson),
            f"{lesson.slug}.html",
            "text/html",
            icon=":material/html:",
            on_click="ignore",
            help="All steps with their questions, checks and live pictures, to play without a server or a network",
            key="as-html",
        )


def _notebook(lesson: Lesson) -> str:
    from quantlab.learn.notebook import text_of

    return text_of(lesson)


def _whole(lesson: Lesson) -> str:
    from quantlab.export.site import whole

    return whole(lesson)
