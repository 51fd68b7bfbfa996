"""Streamlit's page with what it would else ask the server for before it opens its line.

As it comes, a page asks each path that may be the app's base for its health, then for its configuration, and only then opens its
websocket: two or three ways to the server and back. Told both, it opens the line at once and asks for the rest beside it. The base
is the folder of the page's own address, by which all of its files are found; so it holds behind a proxy. Beside that the page names
the parts of Streamlit that every lab draws with, which come while it starts rather than when the first of them is drawn.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamlit import config, file_util

from quantlab.caching import cache

_PARTS = ("BidiComponent", "Button", "DownloadButton", "Html", "NumberInput", "Selectbox")
_IMPORT = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')
_HEAD = "<head>"
_START = """<script>window.__streamlit = {{ BACKEND_BASE_URL: new URL(".", location.href).href, HOST_CONFIG: {host} }}</script>"""


class Opening(NamedTuple):
    """A page as bytes, the same zipped, and a name of its content for the browser to ask whether it is still that."""

    plain: bytes
    zipped: bytes
    etag: str


@cache
def original() -> bytes:
    """Streamlit's page as it is installed."""
    return (Path(file_util.get_static_dir()) / "index.html").read_bytes()


def parts_of(folder: Path, known: str) -> Iterator[str]:
    """Names of the files that Streamlit's parts are made of, each once, but for those that the page itself names."""
    names = [path.name for part in _PARTS for path in sorted(folder.glob(f"{part}.*.js"))]
    for name in names:
        yield name
        imported = _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
        names += dict.fromkeys(other for other in imported if other not in names and other not in known)


@cache
def opening() -> Opening:
    """Streamlit's page, told the app's base and configuration."""
    page = original().decode("utf-8")
    host = {"allowedOrigins": list(config.get_option("client.allowedOrigins")), "useExternalAuthToken": False}
    start = _START.format(host=json.dumps(host).replace("<", "\\u003c"))
    parts = parts_of(Path(file_util.get_static_dir()) / "static" / "js", page)
    links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in parts)
    plain = page.replace(_HEAD, _HEAD + start, 1).replace("</head>", f"{links}</head>", 1).encode()
    return Opening(plain, gzip.compress(plain, mtime=0), f'"{hashlib.blake2b(plain, digest_size=8).hexdigest()}"')
