"""Long work: a task is a key and steps; the engine runs it once for all who ask and keeps its result.

Steps are generators that yield (done, total) and return a result. ``join`` runs a task in a thread of its own; ``once``
makes it a part of another task's steps. What is common to several results is a task too: whoever needs it first computes it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from quantlab import workers
from quantlab.memory import Cache
from quantlab.progress import Steps, finish

T = TypeVar("T")
R = TypeVar("R", covariant=True)
_MISSING: Any = object()


class Cancelled(Exception):
    """Nobody waits for the work any more, or somebody pressed cancel."""


@dataclass(frozen=True, eq=False)
class Task(Generic[R]):
    """Work that takes time.

    key : equal keys compute the same. title : what a person reads beside its progress. needs : long parts of it that a page
    waits for one by one, each with its own title. resumes : whether it goes on from where it was left, so that cancelling is a pause.
    """

    key: Hashable
    steps: Callable[[], Steps[R]]
    title: str = ""
    needs: tuple[Task[object], ...] = ()
    resumes: bool = False


@dataclass(eq=False)
class Job:
    """A task under way, or finished."""

    done: int = 0
    total: int = 1
    begun: int | None = None  # what was done when it first said so, as in work that goes on from where it was left
    started: float = field(default_factory=time.monotonic)
    finished: threading.Event = field(default_factory=threading.Event)
    result: Any = None  # of the task's own type: one table holds jobs of all
    error: BaseException | None = None
    waiting: int = 0
    cancelled: bool = False
    line: workers.Waiting = field(default_factory=workers.Waiting)

    @property
    def place(self) -> int:
        """How manieth it is in the line before the workers; 0 while it is computed."""
        return self.line.place

    @property
    def seconds_left(self) -> float:
        spent = time.monotonic() - self.started
        return spent * (self.total - self.done) / max(self.done - (self.begun or 0), 1)


class Engine:
    """Runs tasks; keeps the results of the last ``keep`` of them, within the memory of all caches; the least recently used go first.

    One state of a lab has about six results, and what is prepared as a server starts has a hundred.
    """

    def __init__(self, keep: int = 400) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, Job] = {}
        self._results: Cache[Hashable, Any] = Cache(keep)

    def known(self, task: Task[T]) -> T | None:
        """The result if it is kept, else None."""
        return self._results.get(task.key)

    def forget(self, task: Task[T]) -> None:
        """Keep the result no longer: of one that is large and was handed on."""
        with self._lock:
            self._results.pop(task.key, None)

    def under_way(self, task: Task[T]) -> bool:
        """Whether somebody has begun it and it is not done."""
        with self._lock:
            return task.key in self._running

    def waiting(self, task: Task[T]) -> int:
        """How many wait for it."""
        with self._lock:
            return self._running[task.key].waiting if task.key in self._running else 0

    def join(self, task: Task[T], person: Hashable = None) -> Job:
        """The job of this task, begun where nobody has; who joined it says ``leave`` in the end.

        person : for whom it is begun: workers are shared out among people.
        """
        with self._lock:
            if (known := self._results.get(task.key, _MISSING)) is not _MISSING:
                job = Job(result=known, waiting=1)
                job.finished.set()
                return job
            job, new = self._wanted(task)
        if new:
            job.line.person = job if person is None else person
            threading.Thread(target=self._drive, args=(task, job), daemon=True).start()
        return job

    def leave(self, job: Job) -> None:
        """Wait for it no longer; what nobody waits for ends."""
        with self._lock:
            job.waiting -= 1
            if not job.waiting and not job.finished.is_set():
                job.cancelled = True

    def once(self, task: Task[T]) -> Steps[T]:
        """The task's result as a part of other steps: kept, waited for where another computes it, else computed here."""
        while True:
            with self._lock:
                if (known := self._results.get(task.key, _MISSING)) is not _MISSING:
                    kept: T = known
                    return kept
                job, new = self._wanted(task)
            try:
                if new:
                    yield from self._steps(task, job)
                while not job.finished.wait(0.05):
                    yield job.done, job.total
            finally:
                self.leave(job)
            if job.error is None:
                result: T = job.result
                return result
            if not isinstance(job.error, Cancelled):
                raise job.error

    def ahead(self, task: Task[T]) -> T:
        """Do the work before anybody asks; returns when it is done."""
        return finish(self.once(task))

    def _wanted(self, task: Task[T]) -> tuple[Job, bool]:
        """The running job with one more who waits, and whether it is new. Called with the lock held."""
        job = self._running.get(task.key)
        new = job is None or job.cancelled
        if job is None or job.cancelled:
            job = self._running[task.key] = Job()
        job.waiting += 1
        return job, new

    def _drive(self, task: Task[T], job: Job) -> None:
        workers.waiting(job.line)
        for _ in self._steps(task, job):
            pass

    def _steps(self, task: Task[T], job: Job) -> Steps[None]:
        """The task's own steps, told to the job; whoever stops before their end cancels it."""
        job.error = Cancelled()
        try:
            steps = task.steps()
            try:
                while not job.cancelled:
                    job.done, job.total = next(steps)
                    if job.begun is None:
                        job.begun, job.started = job.done, time.monotonic()
                    yield job.done, job.total
            finally:
                steps.close()
        except StopIteration as end:
            job.result, job.error = end.value, None
        except Exception as error:  # kept, and raised in everyone who waits
            job.error = error
        finally:
            with self._lock:
                if self._running.get(task.key) is job:
                    del self._running[task.key]
                if job.error is None:
                    self._results[task.key] = job.result
            job.finished.set()


ENGINE = Engine()
