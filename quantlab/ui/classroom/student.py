"""A student's page: the class's question beside its live pictures, and after the reveal what was right and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from quantlab.classroom.questions import Grader, place_of, step_of
from quantlab.classroom.rules import Mode, Phase
from quantlab.labs.text import markdown_safe
from quantlab.learn.inventory import inventories
from quantlab.learn.lesson import Step
from quantlab.ui import live
from quantlab.ui.classroom.results import results
from quantlab.ui.classroom.shared import STORED
from quantlab.ui.learn.lessons import asked_in_class, pictures
from quantlab.ui.learn.predictions import tell
from quantlab.ui.page import Page

if TYPE_CHECKING:
    from quantlab.classroom.state import State
    from quantlab.classroom.store import Store

_TOLD = "class:told"  # by code: what the student's browser said last


def page_of(page: Page, code: str, store: Store) -> None:
    """The class as a student sees it."""
    state = store.state(code)
    step = step_of(state.question, asked_in_class()) if state.question else None
    told = st.session_state.get(_TOLD, {}).get(code)

    def moved(what: Mapping[str, Any]) -> None:
        st.session_state[_TOLD] = {**st.session_state.get(_TOLD, {}), code: what}

    st.header(f"Class {code}", anchor=False)
    text, beside = st.columns([2, 3], gap="medium")
    with text:
        head, ask, after = st.container(), st.container(), st.container()  # so that the browser's part stays where it is
    with head:
        if step and step.question:
            st.subheader(markdown_safe(step.title), anchor=False)
            st.markdown(step.filled(step.story))
            st.markdown(f"**What do you expect?** {step.filled(step.question.text)}")
            if state.round == 2 and state.phase is Phase.OPEN:
                st.caption("Second vote: talk about it with your neighbour, then answer again.")
        elif state.mode is Mode.OWN:
            _offered(page, state)
    with ask:
        live.student(code, state.stand, told is not None, state.description if step else None, "class-student", moved)
    with after:
        if step and state.phase is Phase.REVEALED and told:
            _revealed(step, state, told)
        st.caption(f"{STORED} Everything is deleted on {datetime.fromtimestamp(state.expires_at, UTC):%d %B %Y}.")
    with beside:
        if step and told:
            lesson, number = place_of(state.question)
            pictures(step, f"class-{lesson}-{number}", locked=state.phase is not Phase.REVEALED)


def _offered(page: Page, state: State) -> None:
    """The lessons of a class whose students go on their own."""
    st.markdown("Go through these lessons; what you answer first goes to the class.")
    lessons = asked_in_class()
    for slug in state.offered:
        if slug in lessons:
            st.button(
                lessons[slug].title,
                on_click=page.go,
                args=({"part": "inventory"} if slug in inventories() else {"lesson": slug},),
                icon=":material/school:",
                key=f"offered-{slug}",
            )


def _revealed(step: Step, state: State, told: Mapping[str, Any]) -> None:
    """How near the student's own answer was, what all answered, and why."""
    answer = told.get("answer") if (told.get("question"), told.get("round")) == (state.question, state.round) else None
    grade = Grader(asked_in_class()).grade(state.question, answer) if answer is not None else None
    if grade:
        tell(step, grade)
    if state.results:
        results(state.results, step, "class-results")
    st.markdown(step.filled(step.why))
