"""Uploads before anything is known about them: read-only views that cost no copy.

A path is mapped into memory, ``bytes`` and ``io.BytesIO`` (Streamlit's uploads) are looked at in place. The readers of
the formats (``npy.py``, ``tensors.py``, ``csv_table.py``) turn an ``Upload`` into ``Entry`` objects: what a tensor
claims to be, and how to load it once the claim is believed.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from quantlab.sources.contents import HEAD, unread

MAX_FILE = 500 << 20  # bytes of what is not a path: a file of this machine is mapped, whatever its size
MAX_STATE = 256 << 20  # bytes of a network's weights, in the file and expanded


class Refused(ValueError):
    """A file or a choice that is refused; the text is one sentence: what is wrong and what to do."""


@dataclass(frozen=True)
class TensorInfo:
    """A file's claim about one tensor: ``dtype`` is numpy's name where numpy has one; ``nbytes`` is expanded.

    note : how it was read, where that is a choice. refused : why it cannot be read, though others of the file can.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    note: str = field(default="", repr=False)
    refused: str = field(default="", repr=False)


@dataclass(frozen=True)
class Entry:
    """One tensor of a file: its claim, and the function that reads it."""

    info: TensorInfo
    load: Callable[[], np.ndarray]

    @classmethod
    def left_out(cls, name: str, why: Refused) -> Entry:
        """What of a file cannot be read, and why."""

        def load() -> np.ndarray:
            raise why

        return cls(TensorInfo(name, (), "", 0, refused=str(why)), load)


@dataclass(frozen=True)
class Upload:
    """A file from outside: ``name`` is only ever shown; ``view`` is its content, ``open()`` a stream over it."""

    name: str
    view: memoryview
    open: Callable[[], BinaryIO]

    @property
    def head(self) -> bytes:
        return bytes(self.view[:16])


def as_upload(name: str, data: BinaryIO | bytes | Path) -> Upload:
    """``data`` as an ``Upload``; ValueError where it is empty, larger than ``MAX_FILE`` and no path, or of a kind never read."""
    if isinstance(data, Path):
        path = data
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                raise Refused(f"{show(name)} is empty (0 bytes): save it again and upload that.")
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return _not_unread(Upload(name, view, lambda: path.open("rb")))
    if isinstance(data, bytes):
        content = data
    elif isinstance(data, io.BytesIO):
        content = data.getvalue()  # shares the buffer, where getbuffer() would copy it
    else:
        content = data.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise Refused(f"{show(name)} is larger than {MAX_FILE >> 20} MiB: bring only the part that matters.")
    if not content:
        raise Refused(f"{show(name)} is empty (0 bytes): save it again and upload that.")
    return _not_unread(Upload(name, memoryview(content), lambda: io.BytesIO(content)))


def _not_unread(upload: Upload) -> Upload:
    """The upload; ValueError where it is of a kind that nothing here reads, whatever it is called."""
    if kind := unread(bytes(upload.view[:HEAD])):
        raise is_really(upload.name, kind)
    return upload


def is_really(name: str, kind: tuple[str, str]) -> Refused:
    """The error for a file that is something else: ``kind`` is what, and the remedy."""
    what, remedy = kind
    return Refused(f"{show(name)} is {what}: {remedy}.")


def show(text: object) -> str:
    """A name or a word out of a file, fit for one sentence: quoted, escaped, at most 60 characters."""
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
