"""Opening a model file: the format is told by its first bytes, an index of shards by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from quantlab.model_file.readers.archives import read_numpy
from quantlab.model_file.readers.gguf import read_gguf
from quantlab.model_file.readers.onnx import read_onnx
from quantlab.model_file.readers.safetensors import read_index, read_safetensors
from quantlab.model_file.readers.state_dict import read_state_dict
from quantlab.model_file.tensors import MAX_TENSORS, ModelFile
from quantlab.sources.contents import HEAD, described_by_json, unread
from quantlab.sources.tensors import is_safetensors
from quantlab.sources.upload import Refused, is_really, show

ENDINGS = (".safetensors", ".safetensors.index.json", ".gguf", ".onnx", ".pt", ".pth", ".bin", ".npz", ".npy")
Reader = Callable[[Path], ModelFile]


def open_model(path: Path) -> ModelFile:
    """The tensors of a model file, listed from its header.

    path : a safetensors file or an index of shards, GGUF, ONNX, a PyTorch state_dict, .npz or .npy; or a folder that holds one of them.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file and what to do.
    """
    path = _in_folder(path) if path.is_dir() else path
    if not path.exists():
        raise Refused(f"{show(str(path))} does not exist: give the path of a model file ({', '.join(ENDINGS)}).")
    try:
        model = _reader(path)(path)
    except MemoryError as error:
        raise Refused(f"{show(path.name)} asks for more memory than there is: it is damaged, or too large for this machine.") from error
    counts = Counter(tensor.name for tensor in model.tensors)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise Refused(f"{show(path.name)} holds two tensors of the name {show(twice[0])}: save it again with names of their own.")
    if len(model.tensors) > MAX_TENSORS:
        raise Refused(f"{show(path.name)} holds {len(model.tensors)} tensors, at most {MAX_TENSORS} are read: give a part of it.")
    return model


def _in_folder(folder: Path) -> Path:
    """The one model file in a folder; an index of shards goes before the shards."""
    for pattern in (
        "*.safetensors.index.json",
        "*.safetensors",
        "*-00001-of-*.gguf",
        "*.gguf",
        "*.onnx",
        "*.pt",
        "*.pth",
        "*.bin",
        "*.npz",
    ):
        found = sorted(folder.glob(pattern))
        if len(found) > 1:
            raise Refused(f"{show(str(folder))} holds {len(found)} files {pattern}, such as {show(found[0].name)}: give the path of one.")
        if found:
            return found[0]
    raise Refused(f"{show(str(folder))} holds no model file: give the path of one ({', '.join(ENDINGS)}).")


def _reader(path: Path) -> Reader:
    if path.name.endswith(".json"):
        return read_index
    with path.open("rb") as file:
        head = file.read(HEAD)
    if kind := unread(head) or described_by_json(head):
        raise is_really(path.name, kind)
    if head.startswith(b"GGUF"):
        return read_gguf
    if head.startswith(b"\x93NUMPY"):
        return read_numpy
    if head.startswith(b"PK"):
        return read_numpy if path.suffix.lower() == ".npz" else read_state_dict
    if is_safetensors(head) or path.suffix.lower() == ".safetensors":
        return read_safetensors
    if path.suffix.lower() == ".onnx":
        return read_onnx
    if head[:1] == b"\x80":
        raise Refused(
            f"{show(path.name)} is a bare pickle, which can run code and is never read: save it with torch.save of version 1.6 or later."
        )
    raise Refused(f"{show(path.name)} is in no known format: give one of {', '.join(ENDINGS)}.")
