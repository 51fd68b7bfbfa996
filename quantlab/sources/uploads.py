"""Files that people brought: held in the server's memory, each for the visitor who brought it (``holding.py``).

What is found out about a file is kept by its content, so that a class that brings one file has it read once.

``QUANTLAB_UPLOADS_MB`` sets the room of all in MB.
"""

from __future__ import annotations

import os
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np

from quantlab.sources.files import list_tensors, load_tensor, notes_of
from quantlab.sources.holding import Content, Holding
from quantlab.sources.model_files import is_gguf, is_onnx
from quantlab.sources.tensors import is_safetensors
from quantlab.workers.reading import read

ROOM = "QUANTLAB_UPLOADS_MB"
_SMALL = 2 << 20  # bytes of a table or an archive that is read at once
_WALKED = 1 << 16  # the same of a model, whose fields may be of one byte each


class Uploads(Holding[bytes]):
    """Files by their tokens. Listings, tensors and notes, are kept once somebody has asked: a table of 100 MB is walked once."""

    def __init__(self, room: int = 1 << 30) -> None:
        super().__init__(room)
        self._listings: WeakKeyDictionary[Content[bytes], tuple[list[str], list[str]]] = WeakKeyDictionary()

    def tensors(self, token: str) -> list[str]:
        """The names of the tensors in a file; ValueError in one sentence."""
        return self._listing(token)[0]

    def notes(self, token: str) -> list[str]:
        """How a file was read, and what of it cannot be read."""
        return self._listing(token)[1]

    def load(self, token: str, tensor: str | None) -> np.ndarray:
        """One tensor, read-only, sharing the file's memory where the format allows."""
        name, data = self.content(token)
        x = read(name, partial(load_tensor, name, data, tensor), _is_cheap(data))
        x.flags.writeable = False  # which does not come along from another process
        return x

    def _listing(self, token: str) -> tuple[list[str], list[str]]:
        content = self._content(token)
        if (listing := self._listings.get(content)) is None:
            listing = read(content.name, partial(_listed, content.name, content.data), _is_cheap(content.data))
            self._listings[content] = listing
        return listing


def _listed(name: str, data: bytes) -> tuple[list[str], list[str]]:
    return [info.name for info in list_tensors(name, data)], notes_of(name, data)


def _is_cheap(data: bytes) -> bool:
    """Whether the file is small, or says all in a header of bounded size: a table is walked line by line, an archive member by member, a
    model field by field."""
    head = data[:16]
    if head.startswith(b"\x93NUMPY") or is_safetensors(head):
        return True
    return len(data) <= (_WALKED if is_gguf(head) or is_onnx(head) else _SMALL)


def room_of(text: str) -> int:
    """Bytes from a setting in MB; 1 GiB where it is empty, ValueError with the remedy for what is no number.

    >>> room_of("256"), room_of("")
    (256000000, 1073741824)
    """
    if not text.strip():
        return 1 << 30
    if not text.strip().isdecimal():
        raise ValueError(f"{ROOM} is {text!r}; write a whole number of MB")
    return int(text) * 10**6


UPLOADS = Uploads(room_of(os.environ.get(ROOM, "")))  # of this server
