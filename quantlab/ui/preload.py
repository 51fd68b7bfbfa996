"""Preloading: a page's answer names the modules that every lab needs, so that they load beside Streamlit's own.

Without it the browser asks for them only once Streamlit has started, run the page and sent the first film: one way to the server
and back for the film's module, another for what that imports. Streamlit's page itself is told more (``opening.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantlab.caching import cache
from quantlab.ui import web
from quantlab.ui.opening import opening, original

_FILMS, _CONTROLS = ("plot", "numbers", "words"), ("slider", "program")
_ENTRIES = (
    "ui/live/streamlit.js",
    "ui/live/tab.js",
    *(f"film/web/films/{name}.js" for name in _FILMS),
    *(f"film/web/controls/{name}.js" for name in _CONTROLS),
)
_STYLE = "film/web/style.css"
_IMPORT = re.compile(r'^import [^;]*? from "([^"]+)";$', re.MULTILINE)
_BY_CONTENT = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")  # what an answer depends on beside its address


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
    """ASGI middleware that adds the header ``Link`` to every page, and gives Streamlit's page what it opens with."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. What a browser opens as a page is asked for as it is: plain, whole and anew, to be known by its content."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            return await self.app(scope, receive, send)
        asked = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in _BY_CONTENT]}
        start: Message = {}
        page = bytearray()

        async def send_page(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not (headers.get("content-type", "").startswith("text/html") and message["status"] == 200):
                    return await send(message)
                headers.append("Link", _links())
                start = message
                return None
            if not start:
                return await send(message)
            page.extend(message.get("body", b""))
            if len(page) > len(original()) or not original().startswith(page):  # another page: it goes on as it comes
                await send(start)
                start = {}
                return await send({**message, "body": bytes(page)})
            if not message.get("more_body"):
                await (_opened(scope, start) if len(page) == len(original()) else _as_is(start, bytes(page)))(scope, receive, send)
            return None

        await self.app(asked, receive, send_page)


def _as_is(start: Message, body: bytes) -> ASGIApp:
    """The answer that was held back."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return answer


def _opened(scope: Scope, start: Message) -> Response:
    """Streamlit's page with what it opens with, zipped where the browser takes it so, empty where it has it already."""
    page, headers = opening(), Headers(scope=scope)
    own = {"content-type", "link", "cache-control", "set-cookie"}
    kept = [(name, value) for name, value in start["headers"] if name.decode("latin-1").lower() in own]
    if headers.get("if-none-match") == page.etag:
        answer = Response(status_code=304)
    elif "gzip" in headers.get("accept-encoding", ""):
        answer = Response(page.zipped, headers={"Content-Encoding": "gzip"})
    else:
        answer = Response(page.plain)
    answer.raw_headers += [*kept, (b"etag", page.etag.encode()), (b"vary", b"accept-encoding")]
    return answer
