"""Downloads: a file fetched in pieces with progress, resumed where it broke, checked, then moved into place.

What has arrived waits beside as NAME.part; the next attempt asks for the rest, also of another mirror, since the checksum
of the whole decides. Only a file whose checksum is right is used, so a person without a connection may put it there by hand.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from quantlab.cache_folder import cache_folder
from quantlab.networks.resume import Cut, Unreachable, add_missing, host, size
from quantlab.progress import Steps
from quantlab.sources.upload import Refused, show

TRIES = 5  # of one mirror, each of which must bring some bytes


@dataclass(frozen=True)
class Remote:
    """A file out there. mirrors : addresses of the folder, each ending in "/". digest : hexadecimal, or how it begins."""

    name: str
    mirrors: tuple[str, ...]
    algorithm: str
    digest: str

    def fits(self, path: Path) -> bool:
        """Whether the file there has the checksum it should have."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.new(self.algorithm, usedforsecurity=False))
        return digest.hexdigest().startswith(self.digest)


def folder() -> Path:
    """The folder of fetched files; ValueError where the cache is switched off."""
    base = cache_folder()
    if base is None:
        raise Refused("The cache is switched off, and what is fetched must be kept somewhere: set QUANTLAB_CACHE to a folder.")
    return base / "downloads"


def fetch_steps(remote: Remote, where: Path | None = None, base: str | None = None) -> Steps[Path]:
    """The file's path, fetched unless it is there already; yields (bytes here, bytes in all).

    Parameters
    ----------
    where : the folder to keep it in; without it ``folder()``.
    base : a mirror to ask instead of the remote's own, ending in "/".

    Raises
    ------
    ValueError : one sentence: what is wrong and what to do. What arrived is kept for the next attempt.
    """
    where = folder() if where is None else where
    path, part = where / remote.name, where / f"{remote.name}.part"
    try:
        where.mkdir(parents=True, exist_ok=True)
        if path.is_file() and remote.fits(path):
            return path
        why = "no mirror is known"
        for mirror in remote.mirrors if base is None else (base,):
            try:
                yield from _arrive(remote, mirror, part)
                os.replace(part, path)
                return path
            except Unreachable as error:
                why = str(error)
    except OSError as error:
        raise Refused(
            f"{show(remote.name)} cannot be kept in the cache ({error.strerror or error}): free some space, or set QUANTLAB_CACHE elsewhere."
        ) from error
    raise Refused(
        f"{remote.name} could not be fetched ({why}): connect to the internet and try again, or put the file into {_spoken(where)}."
    )


def _spoken(where: Path) -> str:
    """A folder for people to whom the server's own folders are none of their business."""
    base = cache_folder()
    inside = base is not None and where.is_relative_to(base)
    return f"{where.relative_to(base).as_posix()} in the cache folder" if base and inside else f"the folder {where.name}"


def _arrive(remote: Remote, mirror: str, part: Path) -> Steps[None]:
    """The whole file as ``part``, its checksum right."""
    if part.exists() and remote.fits(part):
        return
    for _ in range(TRIES):
        before = size(part)
        try:
            yield from add_missing(mirror + remote.name, part)
        except Cut:
            if size(part) <= before:
                raise
            continue
        if remote.fits(part):
            return
        part.unlink()
        if not before:
            raise Unreachable(f"what {host(mirror)} sends is not what its {remote.algorithm} checksum {remote.digest} says")
    raise Unreachable(f"the connection to {host(mirror)} broke {TRIES} times, {size(part)} bytes are here")
