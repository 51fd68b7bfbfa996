"""Visitors: who a session belongs to, so that a file that was brought opens again in another tab and after a reload, and for nobody else.

The server gives each browser a number drawn by chance, in a cookie that ends with the browser, that no script reads and that other
sites' pages do not send. It says nothing about a person, and is used for nothing but files. Where a browser keeps no cookie, as in a
frame of another site, a session is its own visitor.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantlab.ui import url

COOKIE = "quantlab_visitor"


def visitor() -> str | None:
    """The visitor whose page runs in this thread; None outside of one."""
    session = url.session()
    return session and (st.context.cookies.to_dict().get(COOKIE) or session)


class Visitors:
    """ASGI middleware that gives each browser its number with the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or is_known(Headers(scope=scope).get("cookie", "")):
            return await self.app(scope, receive, send)

        async def send_with_number(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    safe = "; Secure" if scope["scheme"] == "https" else ""
                    headers.append("Set-Cookie", f"{COOKIE}={secrets.token_urlsafe(18)}; Path=/; HttpOnly; SameSite=Lax{safe}")
            await send(message)

        return await self.app(scope, receive, send_with_number)


def is_known(cookies: str) -> bool:
    """Whether a request's cookies hold a number.

    >>> is_known("a=b; quantlab_visitor=x"), is_known("a=b"), is_known("")
    (True, False, False)
    """
    try:
        return COOKIE in SimpleCookie(cookies)
    except CookieError:  # of another program on this host: a number is given anew
        return False
