"""Files in an uploaded zip: every name and size is checked before anything is expanded.

Names are data and never paths: nothing is written to a disk. A name that tries to be more than a place inside the
archive, a link or an encrypted entry makes the whole archive suspect, so it is refused with one sentence. Sizes may lie
in a zip's directory: at most the claimed bytes are expanded, and they must then fit the checksum.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from quantlab.sources.upload import Refused, Upload, show

MAX_FILES = 20_000
MAX_EXPANDED = 1 << 30  # bytes, all files together
MAX_FILE = 64 << 20  # bytes of one file
MAX_NAME = 4096  # characters of one, folders included
UNSHOWN = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the text after them around, and so deceive
JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")  # what systems put in unasked; so are names that begin with a dot


@dataclass(frozen=True)
class Member:
    """One file: its place as folder names and file name, and the function that reads it."""

    path: tuple[str, ...]
    nbytes: int
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        return "/".join(self.path)


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def zip_members(upload: Upload, hidden: bool = False, most: int | None = None) -> list[Member]:
    """The files of the archive in its order, folders aside; ValueError in one sentence.

    hidden : take what a system put in, and names that begin with a dot, too. most : bytes of one file, expanded; ``MAX_FILE`` if left out.
    """
    if not is_zip(upload.head):
        raise Refused(f"{show(upload.name)} is not a .zip inside, whatever it is called: pack the folders as a .zip.")
    count = sum(1 for _ in zip(range(MAX_FILES + 1), re.finditer(rb"PK\x01\x02", upload.view), strict=False))
    if count > MAX_FILES:  # counted before zipfile builds an object for each
        raise Refused(f"{show(upload.name)} holds more than {MAX_FILES} files: pack fewer.")
    try:
        archive = zipfile.ZipFile(upload.open())
    except Exception as error:  # zipfile raises nine kinds on hostile input
        raise _broken(upload, error) from error
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]  # is_dir() fails at a name of no character
    paths = [(checked_path(upload.name, entry.filename), entry) for entry in entries]
    for path, entry in paths:
        if not path:
            raise Refused(f"{show(upload.name)} holds a file without a name ({show(entry.filename)}): pack the folders anew.")
    members = [
        _member(upload, archive, path, entry, MAX_FILE if most is None else most) for path, entry in paths if hidden or not is_junk(path)
    ]
    total = sum(member.nbytes for member in members)
    if total > MAX_EXPANDED:
        raise Refused(f"{show(upload.name)} expands to {total} bytes, at most {MAX_EXPANDED} are read: pack fewer or smaller files.")
    return members


def checked_path(archive: str, name: str) -> tuple[str, ...]:
    """A file's name as its parts; ValueError where it points out of the archive or cannot be shown.

    >>> checked_path("my.zip", "cats/./tom.png")
    ('cats', 'tom.png')
    """
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        raise Refused(f"{show(archive)} holds the absolute name {show(name)}: pack the folders anew, with names inside the archive.")
    if ".." in parts:
        raise Refused(f"{show(archive)} holds {show(name)}, whose '..' leads out of the archive: pack the folders anew, without it.")
    if len(name) > MAX_NAME or any(c in UNSHOWN or unicodedata.category(c) == "Cc" for c in name):
        raise Refused(f"{show(archive)} holds {show(name)}, a name that cannot be shown: rename that file and pack again.")
    return tuple(part for part in parts if part not in ("", "."))


def is_junk(path: tuple[str, ...]) -> bool:
    """Whether a system, and not a person, put this file there."""
    return any(part in JUNK or part.startswith(".") for part in path)


def _member(upload: Upload, archive: zipfile.ZipFile, path: tuple[str, ...], entry: zipfile.ZipInfo, most: int) -> Member:
    where = f"{show(upload.name)} holds {show(entry.filename)}"
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused(f"{where}, a link to another place: pack the file itself.")
    if entry.flag_bits & 0x1:
        raise Refused(f"{where}, which is encrypted: pack it without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"{where}, compressed in an unusual way: pack it as an ordinary (deflated) .zip.")
    if entry.file_size > most:
        raise Refused(f"{where}, which expands to {entry.file_size} bytes, at most {most} are read: make it smaller.")

    def read() -> bytes:
        try:
            with archive.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
        except Exception as error:
            raise _broken(upload, error) from error
        if len(content) != entry.file_size:
            raise Refused(f"{where}, whose size is not the {entry.file_size} bytes it claims: pack it again.")
        return content

    return Member(path, entry.file_size, read)


def _broken(upload: Upload, error: Exception) -> Refused:
    return Refused(f"{show(upload.name)} is not a sound .zip ({show(str(error))}): pack and upload it again.")
