"""Language models that people brought: held by their tokens like all files (``sources/holding.py``), but on this server's disk, where its
worker processes read them.

A GGUF file, or a Hugging Face folder as a zip or as several files. Their names are data: on the disk they are called ``model.gguf``,
``config.json``, ``tokenizer.json`` and ``part-0001.safetensors``, in a folder named by a digest of the content, the person's name of it and
a secret of the server's. A folder goes with its last token; those that an earlier process left go when nobody used them for the hours of a
holding, or all need more than ``ROOM``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from quantlab.cache_folder import cache_folder
from quantlab.language.hugging_face import CONFIG, TOKENIZER
from quantlab.sources.holding import Holding
from quantlab.sources.upload import MAX_FILE, Refused, as_upload, show
from quantlab.sources.zip_files import is_zip, zip_members

GGUF, TITLE, SECRET = "model.gguf", "name.txt", ".secret"
ROOM = 4 << 30  # bytes of all that are kept
LOST = "That model is no longer held by this server; open it again."
WANTED = "Choose a GGUF file, or a zip or the files of a Hugging Face folder: config.json, tokenizer.json, *.safetensors."


@dataclass(frozen=True)
class Folder:
    """Where a model lies, and its bytes."""

    digest: str
    nbytes: int

    def __len__(self) -> int:
        return self.nbytes


def keep(files: Sequence[tuple[str, bytes]], owner: str | None = None, token: str = "") -> str:
    """Keep a model's files, (name, content) each; returns its token. Refused in one sentence where they are no model's files.

    owner : the visitor who alone opens it, None for everybody. token : its own, where it was dropped.
    A model is not opened here: what is inside is told when it is asked for.
    """
    folder = _folder()
    if folder is None:
        raise Refused("This server keeps nothing on its disk (QUANTLAB_CACHE=off): ask its owner to put the model into QUANTLAB_MODELS.")
    title, placed = _placed(files)
    whole = hashlib.sha256(_secret(folder) + repr(title).encode("utf-8", "replace"))
    for name, content in sorted(placed.items()):
        whole.update(f"{name} {len(content)} ".encode() + hashlib.sha256(content).digest())
    digest = whole.hexdigest()[:20]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / digest).is_dir():
            _write(folder, digest, placed | {TITLE: title.encode("utf-8", "replace")})
        os.utime(folder / digest)
        _prune(folder, digest)
    except OSError as problem:
        raise Refused(f"This server cannot keep the model on its disk ({show(str(problem))}): tell its owner.") from problem
    return MODELS.add(title, Folder(digest, sum(map(len, placed.values()))), owner, token)


def digest_of(token: str) -> str:
    """The digest of a model that who asks may open; Refused in one sentence."""
    if not token:
        raise Refused(WANTED)
    return MODELS.content(MODELS.check(token, LOST))[1].digest


def is_whole(token: str) -> bool:
    """Whether who asks may open the model, and it lies on the disk still."""
    folder = _folder()
    return token in MODELS and folder is not None and (folder / MODELS.content(token)[1].digest / TITLE).is_file()


def place(digest: str) -> tuple[Path, str]:
    """The folder of a digest, and what its person called it; Refused where it is held no longer."""
    folder = _folder()
    if folder is None or not digest.isalnum() or not (folder / digest / TITLE).is_file():
        raise Refused(LOST)
    with suppress(OSError):  # of a worker that may not write there: the server says that it is used
        os.utime(folder / digest)
    return folder / digest, (folder / digest / TITLE).read_text("utf-8")


def _secret(folder: Path) -> bytes:
    """What makes a model's name nobody's guess who has the model: drawn once for the folder."""
    path = folder / SECRET
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as new:
            new.write(secrets.token_bytes(32))
        return path.read_bytes()
    except OSError as problem:
        raise Refused(f"This server cannot keep the model on its disk ({show(str(problem))}): tell its owner.") from problem


def _folder() -> Path | None:
    cache = cache_folder()
    return None if cache is None else cache / "language-models"


def _placed(files: Sequence[tuple[str, bytes]]) -> tuple[str, dict[str, bytes]]:
    """A title, and the files by the names that they have on the disk."""
    if not files:
        raise Refused(WANTED)
    for file in files:
        as_upload(*file)  # it knows empty files, web pages and pointers saved in place of a file
    if len(files) == 1 and is_zip(files[0][1][:4]):
        members = zip_members(as_upload(*files[0]), most=MAX_FILE)
        wanted = [m for m in members if _kind(m.path[-1])]
        return files[0][0], _named(files[0][0], [(m.name, m.read()) for m in wanted])
    if len(files) == 1 and files[0][1][:4] == b"GGUF":
        return files[0][0], {GGUF: files[0][1]}
    if len(files) == 1 and not _kind(files[0][0]):
        raise Refused(f"{show(files[0][0])} is no GGUF file and no zip: {WANTED[0].lower()}{WANTED[1:]}")
    return _common(files), _named("What was chosen", list(files))


def _common(files: Sequence[tuple[str, bytes]]) -> str:
    return next((name for name, _ in files if name.endswith(".safetensors")), files[0][0])


def _kind(name: str) -> str:
    """What a file of a Hugging Face folder is kept as; "" for one that is not read."""
    return (
        name
        if name in (CONFIG, TOKENIZER)
        else ".safetensors"
        if name.endswith(".safetensors")
        else ".gguf"
        if name.endswith(".gguf")
        else ""
    )


def _named(whole: str, files: list[tuple[str, bytes]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    parts = 0
    for name, content in sorted(files):
        kind = _kind(name.split("/")[-1])
        if kind == ".gguf":
            if len(files) > 1 and any(_kind(other.split("/")[-1]) == ".gguf" for other, _ in files if other != name):
                raise Refused(f"{show(whole)} holds several GGUF files: bring one, whole.")
            return {GGUF: content}
        parts += kind == ".safetensors"
        place = f"part-{parts:04d}.safetensors" if kind == ".safetensors" else kind
        if place in found:
            raise Refused(f"{show(whole)} holds {kind} twice: bring the folder of one model.")
        if place:
            found[place] = content
    if CONFIG not in found or not parts:
        missing = CONFIG if CONFIG not in found else ".safetensors"
        raise Refused(f"{show(whole)} holds no {missing} file: bring config.json, tokenizer.json and the .safetensors of one model.")
    return found


def _write(folder: Path, digest: str, files: dict[str, bytes]) -> None:
    """All or nothing: written beside, and moved into place."""
    beside = Path(tempfile.mkdtemp(dir=folder, prefix="."))
    try:
        for name, content in files.items():
            (beside / name).write_bytes(content)
        with suppress(FileExistsError, OSError):  # another session brought the same
            os.replace(beside, folder / digest)
        if not (folder / digest).is_dir():
            raise OSError("the folder cannot be moved into place")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _prune(folder: Path, newest: str) -> None:
    until = time.time() - 3600 * Holding.hours
    there = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: (p.name != newest, -p.stat().st_mtime))
    total = 0
    for one in there:
        total += sum(f.stat().st_size for f in one.iterdir())
        if (total > ROOM or one.stat().st_mtime < until) and one.name != newest:
            shutil.rmtree(one, ignore_errors=True)


def _remove(gone: Folder) -> None:
    """Nobody holds it any more."""
    if (folder := _folder()) is not None:
        shutil.rmtree(folder / gone.digest, ignore_errors=True)


MODELS: Holding[Folder] = Holding(ROOM, most_each=4, room_each=2 << 30, gone=_remove)
