"""What does the server offer beside pages? plotly.js from the installed package, and calm memory for a full class."""

from __future__ import annotations

import gc
import gzip
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quantlab.film import PLOTLY_PATH
from quantlab.ui import served

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
    from quantlab.labs.catalog import LABS

    for lab in LABS.values():
        if lab.warm:
            lab.compute_ahead()
    gc.freeze()


@cache
def _plotly_js() -> bytes:
    return gzip.compress(files("plotly").joinpath("package_data", "plotly.min.js").read_bytes(), compresslevel=6)


def _serve_plotly(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_plotly_js(), media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(_plotly_js()), media_type="text/javascript", headers=headers)


def routes() -> list[Route]:
    return [Route(PLOTLY_PATH, _serve_plotly), *served.routes()]
