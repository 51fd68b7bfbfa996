"""The way into a class: by its code, as its teacher, or by opening one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from quantlab.classroom.limits import GUARD
from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.rules import LONGEST_RETENTION, RETENTION_DAYS, Mode, Refusal, read_code
from quantlab.labs.address import Address
from quantlab.labs.text import markdown_safe
from quantlab.packages import absent, install_command
from quantlab.ui import live
from quantlab.ui.classroom.shared import MODES, PROBLEM, STORED, tried
from quantlab.ui.page import Page

if TYPE_CHECKING:
    from quantlab.classroom.store import Store
    from quantlab.classroom.teacher import Teacher

_SECRETS = "class:secrets"  # code -> the teacher's secret, "" for students: what this browser told


def room(page: Page, address: Address) -> None:
    """A class, or the door to one; what is wrong with the database or the code is said."""
    if missing := absent("class"):
        st.error("Classes need more on this server. This command brings what is missing; start the app anew after it.")
        st.code(install_command(missing), language=None)
        return
    from quantlab.classroom.store import shared  # SQLAlchemy, half a second

    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(markdown_safe(problem))
    try:
        if address["code"]:
            _inside(page, address, shared())
        else:
            shared().sweep()  # what is wrong with the database is said before somebody opens a class
            _door(page)
    except StoreProblem as problem:
        st.error(markdown_safe(str(problem)))
    except Refusal as refusal:
        st.error(markdown_safe(str(refusal)))
        st.button("Another class", on_click=page.go, args=({"part": "class"},), key="to-door")


def _door(page: Page) -> None:
    """Join a class by its code, or open one."""
    join, begin = st.columns(2, gap="large")
    with join:
        st.header("Join a class", anchor=False)
        with st.form("class-join", border=False):
            text = st.text_input("Code of the class", placeholder="five letters", max_chars=20)
            if st.form_submit_button("To the class", type="primary"):
                try:
                    code = read_code(text)
                except Refusal as refusal:
                    st.error(markdown_safe(str(refusal)))
                else:
                    page.go({"part": "class", "code": code})
                    st.rerun()
        st.caption("No account is needed: a nickname, or nothing.")
    with begin:
        st.header("Open a class", anchor=False)
        mode = st.segmented_control(
            "Students go", MODES, format_func=MODES.__getitem__, default=Mode.FOLLOW, required=True, key="class-mode"
        )
        days = st.number_input("Days until everything is deleted", 1, LONGEST_RETENTION, RETENTION_DAYS, key="class-days")
        st.button("Open a class", on_click=_open, args=(page, mode, days), type="primary", key="class-open")
        st.caption(STORED)


def _open(page: Page, mode: str, days: int) -> None:
    from quantlab.classroom.store import shared

    def do() -> None:
        opened = shared().open_class(mode, int(days))
        _tell(opened.code, opened.secret)
        page.go({"part": "class", "code": opened.code})

    tried(do)


def _tell(code: str, secret: str) -> None:
    st.session_state[_SECRETS] = {**st.session_state.get(_SECRETS, {}), code: secret}


def _inside(page: Page, address: Address, store: Store) -> None:
    """The class as whoever this browser is sees it."""
    code = read_code(address["code"])

    def hear(told: Mapping[str, str]) -> None:
        if told.get("code") == code and isinstance(secret := told.get("secret"), str):
            _tell(code, secret[:200])

    secret = st.session_state.get(_SECRETS, {}).get(code)
    live.secret(code, secret or "", secret is not None, "class-secret", hear)
    if secret is None:
        st.caption("Opening the class…")
        return
    if secret and (teacher := _teacher(store, code, secret)):
        from quantlab.ui.classroom import teacher as of_teacher

        of_teacher.pages(page, address, teacher, secret)
    else:
        from quantlab.ui.classroom import student

        student.page_of(page, code, store)


def _teacher(store: Store, code: str, secret: str) -> Teacher | None:
    """The class in its teacher's hands; None, and a sentence, where the secret is another one."""
    here = st.context.ip_address or ""
    try:
        GUARD.check(here)
        return store.teacher(code, secret)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        if refusal.status == 403:
            GUARD.failed(here)
            _tell(code, "")
        st.warning(f"{markdown_safe(str(refusal))} You see what students see.")
        return None
