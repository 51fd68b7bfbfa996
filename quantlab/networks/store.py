"""Store of heavy results: arrays on disk, one file each, named by what computed them.

Written beside and moved into place, so nobody reads half a file; the least recently used go once the folder holds more
than its limit. A file begins with the SHA-256 of the rest: one that does not fit it, for whatever reason, counts as absent and
is removed, and is never parsed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np

LIMIT = 256 << 20  # bytes
PRUNE_EVERY = 64  # writes
_CHECKSUM = hashlib.sha256().digest_size


class Store:
    """Arrays under keys (hexadecimal digests). ``path`` None keeps nothing."""

    def __init__(self, path: Path | None, limit: int = LIMIT):
        self.path, self.limit, self._writes = path, limit, 0

    def get(self, key: str, used: bool = True) -> np.ndarray | None:
        """The array, or None. used : marks it as used; what nobody used for longest goes first."""
        if self.path is None:
            return None
        file = self.path / f"{key}.npy"
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:  # a folder of that name, no permission, a disk that fails
            _remove(file)
            return None
        if hashlib.sha256(content[_CHECKSUM:]).digest() != content[:_CHECKSUM]:
            _remove(file)
            return None
        try:
            array: np.ndarray = np.load(BytesIO(content[_CHECKSUM:]), allow_pickle=False)
        except ValueError:  # sound, and none of ours: objects
            _remove(file)
            return None
        with suppress(OSError):  # read, though it cannot be marked as used
            if used:
                os.utime(file)
        return array

    def put(self, key: str, array: np.ndarray) -> None:
        """Keep an array; a full disk or a folder that cannot be written only means that it is computed again."""
        if self.path is None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(key, array)
        except OSError:
            return
        self._writes += 1
        if self._writes % PRUNE_EVERY == 1:
            self.prune()

    def _write(self, key: str, array: np.ndarray) -> None:
        assert self.path is not None
        handle, name = tempfile.mkstemp(dir=self.path, suffix=".part")
        try:
            content = BytesIO()
            np.save(content, array, allow_pickle=False)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content.getbuffer()).digest())
                file.write(content.getbuffer())
            os.replace(name, self.path / f"{key}.npy")
        except OSError:
            os.unlink(name)
            raise

    def prune(self) -> None:
        """Remove the least recently used files beyond the limit, and what interrupted writes left."""
        if self.path is None or not self.path.is_dir():
            return
        files = []
        for file in [*self.path.glob("*.npy"), *self.path.glob("*.part")]:
            with suppress(FileNotFoundError):  # another process prunes too
                files.append((file.stat().st_mtime, file.stat().st_size, file))
        held = 0
        for _, size, file in sorted(files, reverse=True):
            held += size
            if held > self.limit:
                _remove(file)


def _remove(file: Path) -> None:
    """As far as it can be."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
