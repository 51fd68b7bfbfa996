"""Resumed downloads: one request for what is missing of a file, by an HTTP range (RFC 9110, section 14)."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from quantlab.progress import Steps

CHUNK = 64 << 10  # bytes
TIMEOUT = 20  # seconds of silence
MAX_BYTES = 1 << 30


class Unreachable(Exception):
    """This mirror does not give the file; the text says why."""


class Cut(Unreachable):
    """The connection ended before the file did."""


def add_missing(url: str, part: Path) -> Steps[None]:
    """One request for what is missing; what arrives is added to ``part``. Yields (bytes here, bytes in all)."""
    with _ask(url, size(part)) as response:
        here, total = _range(response, part)
        if total > MAX_BYTES or total - here > shutil.disk_usage(part.parent).free:
            raise OSError(f"it has {total} bytes")
        with part.open("ab" if here else "wb") as file:
            while piece := _piece(response, url):
                here += _add(file, piece)
                yield here, max(total, here)
    if here < total:
        raise Cut(f"the connection to {host(url)} broke after {here} of {total} bytes, which are kept")


def _ask(url: str, here: int) -> HTTPResponse:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url!r} is no address of a file on the web; it must begin with http:// or https://")
    request = urllib.request.Request(url, headers={"User-Agent": "quantlab"} | ({"Range": f"bytes={here}-"} if here else {}))  # noqa: S310
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and here:  # nothing is left to send: whole already, or not this file
                return _ask(url, 0)
            raise Unreachable(f"{host(url)} answers {error.code} {error.reason} for {urlsplit(url).path}") from error
    except (urllib.error.URLError, HTTPException, OSError) as error:
        why = getattr(error, "reason", error)
        raise Unreachable(f"{host(url)} does not answer: {why}") from error


def _range(response: HTTPResponse, part: Path) -> tuple[int, int]:
    """(bytes of ``part`` that the answer goes on from, bytes of the whole file or 0 where it is not said)."""
    length = int(response.headers.get("Content-Length") or 0)
    if response.status != 206:
        return 0, length
    span, _, whole = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
    start = span.partition("-")[0]
    here = size(part)
    if start != str(here):
        raise Unreachable(f"{host(response.url)} sends bytes {span!r} where those from {here} were asked for")
    return here, int(whole) if whole.isdecimal() else here + length


def _piece(response: HTTPResponse, url: str) -> bytes:
    try:
        return response.read(CHUNK)
    except (HTTPException, OSError) as error:
        raise Cut(f"the connection to {host(url)} broke: {error!r}") from error


def _add(file: BinaryIO, piece: bytes) -> int:
    if file.tell() + len(piece) > MAX_BYTES:
        raise OSError(f"it has more than {MAX_BYTES} bytes")
    return file.write(piece)


def size(path: Path) -> int:
    """Bytes that are here."""
    return path.stat().st_size if path.exists() else 0


def host(url: str) -> str:
    """The host that an address names."""
    return urlsplit(url).netloc
