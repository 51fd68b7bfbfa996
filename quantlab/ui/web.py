"""Files of the app by URL: the browser's modules, their style, and plotly.js from the installed package.

Names hold a hash of the content, so a browser keeps what it has for a year and never shows what is old. Addresses are given
below the app's base, without a slash in front, for Python does not know under which path a proxy offers the app: the browser
does. The routes answer below any path, hence with and without ``server.baseUrlPath``.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quantlab.caching import cache
from quantlab.ui.glossary import terms_json

BELOW = "/{base:path}"
_PACKAGE = Path(__file__).parents[1]
_FOLDERS = ("film/web", "ui/live")
_TERMS = "film/web/terms.json"  # made from the glossary
_MEDIA = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@cache
def _modules() -> Mapping[str, bytes]:
    """Path in the package -> gzipped text: modules import each other by the same relative paths there and in the browser."""
    paths = sorted(path for folder in _FOLDERS for path in (_PACKAGE / folder).rglob("*") if path.suffix in (".js", ".css"))
    texts = {path.relative_to(_PACKAGE).as_posix(): path.read_bytes() for path in paths}
    return {name: _zip(text) for name, text in (texts | {_TERMS: terms_json()}).items()}


def _plotly_text() -> bytes:
    return files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


@cache
def _plotly() -> bytes:
    return _zip(_plotly_text())


@cache
def _modules_hash() -> str:
    return _hash(*(part for name, text in _modules().items() for part in (name.encode(), text)))


@cache
def _plotly_hash() -> str:
    return _hash(_plotly_text())


def module_address(path: str) -> str:
    """The address of a module of the package below the app's base.

    >>> module_address("film/web/films/plot.js").endswith("/film/web/films/plot.js")
    True
    """
    if path not in _modules():
        raise ValueError(f"no module {path!r}; there are {', '.join(_modules())}")
    return f"ql/web/{_modules_hash()}/{path}"


def text_of(path: str) -> str:
    """The text of a module or style of the package."""
    return gzip.decompress(_modules()[path]).decode("utf-8")


def plotly_address() -> str:
    """The address of plotly.js below the app's base."""
    return f"ql/plotly/{_plotly_hash()}.min.js"


def _zip(text: bytes) -> bytes:
    return gzip.compress(text, compresslevel=6, mtime=0)


def _hash(*parts: bytes) -> str:
    return hashlib.blake2b(b"\0".join(parts), digest_size=8).hexdigest()


def _answer(request: Request, zipped: bytes, media_type: str) -> Response:
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(zipped, media_type=media_type, headers=FOR_GOOD | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(zipped), media_type=media_type, headers=FOR_GOOD)


async def _serve_module(request: Request) -> Response:
    path = request.path_params["path"]
    if request.path_params["hash"] != _modules_hash() or path not in _modules():
        return _gone()
    return _answer(request, _modules()[path], _MEDIA[Path(path).suffix])


def _serve_plotly(request: Request) -> Response:
    return _answer(request, _plotly(), _MEDIA[".js"]) if request.path_params["hash"] == _plotly_hash() else _gone()


def _gone() -> Response:
    return Response("This version of the file is no longer served; load the page again.", 404, {"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """The routes of these files, for ``st.App``."""
    return [
        Route(f"{BELOW}ql/web/{{hash}}/{{path:path}}", _serve_module),
        Route(f"{BELOW}ql/plotly/{{hash}}.min.js", _serve_plotly),
    ]
