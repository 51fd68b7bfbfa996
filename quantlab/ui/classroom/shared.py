"""What the pages of a class share: buttons that may be refused, the ways in which a class goes, and what is said of what is stored."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.rules import Mode, Refusal

PROBLEM = "class:problem"  # of a session: what a button could not do
MODES = {Mode.FOLLOW: "All at the teacher's step", Mode.OWN: "Each on their own"}
STORED = "Stored are nicknames, answers, and when they came; no address, no account. Nobody but who has the teacher's link sees who answered what."


def tried(do: Callable[[], object]) -> bool:
    """Do it from a button's callback; what is refused or does not work is said above the page."""
    try:
        do()
    except (Refusal, StoreProblem) as problem:
        st.session_state[PROBLEM] = str(problem)
        return False
    return True
