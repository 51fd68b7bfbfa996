"""The diary of this session: what the browser kept, and what was answered since."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.learn.diary import Diary, read
from quantlab.ui import live

_DIARY = "learn:diary"
_FORGOTTEN = "learn:diary-forgotten"
_TOLD = "learn:diary-told"  # whether the browser has said what it kept


def diary() -> Diary:
    """What this person has answered so far."""
    kept: Diary = st.session_state.get(_DIARY, Diary())
    return kept


def change(how: Callable[[Diary], Diary]) -> None:
    """Answer, or begin again."""
    st.session_state[_DIARY] = how(diary())


def keep() -> None:
    """Let the browser keep it; drawn once in every run."""

    def told(text: str) -> None:
        before = read(text)
        now = diary()
        st.session_state[_DIARY] = Diary(
            {**before.lessons, **now.lessons}, {**before.exercises, **now.exercises}, {**before.work, **now.work}
        )
        st.session_state[_TOLD] = True

    text = diary().text or ("{}" if st.session_state.get(_FORGOTTEN) else "")
    live.diary(text, bool(st.session_state.get(_TOLD)), "learn-diary", told)


def forget() -> None:
    """Everything that was answered is gone, here and in the browser."""
    st.session_state[_DIARY] = Diary()
    st.session_state[_FORGOTTEN] = True
