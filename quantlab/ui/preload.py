"""Preloading: a page's answer names the modules that every lab needs, so that they load beside Streamlit's own.

Without it the browser asks for them only once Streamlit has started, run the page and sent the first film: one way to the server
and back for the film's module, another for what that imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantlab.caching import cache
from quantlab.ui import web

_ENTRIES = ("ui/live/streamlit.js", "film/web/controls/slider.js", "film/web/films/plot.js", "film/web/films/numbers.js")
_STYLE = "film/web/style.css"
_IMPORT = re.compile(r'^import [^;]*? from "([^"]+)";$', re.MULTILINE)


def modules_of(entry: str) -> Iterator[str]:
    """A module and all that it imports, each once.

    >>> list(modules_of("film/web/films/numbers.js"))
    ['film/web/films/numbers.js', 'film/web/bus.js', 'film/web/film.js', 'film/web/terms.js']
    """
    paths = [entry]
    for path in paths:
        yield path
        imported = (normpath(join(dirname(path), other)) for other in _IMPORT.findall(web.text_of(path)))
        paths += [other for other in imported if other not in paths]


@cache
def _links() -> str:
    """The value of the header: addresses below the page's own, which is the app's base."""
    paths = dict.fromkeys(path for entry in _ENTRIES for path in modules_of(entry))
    links = [f"<{web.module_address(path)}>; rel=modulepreload" for path in paths]
    links.append(f"<{web.module_address(_STYLE)}>; rel=preload; as=style")
    return ", ".join(links)


class Preload:
    """ASGI middleware that adds the header ``Link`` to every page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html") and message["status"] == 200:
                    headers.append("Link", _links())
            await send(message)

        await self.app(scope, receive, send_with_links if scope["type"] == "http" else send)
