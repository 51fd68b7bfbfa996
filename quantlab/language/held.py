"""Language models that people brought: kept on this server's disk, where its worker processes read them, and named by their content
and a secret of the server's: who has an address that names one opens it, and nobody guesses the name.

A GGUF file, or a Hugging Face folder as a zip or as several files. Their names are data: on the disk they are called ``model.gguf``,
``config.json``, ``tokenizer.json`` and ``part-0001.safetensors``. The least recently brought go once they hold more than ``ROOM``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from quantlab.cache_folder import cache_folder
from quantlab.language.hugging_face import CONFIG, TOKENIZER
from quantlab.sources.upload import MAX_FILE, Refused, as_upload, show
from quantlab.sources.zip_files import is_zip, zip_members

GGUF, TITLE, SECRET = "model.gguf", "name.txt", ".secret"
ROOM = 4 << 30  # bytes of all that are kept
LOST = "That model is no longer held by this server; open it again."
WANTED = "Choose a GGUF file, or a zip or the files of a Hugging Face folder: config.json, tokenizer.json, *.safetensors."


def keep(files: Sequence[tuple[str, bytes]]) -> str:
    """Keep a model's files, (name, content) each; returns its digest. Refused in one sentence where they are no model's files.

    A model is not opened here: what is inside is told when it is asked for.
    """
    folder = _folder()
    if folder is None:
        raise Refused("This server keeps nothing on its disk (QUANTLAB_CACHE=off): ask its owner to put the model into QUANTLAB_MODELS.")
    title, placed = _placed(files)
    whole = hashlib.sha256(_secret(folder))
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
    return digest


def place(digest: str) -> tuple[Path, str]:
    """The folder of a digest, and what its person called it; Refused where it is held no longer."""
    folder = _folder()
    if not digest:
        raise Refused(WANTED)
    if folder is None or not digest.isalnum() or not (folder / digest / TITLE).is_file():
        raise Refused(LOST)
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
    there = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: (p.name != newest, -p.stat().st_mtime))
    total = 0
    for one in there:
        total += sum(f.stat().st_size for f in one.iterdir())
        if total > ROOM and one.name != newest:
            shutil.rmtree(one, ignore_errors=True)
