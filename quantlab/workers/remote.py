"""Work on another machine: a scheduler of Dask distributed that ``QUANTLAB_DASK`` names, ``tcp://10.0.0.5:8786``."""

from __future__ import annotations

import itertools
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from quantlab.progress import Steps
from quantlab.workers import inside

T = TypeVar("T")
ADDRESS = "QUANTLAB_DASK"
TIMEOUT = 3  # seconds in which a scheduler answers
AGAIN = 30.0  # seconds until one that did not answer is asked again
_LOOK = 0.3  # seconds between two looks at whether the work is wanted still
_TOPIC = "quantlab-progress"
LOG = logging.getLogger(__name__)
_tokens = itertools.count()
_lock = threading.Lock()
_clients: dict[str, Any] = {}  # distributed's, imported when an address is given
_failed: dict[str, float] = {}
_heard: dict[str, tuple[int, int]] = {}


def address() -> str:
    """The scheduler's address, "" for none."""
    return os.environ.get(ADDRESS, "").strip()


def client() -> Any:
    """The connection to the scheduler; None, said once in the log, where it does not answer: then the work is done here."""
    named = address()
    with _lock:
        found = _clients.get(named)
        if found is not None and found.status == "running":
            return found
        if time.monotonic() - _failed.get(named, -AGAIN) < AGAIN:
            return None
        try:
            from distributed import Client

            found = Client(named, timeout=TIMEOUT, name="quantlab", set_as_default=False)
            found.subscribe_topic(_TOPIC, _hear)
        except ImportError:
            LOG.warning("%s is set and distributed is not installed; python -m pip install distributed brings it", ADDRESS)
            _failed[named] = time.monotonic()
            return None
        except (OSError, ValueError, TimeoutError) as problem:
            LOG.warning("the scheduler at %s does not answer (%s); long work is done on this machine", named, problem)
            _failed[named] = time.monotonic()
            return None
        _clients[named] = found
        return found


def steps(client: Any, work: Callable[[], Steps[T]]) -> Steps[T]:
    """The work's steps on a worker of the scheduler; one that is lost in the middle is begun again on another by the scheduler."""
    from distributed import Event

    token = f"quantlab-{os.getpid()}-{next(_tokens)}"
    ended = Event(token, client=client)
    future = client.submit(run, token, pickle.dumps(work), pure=False, retries=1)
    try:
        while not future.done():
            yield _heard.get(token, (0, 1))
            time.sleep(inside.TELL)
        result: T = future.result()
        return result
    finally:
        if not future.done():
            with suppress(OSError, TimeoutError):
                ended.set()
            future.cancel()
        _heard.pop(token, None)


def run(token: str, work: bytes) -> Any:
    """Pickled work, on a worker of Dask."""
    from distributed import Event, get_worker

    worker, ended, looked, wanted = get_worker(), Event(token), time.monotonic(), [True]

    def ends() -> bool:
        nonlocal looked
        if time.monotonic() - looked > _LOOK:
            looked = time.monotonic()
            wanted[0] = not ended.is_set()
        return not wanted[0]

    def tell(done: int, total: int) -> None:
        worker.log_event(_TOPIC, {"token": token, "done": done, "total": total})

    return inside.taken(pickle.loads(work)(), tell, ends)  # noqa: S301 (the server's own)


def _hear(event: tuple[float, dict[str, Any]]) -> None:
    told = event[1]
    _heard[told["token"]] = (told["done"], told["total"])
