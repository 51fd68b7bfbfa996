"""Labelled pictures of a person: one folder a class, in a zip or as a folder of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from quantlab.sources.folder_files import THE_FOLDER, check_count, pictures_below
from quantlab.sources.labelled_images import MIN_EACH, LabelledImages, Steps, check_enough, decode_steps
from quantlab.sources.upload import Refused, as_upload, show
from quantlab.sources.zip_files import MAX_FILE, Member, checked_path, is_junk, zip_members

__all__ = ["LabelledImages", "from_files", "from_folder", "from_zip"]

MAX_CLASSES = 1000
MAX_BYTES = 512 << 20  # of all pictures, scaled
BESIDE = frozenset(
    [
        "csv",
        "tsv",
        "txt",
        "md",
        "rst",
        "json",
        "jsonl",
        "xml",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "log",
        "html",
        "htm",
        "pdf",
        "py",
        "ipynb",
        "sh",
        "npy",
        "npz",
        "xls",
        "xlsx",
    ]
)


def from_zip(name: str, data: BinaryIO | bytes | Path, side: int, channels: int = 3) -> Steps:
    """The pictures of a zip, (N, side, side, channels); yields (done, total); ValueError in one sentence.

    Parameters
    ----------
    name : the file's name, for messages only.
    data : its content, a stream at its start, or a path.
    channels : 3 for colour, 1 for grey.
    """
    members = [member for member in zip_members(as_upload(name, data)) if not _is_beside(member)]
    return _read(name, members, side, channels)


def from_files(files: Sequence[tuple[str, BinaryIO | bytes | Path]], side: int, channels: int = 3) -> Steps:
    """The pictures of several files, each with a name like ``cats/tom.png``."""
    check_count(len(files))
    named = [(checked_path(THE_FOLDER, name), data) for name, data in files]
    members = [_from_file(path, data) for path, data in named if not is_junk(path)]
    return _read(THE_FOLDER, members, side, channels)


def from_folder(folder: Path, side: int, channels: int = 3) -> Steps:
    """The pictures of a folder of this machine; what is no .png, .jpg, .jpeg or .webp in it is passed over."""
    return from_files(pictures_below(folder), side, channels)


def _is_beside(member: Member) -> bool:
    """Whether the file's name says that it is a text, a table or a list beside the pictures: it is passed over."""
    _, dot, ending = member.path[-1].lower().rpartition(".")
    return ending in BESIDE if dot else ending in ("readme", "license", "licence", "makefile")


def _from_file(path: tuple[str, ...], data: BinaryIO | bytes | Path) -> Member:
    def read() -> bytes:
        upload = as_upload("/".join(path), data)
        if len(upload.view) > MAX_FILE:
            raise Refused(f"{show(upload.name)} has {len(upload.view)} bytes, at most {MAX_FILE} are read: make it smaller.")
        return bytes(upload.view)

    return Member(path, 0, read)


def _read(name: str, members: list[Member], side: int, channels: int) -> Steps:
    if side < 1 or channels not in (1, 3):
        raise ValueError(f"side={side} and channels={channels} are no size of pictures; choose a side of 1 or more and 1 or 3 channels")
    placed = _in_classes(name, members)
    classes = tuple(sorted({folder for folder, _ in placed}))
    _check_counts(name, placed, classes, side * side * channels)
    return decode_steps(placed, classes, (side, side, channels))


def _in_classes(name: str, members: list[Member]) -> list[tuple[str, Member]]:
    """(class, file) of each: its folder, once folders around all of them are taken away."""
    if not members:
        raise Refused(f"{show(name)} holds no picture: pack one folder of pictures for each class.")
    outer = 0
    while all(len(m.path) > outer + 2 for m in members) and len({m.path[outer] for m in members}) == 1:
        outer += 1
    for member in members:
        if len(member.path) < outer + 2:
            raise Refused(f"{show(member.name)} lies in no folder: put every picture into the folder of its class.")
        if len(member.path) > outer + 2:
            inside = "/".join(member.path[outer:-1])
            raise Refused(f"{show(member.name)} lies in folders inside one another ({show(inside)}): use one folder for each class.")
    return [(member.path[outer], member) for member in members]


def _check_counts(name: str, placed: list[tuple[str, Member]], classes: tuple[str, ...], nbytes: int) -> None:
    if len(placed) == 1:
        raise Refused(f"{show(name)} holds one picture: give at least 2 folders (classes) of {MIN_EACH} different pictures.")
    if len(classes) == 1:
        raise Refused(f"{show(name)} holds one class, {show(classes[0])}, and nothing to tell it from: add a folder of another.")
    if len(classes) > MAX_CLASSES:
        raise Refused(f"{show(name)} holds {len(classes)} folders, at most {MAX_CLASSES} classes are read: choose fewer.")
    if len(placed) * nbytes > MAX_BYTES:
        raise Refused(
            f"{len(placed)} pictures of {nbytes} bytes are too many for {MAX_BYTES >> 20} MiB: choose fewer, or a smaller network."
        )
    for one in classes:
        check_enough(one, sum(folder == one for folder, _ in placed), "pictures")
