"""The query of the URL, read and written; a click is not lost where its run is cut off before the browser has heard of its URL."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_RUNNING = "url:running"  # of a session: whether a run has begun that did not come to its end
_CUT_OFF = "url:cut-off"  # whether this run has cut off the one before
_MOVED = "url:moved"  # the query before and after it was last written, and when
_ON_ITS_WAY = 10.0  # seconds in which the browser hears of it, on a slow line


def begin_run() -> None:
    """A run of the script begins; ``end_run`` says where it came to its end and nothing has cut it off."""
    if by_history():
        st.session_state.pop(_MOVED, None)
    st.session_state[_CUT_OFF] = st.session_state.get(_RUNNING, False)
    st.session_state[_RUNNING] = True


def end_run() -> None:
    """The page stands as a whole."""
    st.session_state[_RUNNING] = False


def write(query: Mapping[str, str]) -> None:
    """Set the query of the URL, from a run or a callback."""
    st.session_state[_MOVED] = (st.query_params.to_dict(), dict(query), time.monotonic())
    if _RUNNING in st.session_state:  # a callback's run has begun, and may be cut off before its first line
        st.session_state[_RUNNING] = True
    st.query_params.from_dict(dict(query))


def by_history() -> bool:
    """Whether this run was asked for by the browser's back or forward."""
    run = get_script_run_ctx(suppress_warning=True)
    return run is not None and run.is_history_navigation


def session() -> str | None:
    """A name for the session whose script runs; None outside of one."""
    run = get_script_run_ctx(suppress_warning=True)
    return None if run is None else run.session_id


def read() -> dict[str, str]:
    """The query of the URL.

    A run that cuts another one off was often asked for before the browser had heard of the URL that the other wrote, and brings the
    one before: a click would be lost with it. So what the other wrote holds, unless the person went back or forward
    since, which ``begin_run`` hears. Where Streamlit does not tell it, ``live/back.js`` asks again.
    """
    query = st.query_params.to_dict()
    if st.session_state.get(_CUT_OFF) and _MOVED in st.session_state:
        before, after, at = st.session_state[_MOVED]
        return dict(after) if query == before and time.monotonic() < at + _ON_ITS_WAY else query
    return query
