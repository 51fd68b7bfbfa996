"""One worker process: started when it is first needed, ended at once where its work is not wanted any more."""

from __future__ import annotations

import itertools
import logging
import pickle
import queue
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from quantlab.progress import Steps
from quantlab.workers import inside

T = TypeVar("T")
PATIENCE = 0.5  # seconds in which work that is told to end may do so by itself
IDLE = 600  # seconds after which a process that has nothing to do goes
_INSIDE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_INSIDE |= {"QUANTLAB_WORKERS": "0", "QUANTLAB_DASK": ""}  # a worker has no workers of its own
# what may be held is ``most``, but one that holds 1 GB more than after its first work is renewed before it fails the next; torch takes 0.3 GB
_INSIDE |= {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e9"}
_tokens = itertools.count()
LOG = logging.getLogger(__name__)


class WorkerLost(RuntimeError):
    """A worker process ended before its work did."""


class Slot:
    """A place for one process. near : what its process computed last, and holds. most, nice : as ``inside.begin`` says."""

    def __init__(self, most: int, nice: int) -> None:
        self.most, self.nice = most, nice
        self.near: Hashable = None
        self._executor: Any = None  # loky's, which is imported when the first process starts
        self._channel: Any = None
        self._ended: Any = None

    def steps(self, work: Callable[[], Steps[T]], seconds: float = 0) -> Steps[T]:
        """The work's steps in the process, which is tried once more where it was ended from outside.

        seconds : that it may run, 0 for any number; TimeoutError where it needs more.
        """
        data = pickle.dumps(work)
        try:
            return (yield from self._once(data, seconds))
        except WorkerLost:
            LOG.warning("a worker process was ended from outside; its work begins once more")
        return (yield from self._once(data, seconds))

    def end(self) -> None:
        """End the process, whatever it does."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, kill_workers=True)

    def start(self) -> None:
        """Start the process; OSError where the system allows none."""
        if self._executor is not None:
            return
        from loky import ProcessPoolExecutor
        from loky.backend.context import get_context

        context = get_context("loky")
        self._channel, self._ended, self.near = context.Queue(), context.Event(), None
        arguments = (self._channel, self._ended, self.most, self.nice)
        self._executor = ProcessPoolExecutor(1, context=context, timeout=IDLE, env=_INSIDE, initializer=inside.begin, initargs=arguments)

    def warm(self) -> None:
        """Start the process and let it load what most of its work needs, before anybody waits for it; OSError where none can start."""
        self.start()
        self._executor.submit(inside.load)

    def _once(self, data: bytes, seconds: float) -> Steps[Any]:
        self.start()
        until = time.monotonic() + seconds
        token, executor = next(_tokens), self._executor
        self._ended.clear()
        try:
            future: Future[Any] = executor.submit(inside.run, token, data)
        except BrokenProcessPool as problem:
            self.end()
            raise WorkerLost(str(problem)) from problem
        done, total = 0, 1
        finished = False
        try:
            while not wait((future,), inside.TELL).done:
                done, total = self._heard(token, done, total)
                if seconds and time.monotonic() > until:
                    raise TimeoutError(f"this takes more than the {seconds:.0f} seconds that it may run; take less of it")
                yield done, total
            result = self._result(future, executor)
            finished = True
        finally:
            if not finished:
                self._stop(future)
        return result

    def _heard(self, token: int, done: int, total: int) -> tuple[int, int]:
        """The last word on progress."""
        while True:
            try:
                told, now, of = self._channel.get_nowait()
            except (queue.Empty, OSError, EOFError):  # nothing more, or the process is gone: its future tells
                return done, total
            if told == token:
                done, total = now, of

    def _result(self, future: Future[Any], executor: Any) -> Any:
        processes = list((executor._processes or {}).values())
        try:
            return future.result()
        except BrokenProcessPool as problem:
            for process in processes:
                process.join(1)
            codes = {process.exitcode for process in processes} or {None}
            self.end()
            if inside.TOO_MUCH in codes or f"EXIT({inside.TOO_MUCH})" in str(problem):
                raise MemoryError(
                    f"this needs more than the {self.most / 1e9:.1f} GB that a worker may hold; take less of it, or set QUANTLAB_WORKER_MEMORY"
                ) from None
            raise WorkerLost("the process that computed this was ended from outside, twice; try again") from problem

    def _stop(self, future: Future[Any]) -> None:
        """Tell the work to end, and end the process where it does not."""
        if future.done() or self._executor is None:
            return
        self._ended.set()
        until = time.monotonic() + PATIENCE
        while not future.done() and time.monotonic() < until:
            time.sleep(0.01)
        if not future.done():
            self.end()
