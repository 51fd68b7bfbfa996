"""How does long work stay kind? It shows progress and the time left, can be cancelled, and is done once for all.

The core writes generators that yield (done, total) and return a result. ``run`` drives one in a thread of its own,
keyed by what it computes: a second person who asks for the same waits for the same work, and the result is kept.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_KEEP = 64  # results, the least recently used go first
_QUIET = 0.25  # seconds before anything is drawn about it


class Cancelled(Exception):
    """Nobody waits for the work any more, or somebody pressed cancel."""


@dataclass
class Job:
    """One piece of work under way."""

    done: int = 0
    total: int = 1
    started: float = field(default_factory=time.monotonic)
    finished: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None
    waiting: int = 0
    cancelled: bool = False

    @property
    def seconds_left(self) -> float:
        spent = time.monotonic() - self.started
        return spent * (self.total - self.done) / max(self.done, 1)


_lock = threading.Lock()
_running: dict[Hashable, Job] = {}
_results: OrderedDict[Hashable, Any] = OrderedDict()


def known(key: Hashable) -> Any:
    """The result if it is kept, else None."""
    with _lock:
        return _results.get(key)


def under_way(key: Hashable) -> bool:
    """Whether somebody has begun it and it is not done."""
    with _lock:
        return key in _running


def run(key: Hashable, make: Callable[[], Generator[tuple[int, int], None, Any]], what: str) -> Any:
    """The result of the generator that ``make`` gives; from memory if ``key`` was run before.

    Raises what the generator raises, and ``Cancelled`` where this session cancelled it, until ``again``.
    """
    if st.session_state.get("jobs:cancelled") == key:
        raise Cancelled
    with _lock:
        if key in _results:
            _results.move_to_end(key)
            return _results[key]
        job = _running.get(key)
        if job is None or job.cancelled:
            job = _running[key] = Job()
            threading.Thread(target=_drive, args=(key, job, make), daemon=True).start()
        job.waiting += 1
    try:
        if not job.finished.wait(_QUIET):
            _show(job, key, what)
    finally:
        with _lock:
            job.waiting -= 1
            if not job.waiting and not job.finished.is_set():
                job.cancelled = True
    if job.error is not None:
        raise job.error
    return job.result


def run_or_stop(key: Hashable, make: Callable[[], Generator[tuple[int, int], None, Any]], what: str) -> Any:
    """The same for a page: where the session cancelled, it says so, offers to go on, and the page ends here."""
    try:
        return run(key, make, what)
    except Cancelled:
        st.info("Cancelled. The controls are as you left them.")
        st.button("Compute it after all", on_click=again)
        st.stop()


def ahead(key: Hashable, make: Callable[[], Generator[tuple[int, int], None, Any]]) -> None:
    """Do the work before anybody asks; returns when it is done."""
    with _lock:
        job = _running[key] = Job(waiting=1)  # the server itself waits: nobody's leaving cancels it
    _drive(key, job, make)


def _show(job: Job, key: Hashable, what: str) -> None:
    """Draw progress until the job is finished; the script stops here when the person changes something."""
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=what)
        st.button("Cancel", on_click=_cancel, args=(key,), key=f"cancel-{what}")
    while not job.finished.wait(0.4):
        left = f", {job.seconds_left:.0f} s left" if job.done else ""
        bar.progress(min(job.done / job.total, 1.0), text=f"{what}: {job.done} of {job.total}{left}")
    place.empty()


def _cancel(key: Hashable) -> None:
    st.session_state["jobs:cancelled"] = key  # the run that waits ends with this click, and takes its interest with it


def again() -> None:
    """Forget that this session cancelled its work."""
    st.session_state.pop("jobs:cancelled", None)


def _drive(key: Hashable, job: Job, make: Callable[[], Generator[tuple[int, int], None, Any]]) -> None:
    try:
        steps = make()
        while not job.cancelled:
            job.done, job.total = next(steps)
        steps.close()
        job.error = Cancelled()
    except StopIteration as end:
        job.result = end.value
    except Exception as error:  # kept and raised in every session that waits
        job.error = error
    with _lock:
        if _running.get(key) is job:
            del _running[key]
        if job.error is None:
            _results[key] = job.result
            while len(_results) > _KEEP:
                _results.popitem(last=False)
    job.finished.set()
