"""Folders of pictures as one file: packed as a zip, so that they are held, named and checked as a zip is.

A browser that sends a folder gives each file a name like ``pets/cats/tom.png``: names are data and never paths. The
order in which files come decides nothing, so that the same folder is the same bytes again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from quantlab.sources import upload
from quantlab.sources.picture_files import ENDINGS
from quantlab.sources.upload import Refused, show
from quantlab.sources.zip_files import MAX_FILES, checked_path

THE_FOLDER = "the folder"  # its name where its files share none


def packed(files: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The folder's name, with a slash at its end, and a zip of its files; ValueError in one sentence.

    >>> packed([("pets/cats/tom.png", b"..."), ("pets/dogs/rex.png", b"...")])[0]
    'pets/'
    """
    check_count(len(files))
    total = sum(len(content) for _, content in files)
    if total > upload.MAX_FILE:
        raise Refused(f"The folder holds {total >> 20} MiB, at most {upload.MAX_FILE >> 20} are read: choose fewer or smaller pictures.")
    places = [checked_path(THE_FOLDER, name) for name, _ in files]
    loose = next((name for place, (name, _) in zip(places, files, strict=True) if len(place) < 2), None)
    if loose is not None:
        raise Refused(
            f"{show(loose)} came without the name of its folder: press the button and choose the folder around all classes, "
            "instead of dragging it here."
        )
    outer = places[0][0] if len({place[0] for place in places}) == 1 else THE_FOLDER
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in sorted(_named_apart(places, files).items()):
            archive.writestr(zipfile.ZipInfo(name), content)
    return f"{outer}/", file.getvalue()


def check_count(count: int) -> None:
    if count > MAX_FILES:
        raise Refused(f"There are {count} files, at most {MAX_FILES} are read: choose fewer.")
    if count == 0:
        raise Refused("The folder holds no picture: choose one with a folder of .png, .jpg or .webp files for each class.")


def pictures_below(folder: Path) -> list[tuple[str, Path]]:
    """The pictures in a folder of this machine, (name within it, path) each, as a browser would send them."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS and path.is_file()]
    check_count(len(found))
    return [(path.relative_to(folder).as_posix(), path) for path in found]


def _named_apart(places: Sequence[tuple[str, ...]], files: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """name -> content; a second file of the same name, out of a second folder of that name, gets a number."""
    table: dict[str, bytes] = {}
    for place, (_, content) in sorted(zip(places, files, strict=True)):
        name, again = "/".join(place), 1
        while name in table and table[name] != content:
            again += 1
            name = "/".join((*place[:-1], f"{again} {place[-1]}"))
        table[name] = content
    return table
