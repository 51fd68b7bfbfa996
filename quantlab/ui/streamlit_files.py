"""Streamlit's own scripts, styles and fonts: each zipped once and kept, so that a page brings a third of the bytes.

Streamlit sends them as they lie on disk, 3.2 MB for a first visit, and leaves it to a proxy to zip them: zipping at every request would
cost more than it wins. Their names hold a hash of the content, so the zipped ones are kept as long as the server runs, and a browser
keeps what it has for good. Whoever takes no gzip, or asks for a part, gets it from Streamlit's files as before.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from mimetypes import guess_type
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from streamlit import file_util

from quantlab.caching import cache
from quantlab.ui.web import BELOW, FOR_GOOD

_TEXT = (".js", ".css", ".svg")  # fonts and pictures are packed already


@cache
def _paths() -> Mapping[str, Path]:
    """Name below ``static/`` -> file, of what is installed: no name of a request becomes a path."""
    folder = Path(file_util.get_static_dir()) / "static"
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


@cache
def _zipped(name: str) -> bytes:
    return gzip.compress(_paths()[name].read_bytes(), compresslevel=6, mtime=0)


def _serve(request: Request) -> Response:
    name, asked = request.path_params["name"], request.headers
    if (path := _paths().get(name)) is None:
        return Response("Streamlit has no such file.", 404, {"Cache-Control": "no-store"})
    media_type = "text/javascript" if path.suffix == ".js" else guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix in _TEXT and "range" not in asked and "gzip" in asked.get("accept-encoding", ""):
        return Response(_zipped(name), media_type=media_type, headers=FOR_GOOD | {"Content-Encoding": "gzip"})
    return FileResponse(path, headers=FOR_GOOD, media_type=media_type)


def routes() -> list[Route]:
    """The route of these files, for ``st.App``."""
    return [Route(f"{BELOW}static/{{name:path}}", _serve)]
