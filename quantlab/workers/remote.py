"""Work on another machine: a scheduler of Dask distributed that ``QUANTLAB_DASK`` names, ``tcp://10.0.0.5:8786``."""

from __future__ import annotations

import itertools
import logging
import math
import os
import pickle
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from quantlab.progress import Steps
from quantlab.workers import inside

T = TypeVar("T")
ADDRESS = "QUANTLAB_DASK"
TIMEOUT = 3  # seconds in which a scheduler answers
AGAIN = 30.0  # seconds until one that did not answer is asked again
PATIENCE = 15.0  # seconds that a lost scheduler, or the first of its workers, is waited for
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


class Gone(Exception):
    """No scheduler answers, or it has no workers; the log says which."""


def client(again: float = AGAIN) -> Any:
    """The connection to the scheduler; None, said once in the log, where it does not answer: then the work is done here.

    again : seconds until one that did not answer is asked again.
    """
    named = address()
    with _lock:
        found = _clients.get(named)
        if found is not None and found.status == "running":
            return found
        if time.monotonic() - _failed.get(named, -math.inf) < again:
            return None
        try:
            from distributed import Client

            if (lost := _clients.pop(named, None)) is not None:
                lost.close(timeout=TIMEOUT)
            found = Client(named, timeout=TIMEOUT, name="quantlab", set_as_default=False)
            found.subscribe_topic(_TOPIC, _hear)
        except ImportError:
            LOG.warning("%s is set and distributed is not installed; python -m pip install distributed brings it", ADDRESS)
            _failed[named] = time.monotonic()
            return None
        except (OSError, ValueError, TimeoutError) as problem:
            if again == AGAIN:  # else somebody waits for it, and says so in the end
                LOG.warning("the scheduler at %s does not answer (%s); long work is done on this machine", named, problem)
            _failed[named] = time.monotonic()
            return None
        _clients[named] = found
        return found


def count() -> int:
    """How many workers the scheduler has, as it said last; 0 where none answers."""
    found = client() if address() else None
    return 0 if found is None else len(found.scheduler_info(n_workers=-1)["workers"])


def together(works: Sequence[Callable[[], Steps[T]]]) -> Steps[list[T]]:
    """Pieces of work, each a task of its own, on as many workers as are free; what they return, in their order.

    A worker that is lost in the middle has its piece begun again on another by the scheduler. Where the scheduler is lost, what was not
    finished is handed to the one that answers at its address within ``PATIENCE`` seconds, else Gone; so where no worker comes for as long.
    Where one piece fails the others end, and its error is raised.
    """
    data, results = [pickle.dumps(work) for work in works], dict[int, T]()
    if (found := client()) is None:
        raise Gone
    while found is not None:
        yield from _once(found, data, results)
        if len(results) == len(data):
            return [results[i] for i in range(len(data))]
        LOG.warning("the scheduler at %s was lost in the middle; what was not finished begins once more", address())
        until = time.monotonic() + PATIENCE
        while (found := client(again=1)) is None and time.monotonic() < until:
            yield _progress({}, len(data), len(results))
            time.sleep(_LOOK)
    LOG.warning("the scheduler at %s does not answer; long work is done on this machine", address())
    raise Gone


def _once(client: Any, data: Sequence[bytes], results: dict[int, Any]) -> Steps[None]:
    """The pieces that have no result yet, until all have or the scheduler is lost."""
    from distributed import Event
    from distributed.client import ClosedClientError, FutureCancelledError
    from distributed.comm.core import CommClosedError

    tokens = {i: f"quantlab-{os.getpid()}-{next(_tokens)}" for i in range(len(data)) if i not in results}
    futures = dict[int, Any]()
    idle = looked = time.monotonic()  # when there were workers last, and when they were asked for
    try:
        for i, token in tokens.items():
            futures[i] = client.submit(run, token, data[i], pure=False, retries=1)
        while client.status == "running" and len(futures) > 0:
            for i in [i for i, future in futures.items() if future.done()]:
                results[i] = futures[i].result()
                del futures[i]
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                idle = looked if client.scheduler_info(n_workers=-1)["workers"] else idle
                if looked - idle > PATIENCE:
                    LOG.warning("the scheduler at %s has no workers; long work is done on this machine", address())
                    raise Gone
            yield _progress({i: tokens[i] for i in futures}, len(data), len(results))
            time.sleep(inside.TELL)
    except (CommClosedError, ClosedClientError, FutureCancelledError):
        return
    finally:
        for i, future in futures.items():
            if client.status == "running" and not future.done():
                with suppress(OSError, TimeoutError):
                    Event(tokens[i], client=client).set()
                future.cancel()
        for token in tokens.values():
            _heard.pop(token, None)


def _progress(tokens: Mapping[int, str], count: int, finished: int) -> tuple[int, int]:
    """Of one piece what it said last; of several the sum of their shares, in thousandths of one."""
    said = [_heard.get(token, (0, 1)) for token in tokens.values()]
    if count == 1:
        return said[0] if said else (0, 1)
    return round(1000 * (finished + sum(done / max(total, 1) for done, total in said))), 1000 * count


def run(token: str, work: bytes) -> Any:
    """Pickled work, on a worker of Dask."""
    from distributed import Event, get_worker

    worker, ended, looked, wanted = get_worker(), Event(token), time.monotonic(), [True]

    def ends() -> bool:
        nonlocal looked
        if time.monotonic() - looked > _LOOK:
            looked = time.monotonic()
            try:
                wanted[0] = not ended.is_set()
            except (
                OSError,
                TimeoutError,
                RuntimeError,
                ValueError,
            ):  # distributed's words for a scheduler that is gone: nobody hears the result
                wanted[0] = False
        return not wanted[0]

    def tell(done: int, total: int) -> None:
        worker.log_event(_TOPIC, {"token": token, "done": done, "total": total})

    return inside.taken(pickle.loads(work)(), tell, ends)  # noqa: S301 (the server's own)


def _hear(event: tuple[float, dict[str, Any]]) -> None:
    told = event[1]
    _heard[told["token"]] = (told["done"], told["total"])
