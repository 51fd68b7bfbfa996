"""What stands between the server and strangers: names that it answers to, pages that may frame it, headers, closed doors.

A page somewhere on the web can have its own name lead to this machine (DNS rebinding) and then read the server as if it were its
own site. So a request must name the server as somebody does who means it: by an IP address, as localhost, by a name without a dot or
of this machine, or by one of ``QUANTLAB_HOSTS``. A websocket's origin is held to the same.

``QUANTLAB_HOSTS``: names that a proxy or a domain gives the server, with commas between; ``*`` for all.
``QUANTLAB_FRAMES``: who may frame ``?embed=true``, as in a policy's frame-ancestors; all where nothing is said. Other pages only the
server itself may frame. ``QUANTLAB_METRICS``: open ``/_stcore/metrics``.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantlab.caching import cache

# As tight as Streamlit allows: it writes styles and its start inline, and makes workers and pictures of blobs.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' ws: wss: data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
_METRICS = "/_stcore/metrics"


@cache
def _own_names() -> frozenset[str]:
    return frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})


def is_known(host: str, allowed: frozenset[str] = frozenset()) -> bool:
    """Whether a request's ``Host`` names this server.

    >>> [is_known(h) for h in ("127.0.0.1:8501", "[::1]:8501", "localhost", "lab:8501", "a.localhost")]
    [True, True, True, True, True]
    >>> is_known("evil.example:8501"), is_known("quantlab.example", frozenset({"quantlab.example"}))
    (False, True)
    """
    if "*" in allowed:
        return True
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:  # brackets that hold no address
        return False
    if not name or name in allowed or name in _own_names():
        return bool(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".localhost", ".local"))
    return True


def _allowed() -> frozenset[str]:
    return frozenset(name.strip().lower() for name in os.environ.get("QUANTLAB_HOSTS", "").split(",") if name.strip())


def policy(embedded: bool) -> str:
    """The content policy of a page."""
    frames = (os.environ.get("QUANTLAB_FRAMES") or "*") if embedded else "'self'"
    return "; ".join(f"{name} {value}" for name, value in (_POLICY | {"frame-ancestors": frames}).items())


class Guard:
    """ASGI middleware: refuses what does not mean this server, and adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the opening of one websocket."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        if refusal := _refusal(scope):
            return await refusal(scope, receive, send)
        if scope["type"] == "websocket":
            return await self.app(scope, receive, send)
        embedded = parse_qs(scope["query_string"].decode("latin-1")).get("embed") == ["true"]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"  # an address may hold a person's numbers
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = policy(embedded)
            await send(message)

        return await self.app(scope, receive, send_guarded)


def _refusal(scope: Scope) -> ASGIApp | None:
    """The answer to what is not served; None for everything else. A refused websocket is closed before it opens, with status 403."""
    headers = Headers(scope=scope)
    host, origin = headers.get("host", ""), headers.get("origin", "")
    allowed = _allowed()
    if not is_known(host, allowed):
        name = (host.rpartition(":")[0] or host)[:100]
        words = f"This server is not known as {name!r}: whoever runs it can allow that name with QUANTLAB_HOSTS={name}.\n"
        return _closed(scope) or PlainTextResponse(words, 421)
    if scope["type"] == "websocket" and origin and not is_known(urlsplit(origin).netloc, allowed | {host.rpartition(":")[0] or host}):
        return _closed(scope)
    if scope["path"].endswith(_METRICS) and not os.environ.get("QUANTLAB_METRICS"):
        return PlainTextResponse("Closed: start the server with QUANTLAB_METRICS=1 to open it.\n", 404)
    return None


def _closed(scope: Scope) -> ASGIApp | None:
    async def close(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    return close if scope["type"] == "websocket" else None
