"""What is prepared before somebody asks: the first lab as the server starts, the other labs and PyTorch while people rest.

Loading a library holds up everybody's pages, so each step waits until the first page was served and nobody has asked for
anything for a while.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantlab import loops, workers

_QUIET = 3.0  # seconds without a message after which people rest


class Activity:
    """When somebody last asked for something; nobody has yet: ``last`` is None."""

    def __init__(self) -> None:
        self.last: float | None = None

    def note(self) -> None:
        """Somebody asked for something."""
        self.last = time.monotonic()

    def rest(self, quiet: float = _QUIET) -> None:
        """Wait until somebody has asked, and nobody since ``quiet`` seconds."""
        while self.last is None or (left := self.last + quiet - time.monotonic()) > 0:
            time.sleep(quiet / 10 if self.last is None else left)


ACTIVITY = Activity()


class Watch:
    """ASGI middleware that notes every message of every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection: a page's is its websocket."""

        async def noted() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                ACTIVITY.note()
            return message

        await self.app(scope, noted if scope["type"] == "websocket" else receive, send)


def steps() -> Iterator[Callable[[], object]]:
    """One after another: what each lab opens on and what its tries promise; last those that load a library, of most of which only the first picture is computed."""
    from quantlab.labs import expectations
    from quantlab.labs.catalog import LABS
    from quantlab.packages import absent

    for lab in sorted(LABS.values(), key=lambda lab: (bool(lab.extra), lab.rank)):
        if not (lab.extra and absent(lab.extra)):
            yield partial(lab.compute_ahead, most=1 if lab.extra and not lab.eager else None)
            yield partial(expectations.compute, lab)


def prepare(activity: Activity = ACTIVITY) -> None:
    """The first lab at once, which compiles the loops it needs, and the other loops; then every step when people rest. What is
    there then is left alone by the garbage collector, which would else walk over it at every run of every session."""
    from quantlab.labs.catalog import LABS

    LABS["tensor"].compute_ahead()
    loops.compile_all()
    gc.collect()
    gc.freeze()
    for step in (workers.POOL.warm, *steps()):
        activity.rest()
        step()
        gc.freeze()


def begin() -> None:
    """Prepare beside the server, which answers at once."""
    threading.Thread(target=prepare, name="ahead", daemon=True).start()
