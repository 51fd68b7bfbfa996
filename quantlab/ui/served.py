"""Pictures by URL: a page names them, the browser fetches those it shows, the level at hand first.

An address holds a random token, so nobody can ask for what another person brought. What is served lives as long as the
result it belongs to; for what is gone the browser says so, and the page makes it again when it is loaded anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quantlab.ui.web import BELOW

_PATH = "ql/picture"
SPRITE = "ql/thumbnails.jpg"


@dataclass(frozen=True, eq=False)
class PictureRoute:
    """Pictures under one address: ``url`` + "/" + name, below the app's base. ``get`` gives a name's bytes, None where there are none."""

    token: str
    get: Callable[[str], bytes | None]

    @property
    def url(self) -> str:
        return f"{_PATH}/{self.token}"


_held: WeakValueDictionary[str, PictureRoute] = WeakValueDictionary()


def serve(get: Callable[[str], bytes | None]) -> PictureRoute:
    """An address for these pictures, as long as somebody keeps what is returned."""
    route = PictureRoute(secrets.token_urlsafe(16), get)
    _held[route.token] = route
    return route


async def _picture(request: Request) -> Response:
    route = _held.get(request.path_params["token"])
    data = route.get(request.path_params["name"]) if route else None
    if data is None:
        return Response("This picture is no longer held; load the page again.", 404)
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, max-age=86400, immutable"})


def _thumbnails(request: Request) -> Response:
    from quantlab.labs.image.thumbnails import thumbnails

    return Response(thumbnails(), media_type="image/jpeg", headers={"Cache-Control": "public, max-age=86400"})


def routes() -> list[Route]:
    """The routes of pictures and thumbnails, for ``st.App``."""
    return [Route(f"{BELOW}{_PATH}/{{token}}/{{name}}", _picture), Route(f"{BELOW}{SPRITE}", _thumbnails)]
