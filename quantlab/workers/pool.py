"""The line before the workers: who is served next, and where everybody stands."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from quantlab.progress import Steps, part
from quantlab.workers import remote
from quantlab.workers.slot import Slot

T = TypeVar("T")
COUNT = "QUANTLAB_WORKERS"
MEMORY = "QUANTLAB_WORKER_MEMORY"
NICE = "QUANTLAB_WORKER_NICE"
_GIVES_WAY = 10  # pages come first: with 5, two trainings made them half as slow again; with 15, jobs nearly stand still where pages keep a core busy
_MOST = 8  # processes, where nobody says how many
_LOOK = 0.03  # seconds between two looks at the line
LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Waiting:
    """Who asks, and how many are served before. person : anybody's own name for a session. place : 0 while it is served."""

    person: Hashable = None
    place: int = 0


@dataclass(eq=False)
class _Request:
    waiting: Waiting
    near: Hashable


class _Current(threading.local):
    waiting: Waiting | None = None


_current = _Current()


def waiting(one: Waiting | None) -> None:
    """Say for whom this thread works; the pool writes there where they stand in the line."""
    _current.waiting = one


@dataclass(eq=False)
class Pool:
    """Some worker processes and the line before them. count : processes, 0 for none. most : bytes that each may hold.

    nice : by how much they give way to others on the machine, from 0 to 19.
    """

    count: int
    most: int
    nice: int = 5
    slots: list[Slot] = field(init=False)

    def __post_init__(self) -> None:
        self.slots = [Slot(self.most, self.nice) for _ in range(self.count)]
        self._free = list(self.slots)
        self._line: list[_Request] = []
        self._served: Counter[Hashable] = Counter()
        self._lock = threading.Lock()
        self._refused = False  # whether the system starts no processes

    @property
    def elsewhere(self) -> bool:
        """Whether work would leave this process."""
        return bool(remote.address()) or (self.count > 0 and not self._refused)

    def steps(self, work: Callable[[], Steps[T]], near: Hashable = None, seconds: float = 0) -> Steps[T]:
        """As ``quantlab.workers.steps``."""
        return (yield from self.each([work], near, seconds))[0]

    def each(self, works: Sequence[Callable[[], Steps[T]]], near: Hashable = None, seconds: float = 0) -> Steps[list[T]]:
        """As ``quantlab.workers.each``."""
        if remote.address():
            with suppress(remote.Gone):
                return (yield from remote.together(works))
        if len(works) == 1:
            return [(yield from self.here(works[0], near, seconds))]
        found = []
        for i, work in enumerate(works):
            found.append((yield from part(self.here(work, near, seconds), i, len(works))))
        return found

    @property
    def width(self) -> int:
        """How many pieces of one person's work are at work at once: all of a scheduler's workers, of this machine's one."""
        return max(1, remote.count())

    def here(self, work: Callable[[], Steps[T]], near: Hashable = None, seconds: float = 0) -> Steps[T]:
        """The same on this machine, whatever scheduler there is."""
        if not self.count or self._refused:
            return (yield from work())
        request = _Request(_current.waiting or Waiting(object()), near)
        with self._lock:
            self._line.append(request)
        slot = None
        try:
            while (slot := self._next(request)) is None:
                yield 0, 1
                time.sleep(_LOOK)
            try:
                slot.start()
            except OSError as problem:
                self._refused = True
                LOG.warning("no worker process can be started (%s); long work runs in the server's own process", problem)
                return (yield from work())
            slot.near = near
            return (yield from slot.steps(work, seconds))
        finally:
            self._leave(request, slot)

    def _next(self, request: _Request) -> Slot | None:
        """A slot where it is this request's turn, else None."""
        with self._lock:
            order = sorted(self._line, key=lambda one: self._served[one.waiting.person])  # stable: first come within the same
            place = order.index(request)
            request.waiting.place = place + 1
            if place >= len(self._free):
                return None
            slot = min(self._free, key=lambda one: one.near != request.near)
            self._free.remove(slot)
            self._line.remove(request)
            self._served[request.waiting.person] += 1
            request.waiting.place = 0
            return slot

    def _leave(self, request: _Request, slot: Slot | None) -> None:
        with self._lock:
            request.waiting.place = 0
            if slot is None:
                self._line.remove(request)
                return
            self._free.append(slot)
            self._served[request.waiting.person] -= 1
            if not self._served[request.waiting.person]:
                del self._served[request.waiting.person]

    def warm(self) -> None:
        """Start the processes and load torch there, before anybody waits for them."""
        for slot in self.slots:
            try:
                slot.warm()
            except OSError:
                return

    def end(self) -> None:
        """End all processes."""
        for slot in self.slots:
            slot.end()


def _number(environment: Mapping[str, str], name: str, usual: float) -> float:
    """A number of the environment; ValueError with the remedy for what is none.

    >>> _number({"QUANTLAB_WORKERS": "3"}, "QUANTLAB_WORKERS", 2)
    3.0
    """
    text = environment.get(name, "").strip()
    try:
        value = float(text) if text else usual
    except ValueError:
        value = -1
    if not 0 <= value < 1e6:
        raise ValueError(f"{name} is {text!r}; write a number, 0 for none")
    return value


def pool_of(environment: Mapping[str, str] = os.environ) -> Pool:
    """The pool that the environment asks for: as many processes as cores, 4 GB each, that give way to pages."""
    count = int(_number(environment, COUNT, min(os.cpu_count() or 1, _MOST)))
    return Pool(count, int(_number(environment, MEMORY, 4.0) * 1e9), int(_number(environment, NICE, _GIVES_WAY)))


POOL = pool_of()
