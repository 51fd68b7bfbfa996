"""Inside of a worker: it takes its steps, tells how far it is, and ends when it is told to or holds too much memory."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from quantlab.progress import Steps

TOO_MUCH = 77  # exit status of a worker that held more than it may
TELL = 0.05  # seconds between two words on progress
_LOOK = 0.2  # seconds between two looks at the memory
_channel: Any = None  # the queue to the server; of multiprocessing's own type
_ended: Any = None  # the event that ends the work under way


class Ended:
    """What work returns that was told to end."""


def begin(channel: Any, ended: Any, most: int, nice: int) -> None:
    """Called once in a new process. most : bytes that it may hold, 0 for any number. nice : by how much it gives way to others."""
    global _channel, _ended
    _channel, _ended = channel, ended
    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(nice)
    threading.Thread(target=_watch, args=(most, os.getppid()), daemon=True).start()


def load() -> None:
    """Load torch and the networks, which takes seconds; nothing where they are not installed."""
    with suppress(ImportError):
        import_module("quantlab.networks.engine.models")


def run(token: int, work: bytes) -> Any:
    """The result of pickled work; ``Ended`` where it was told to end."""
    return taken(pickle.loads(work)(), lambda done, total: _channel.put((token, done, total)), _ended.is_set)  # noqa: S301 (the server's own)


def taken(steps: Steps[Any], tell: Callable[[int, int], None], ends: Callable[[], bool]) -> Any:
    """What steps return; tells progress now and then, and stops where ``ends`` says so."""
    told = 0.0
    try:
        while not ends():
            done, total = next(steps)
            if time.monotonic() - told > TELL:
                told = time.monotonic()
                tell(done, total)
    except StopIteration as end:
        return end.value
    steps.close()
    return Ended()


def held() -> int:
    """Bytes of memory that this process holds."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def _watch(most: int, server: int) -> None:
    """End where too much is held, and where the server is gone: one that was killed tells nobody.

    An address space that is limited by the system breaks torch and numba, which reserve much and use little: what is held counts.
    """
    while not most or held() < most:
        if os.getppid() != server:
            os._exit(0)
        time.sleep(_LOOK)
    os._exit(TOO_MUCH)
