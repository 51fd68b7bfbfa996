"""The server beside pages: files and pictures by URL, labs computed ahead, their memory exempt from collection."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from starlette.routing import Route

from quantlab.ui import served, web
from quantlab.ui.preload import Preload

_LATER = 8.0  # seconds


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """Before the first visitor: load what the pages import, compute what the first lab opens on, and freeze it all (the
    garbage collector would else walk over it at every run of every session). The other labs follow once a class that came at once has
    its first pages."""
    from quantlab.labs.catalog import LABS

    LABS["tensor"].compute_ahead()
    gc.collect()
    gc.freeze()
    others = threading.Timer(_LATER, _warm_others)
    others.daemon = True
    others.start()
    yield


def _warm_others() -> None:
    from quantlab.labs import expectations
    from quantlab.labs.catalog import LABS

    for lab in LABS.values():
        if lab.warm:
            lab.compute_ahead()
    for lab in LABS.values():
        expectations.compute(lab)
    gc.freeze()


def routes() -> list[Route]:
    """The routes of all that the browser fetches beside pages."""
    return [*web.routes(), *served.routes()]


def middleware() -> list[Middleware]:
    """The middleware that every answer passes on its way to the browser."""
    return [Middleware(Preload)]
