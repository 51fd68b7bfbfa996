"""The blind test of the audio lab: trial after trial, the score at the end, and what all tests of a session say.

The run, and with it the order, stays in the session's state on the server; the browser gets the sounds of one trial.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from quantlab.audio.abx import MOST_TRIALS, SIDES, Run
from quantlab.audio.excerpt import equally_loud, most_different
from quantlab.film import unpack
from quantlab.labs.audio.abx import summary, trial_film, verdict
from quantlab.labs.audio.result import AudioResult
from quantlab.ui import live, present
from quantlab.ui.paper import on_screen_alone

_TEST, _SCORES = "audio:abx", "audio:abx-scores"
_HEARD = "audio:abx-heard"  # the trial whose X was listened to, beside A or B


@dataclass(frozen=True, eq=False)
class _Test:
    """One listener's test under way: A is the original, B the level ``label``; ``film`` is the trial that is heard now."""

    of: object
    label: str
    run: Run
    a: np.ndarray
    b: np.ndarray
    rate: int
    film: bytes


def blind_test(result: AudioResult, label: str) -> None:
    """The test as far as it is, and its next step."""
    if present.embedded():
        return
    test: _Test | None = st.session_state.get(_TEST)
    scores = _scores().get(result.request.key)
    told = scores is not None or (test is not None and test.run.finished)
    with st.container() if told else on_screen_alone("abx"):  # paper has the outcome, and nothing before there is one
        st.header("Do you hear it, or do you know it?", anchor=False)
        _next_step(test, result, label)
        if scores:
            st.markdown(summary(scores))


def _next_step(test: _Test | None, result: AudioResult, label: str) -> None:
    if test is None:
        st.markdown("A is the original, B this level, X one of them by chance, all equally loud. Say which, up to 16 times.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            trials = st.segmented_control("Trials", [5, 8, 12, MOST_TRIALS], default=MOST_TRIALS, required=True, key="audio:trials")
            title = f"Begin at {label} {'bits' if label.isdigit() else ''}".strip()
            st.button(title, on_click=_begin, args=(result, label, trials), key="abx-begin", icon=":material/hearing:")
    elif test.run.finished:
        st.markdown(f"{test.label}{' bits' if test.label.isdigit() else ''}: {verdict(test.run.right, test.run.trials)}")
        st.button("Another test", on_click=_end, key="abx-end")
    else:
        _trial(test)


def _trial(test: _Test) -> None:
    view = test.run.view()
    level = f"{test.label} bits" if test.label.isdigit() else test.label
    st.markdown(f"**Trial {view['done'] + 1} of {view['of']}**: A is the original, B is {level}. What is X?")
    live.abx(test.film, key="abx", on_heard=lambda trial: st.session_state.update({_HEARD: trial}))
    unheard = st.session_state.get(_HEARD) != unpack(test.film)[0]["id"]
    advice = "Hear X, and A or B, first" if unheard else None
    with st.container(horizontal=True):
        for side in SIDES:
            arguments = (side, view["done"])
            st.button(f"X is {side}", on_click=_answer, args=arguments, key=f"abx-{side.lower()}", disabled=unheard, help=advice)
        st.button("Give up", on_click=_end, key="abx-stop", type="tertiary")


def _begin(result: AudioResult, label: str, trials: int) -> None:
    x, rate, heard = result.x, result.frames.rate, result.heard(label)
    where = most_different(x, heard, rate)
    a, b = equally_loud(x[where], heard[where], rate)
    run = Run(secrets.randbits(64), trials)
    st.session_state[_TEST] = _Test(result.request.key, label, run, a, b, rate, trial_film(run, a, b, rate))


def _answer(side: str, trial: int) -> None:
    test: _Test | None = st.session_state.get(_TEST)
    if test is None or len(test.run.given) != trial:
        return  # the second click of a double click: its trial is over
    run = test.run.answer(side)
    if not run.finished:
        st.session_state[_TEST] = replace(test, run=run, film=trial_film(run, test.a, test.b, test.rate))
        return
    st.session_state[_TEST] = replace(test, run=run)
    if test.label.isdigit():
        scores = _scores().setdefault(test.of, {})
        right, trials = scores.get(int(test.label), (0, 0))
        scores[int(test.label)] = (right + run.right, trials + run.trials)


def _end() -> None:
    st.session_state.pop(_TEST, None)


def _scores() -> dict[object, dict[int, tuple[int, int]]]:
    return st.session_state.setdefault(_SCORES, {})
