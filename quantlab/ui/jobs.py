"""Long work on a page: progress with the time left, and a button that cancels it."""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from quantlab.labs.text import rounded_percent
from quantlab.tasks import ENGINE, Cancelled, Job, Task
from quantlab.ui import url

T = TypeVar("T")
OLDER = "What is dimmed shows the state before."
# While work is under way alone: what is older is dimmed as a whole, and says so. The browser looks for :has at every change.
_DIMMED = """<style>
[class*=st-key-older] { display: none; }
[data-testid=stApp]:has([data-testid=stMain] [data-stale=true]) [class*=st-key-older] { display: block; }
[data-stale=true] { opacity: .33; transition: none; }
</style>"""
_PAUSED = "Paused. Finished epochs are kept on disk, and the training goes on from the last of them."
_QUIET = 0.5  # seconds before anything is drawn about it, which costs the browser as much again as the page that it waits for
_CANCELLED = "jobs:cancelled"  # of a session: the key of the work that it cancelled
_DRAWN = "jobs:drawn"  # of a session: how many pieces of work this run of the script has drawn


def begin_run() -> None:
    """A run of the script begins: the first work that it draws stands where the run before drew its first."""
    st.session_state[_DRAWN] = 0


def run(task: Task[T]) -> T:
    """The task's result; shows progress while it is computed.

    Raises what its steps raise, and ``Cancelled`` where this session cancelled it, until ``again``.
    """
    for part in task.needs:
        run(part)
    if st.session_state.get(_CANCELLED) == task.key:
        raise Cancelled
    while True:
        job = ENGINE.join(task, url.session())
        try:
            if not job.finished.wait(_QUIET):
                _show(job, task)
        finally:
            ENGINE.leave(job)
        if not isinstance(job.error, Cancelled):  # else who worked at it gave up: it is begun anew
            break
    if job.error is not None:
        raise job.error
    result: T = job.result
    return result


def run_or_stop(task: Task[T]) -> T:
    """The task's result for a page: where the session cancelled, it says so, offers to go on, and the page ends here."""
    try:
        return run(task)
    except Cancelled:
        st.info(_PAUSED if task.resumes else "Cancelled. The controls are as you left them.")
        st.button("Go on" if task.resumes else "Compute it after all", on_click=again)
        url.end_run()
        st.stop()


def again() -> None:
    """Forget that this session cancelled its work."""
    st.session_state.pop(_CANCELLED, None)


def _show(job: Job, task: Task[T]) -> None:
    """Draw progress until the job is finished; the script stops here when the person changes something.

    One run may draw several: parts of a work, one begun anew, what is shown in place of what failed. So keys are counted, not named.
    """
    place, number = st.empty(), st.session_state.get(_DRAWN, 0)
    st.session_state[_DRAWN] = number + 1
    with place.container(horizontal=True, vertical_alignment="center"):
        st.html(_DIMMED)
        bar = st.progress(0.0, text=task.title)
        with st.container(key=f"older-{number}", width="content"):  # the page's style shows it where there is something older
            st.caption(OLDER)
        st.button("Pause" if task.resumes else "Cancel", on_click=_cancel, args=(task,), key=f"cancel-{number}")
    last = None
    while not job.finished.wait(0.4):
        now = min(job.done / job.total, 1.0), f"{task.title}: {_said(job)}"
        if now != last:  # a class that waits for one thing would else be told the same all the time
            bar.progress(now[0], text=now[1])
            last = now
    place.empty()


def _said(job: Job) -> str:
    """How far it is, or where it stands in the line. In per cent: steps count parts of a work, and nothing that a person knows."""
    if job.place:
        return "waiting for a worker, next in line" if job.place == 1 else f"waiting for a worker, {job.place - 1} before you"
    left = f", {job.seconds_left:.0f} s left" if job.done > (job.begun or 0) else ""
    return f"{rounded_percent(min(job.done / job.total, 1.0))}{left}"


def _cancel(task: Task[T]) -> None:
    st.session_state[_CANCELLED] = task.key  # the run that waits ends with this click, and takes its interest with it
