"""What the server offers beside pages: files and pictures by URL, and what is prepared before somebody asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from starlette.routing import Route

from quantlab.classroom import routes as classes
from quantlab.ui import ahead, served, streamlit_files, web
from quantlab.ui.ahead import Watch
from quantlab.ui.guard import Guard
from quantlab.ui.preload import Preload
from quantlab.ui.visitors import Visitors


@asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """The server answers at once; what its labs open on is prepared beside it."""
    ahead.begin()
    yield


def routes() -> list[Route]:
    """What the browser fetches beside pages."""
    return [*web.routes(), *streamlit_files.routes(), *served.routes(), *classes.routes(web.BELOW)]


def middleware() -> list[Middleware]:
    """What every message passes on its way."""
    return [Middleware(Guard), Middleware(Preload), Middleware(Visitors), Middleware(Watch)]
