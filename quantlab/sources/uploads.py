"""Files that people brought: held in the server's memory, named by the hash of their content."""

from __future__ import annotations

import hashlib

import numpy as np

from quantlab.sources.files import list_tensors, load_tensor, notes_of


class Uploads:
    """Files that were brought, by the hash of their content: held once, whoever brought them, the last ones only."""

    most, room = 64, 1 << 30  # files, bytes in all; the last one stays in any case

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self._listings: dict[str, tuple[list[str], list[str]]] = {}  # of those: tensors and notes; a table of 100 MB is walked once

    def add(self, name: str, data: bytes) -> str:
        """Keep a file; returns its name in addresses."""
        digest = hashlib.sha256(data).hexdigest()[:20]
        if self._files.pop(digest, (name,))[0] != name:
            self._listings.pop(digest, None)  # a table is called after its file
        self._files[digest] = (name, data)
        for old in list(self._files)[:-1]:
            if len(self._files) > self.most or sum(len(content) for _, content in self._files.values()) > self.room:
                del self._files[old]
                self._listings.pop(old, None)
        return digest

    def __contains__(self, digest: str) -> bool:
        return digest in self._files

    def name(self, digest: str) -> str:
        """The file's own name, to show."""
        return self._files[digest][0]

    def content(self, digest: str) -> tuple[str, bytes]:
        """The file's own name and what is in it."""
        return self._files[digest]

    def tensors(self, digest: str) -> list[str]:
        """The names of the tensors in a file; ValueError in one sentence."""
        return self._listing(digest)[0]

    def notes(self, digest: str) -> list[str]:
        """How a file was read, and what of it cannot be read."""
        return self._listing(digest)[1]

    def _listing(self, digest: str) -> tuple[list[str], list[str]]:
        if digest not in self._listings:
            file = self._files[digest]
            self._listings[digest] = [info.name for info in list_tensors(*file)], notes_of(*file)
        return self._listings[digest]

    def load(self, digest: str, tensor: str | None) -> np.ndarray:
        """One tensor, read-only, sharing the file's memory where the format allows."""
        return load_tensor(*self._files[digest], tensor)


UPLOADS = Uploads()  # of all sessions of this server
