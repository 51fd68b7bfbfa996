"""Exercises on the page: the list, and one with one's own numbers, three hints, the mistake by name, and the worked solution."""

from __future__ import annotations

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.text import markdown_safe
from quantlab.learn.exercises import EXERCISES, Exercise, Grade, Problem, grade
from quantlab.learn.measures import state_of
from quantlab.learn.topics import by_topic
from quantlab.ui.learn import handing_in
from quantlab.ui.learn.predictions import link_to
from quantlab.ui.learn.progress import change, diary
from quantlab.ui.page import Page

_GIVEN = "learn:given"  # of an exercise with its numbers: the last answer, hints opened, whether the solution is asked for


def listed(page: Page) -> None:
    """All exercises by topic, with the best score so far."""
    st.markdown("Each with numbers of your own: take new ones as often as you like. A usual mistake is met by its name.")
    done = diary().exercises
    for topic, exercises in by_topic(EXERCISES.values()).items():
        st.header(topic, anchor=False)
        with st.container(horizontal=True, gap="small"):
            for exercise in exercises:
                best = done.get(exercise.slug, (0.0, 0))[0]
                icon = ":material/check_circle:" if best >= 1 else ":material/edit:"
                st.button(exercise.title, on_click=page.go, args=(_query(exercise, 0),), icon=icon, key=f"exercise-{exercise.slug}")
    if done:
        st.download_button("What I answered (CSV)", diary().csv, "answers.csv", "text/csv", icon=":material/download:", on_click="ignore")
    with st.expander("A transcript to hand in, or one to check"):
        handing_in.transcript()
    with st.expander("A worksheet to print"):
        handing_in.worksheet()


def one(page: Page, address: Address) -> None:
    """One exercise with its numbers."""
    exercise, seed = EXERCISES.get(address["exercise"]), address["numbers"]
    if exercise is None:
        st.error("There is no such exercise here; choose one of the list.")
        st.button("To the list", on_click=page.go, args=({"part": "exercises"},), key="to-list")
        return
    problem, key = exercise.generate(seed), f"{_GIVEN}:{exercise.slug}:{seed}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(exercise.title, anchor=False, width="content")
        st.space("stretch")
        st.button("All exercises", on_click=page.go, args=({"part": "exercises"},), type="tertiary", icon=":material/list:", key="to-list")
    text, help_ = st.columns([3, 2], gap="large")
    with text:
        st.markdown(problem.text)
        found = _answered(exercise, problem, seed, key)
        if found:
            _told(found)
        with st.container(horizontal=True):
            st.button("New numbers", on_click=page.go, args=(_query(exercise, seed + 1),), icon=":material/casino:", key="new-numbers")
            link_to(state_of(exercise.see), "See it in a lab")
    with help_:
        _help(problem, key, bool(found and found.score >= 1))


def _query(exercise: Exercise, seed: int) -> dict[str, str]:
    return {"part": "exercises", "exercise": exercise.slug} | ({"numbers": str(seed)} if seed else {})


def _answered(exercise: Exercise, problem: Problem, seed: int, key: str) -> Grade | None:
    """The fields, and the grade of what was handed in with these numbers."""
    with st.form(f"{key}:form", border=False):
        if problem.judge:
            texts = [st.text_input("The address of your state", key=f"{key}:address", placeholder="tensor?bits=4&granularity=…")]
        else:
            texts = [
                st.text_input(f"{asked.label}{f', {asked.unit}' if asked.unit else ''}", key=f"{key}:{i}")
                for i, asked in enumerate(problem.asked)
            ]
        sent = st.form_submit_button("Hand in", type="primary")
    if sent:
        try:
            found = grade(problem, texts)
        except ValueError as told:
            st.error(markdown_safe(str(told)) if not problem.judge else str(told))
            return None
        st.session_state[key] = found
        change(lambda before: before.with_exercise(exercise.slug, found.score, seed, texts))
    kept: Grade | None = st.session_state.get(key)
    return kept


def _told(found: Grade) -> None:
    (st.success if found.score >= 1 else st.warning)(found.said)
    if found.mistake:
        st.info(f"**{found.mistake.title.capitalize()}?** {found.hint}")
        link_to(state_of(found.mistake.see), "See why")


def _help(problem: Problem, key: str, right: bool) -> None:
    """Hints in three steps, then the worked solution."""
    opened = st.session_state.get(f"{key}:hints", 0)
    for k, hint in enumerate(problem.hints[:opened]):
        st.markdown(f"**Hint {k + 1}.** {hint}")
    if opened < 3 and not right:
        st.button(
            "A hint" if not opened else "Another hint",
            on_click=_open,
            args=(f"{key}:hints", opened + 1),
            icon=":material/lightbulb:",
            key="hint",
        )
    if right or st.session_state.get(f"{key}:solution"):
        st.markdown(f"**Solution.** {problem.solution}")
    elif opened >= 3:
        st.button("The worked solution", on_click=_open, args=(f"{key}:solution", 1), icon=":material/menu_book:", key="solution")


def _open(key: str, count: int) -> None:
    st.session_state[key] = count
