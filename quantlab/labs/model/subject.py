"""The file that is looked at: one that is shipped, one that was brought, or one of the folder that the server's owner allows.

``QUANTLAB_MODELS`` names that folder. A file of it is chosen from a list; no path is ever made from what an address says.
"""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from quantlab.labs.address import Values
from quantlab.model_file.opening import ENDINGS
from quantlab.paths import ASSETS
from quantlab.sources.uploads import UPLOADS

FOLDER = "QUANTLAB_MODELS"
UPLOAD, SERVER, NONE = "upload", "server", "none"
SHIPPED = {
    "language-large": ("Language model, 1.8 million weights", "language/large/model.safetensors"),
    "language-small": ("Language model, 0.5 million weights", "language/small/model.safetensors"),
    "plain": ("Plain CNN", "networks/plain.safetensors"),
    "depthwise": ("Depthwise CNN", "networks/depthwise.safetensors"),
    "small": ("Network for digits", "networks/small.safetensors"),
}
WANTED = "Choose a file of weights: safetensors, GGUF, ONNX, .pt, .npz or .npy."
WANTED_INPUTS = "Choose an .npz of activations: an array (samples, inputs) for each matrix, named after it."
_MOST = 500  # entries of the folder that are listed


@dataclass(frozen=True)
class ModelSubject:
    """A file. file : of an upload, its token. name : in the owner's folder. stamp : what changes with its content.

    inputs : of layers, brought beside it, as such a subject; None where there are none.
    """

    source: str
    file: str = ""
    name: str = ""
    stamp: Hashable = None
    inputs: ModelSubject | None = None

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.source == UPLOAD:
            return UPLOADS.name(self.file) if self.file in UPLOADS else "a file"
        return self.name if self.source == SERVER else SHIPPED[self.source][0]

    @property
    def brought(self) -> bool:
        """Whether it is not of this repository."""
        return self.source in (UPLOAD, SERVER)

    @property
    def key(self) -> Hashable:
        return (self.source, UPLOADS.key(self.file), self.name, self.stamp, self.inputs and self.inputs.key)


def shipped_path(source: str) -> Path:
    """Where a shipped file lies."""
    return ASSETS / SHIPPED[source][1]


def allowed() -> dict[str, Path]:
    """The files, and the folders with one model each, of the owner's folder, by name; none where no folder is named.

    What leads out of the folder by a link is left out, and so are names that cannot be shown.
    """
    root = os.environ.get(FOLDER, "").strip()
    if not root or not (folder := Path(root).resolve()).is_dir():
        return {}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        inside = path.resolve().is_relative_to(folder)
        if inside and path.name.isprintable() and not path.name.startswith(".") and _holds_a_model(path):
            found[path.name] = path
        if len(found) == _MOST:
            break
    return found


def _holds_a_model(path: Path) -> bool:
    if path.is_dir():
        return any(inner.name.endswith(ENDINGS) for inner in path.iterdir())
    return path.is_file() and path.name.endswith(ENDINGS)


def subject_of(values: Values) -> ModelSubject:
    """The subject that an address names; ValueError in one sentence where there is none."""
    inputs = (
        _file_of(values["inputs"], values.get("activations", ""), values.get("beside", ""), WANTED_INPUTS)
        if values["inputs"] != NONE
        else None
    )
    return replace(_file_of(values["source"], values.get("file", ""), values.get("name", ""), WANTED), inputs=inputs)


def _file_of(source: str, token: str, name: str, wanted: str) -> ModelSubject:
    """A file by where it lies. wanted : the sentence where none was brought yet."""
    if source == UPLOAD:
        if not token:
            raise ValueError(wanted)
        return ModelSubject(source, file=UPLOADS.check(token))
    if source == SERVER:
        path = allowed().get(name)
        if path is None:
            raise ValueError("That file is no longer in the server's folder; choose another one.")
        return ModelSubject(source, name=name, stamp=_stamp(path))
    return ModelSubject(source)


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the file, or of the files of a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return tuple((f.name, (s := f.stat()).st_size, s.st_mtime_ns) for f in files if f.is_file())
