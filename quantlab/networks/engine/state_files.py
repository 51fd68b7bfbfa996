"""The named tensors of an uploaded state_dict, read from .safetensors or .pt without running anything in it.

A .pt is a zip with a pickle (``data.pkl``) that says what the tensors are, and their values. ``torch.load`` reads it with
``weights_only=True``, which still calls anything on torch's own list, ``torch.FloatTensor(10**12)`` among it. So the
pickle's names are read first and only those of plain tensors are let through, and torch gets an archive packed anew
from what was checked: no other reader's view of the zip counts.
"""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import torch

from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.tensors import is_safetensors
from quantlab.sources.upload import MAX_STATE, Refused, Upload, as_upload, show
from quantlab.sources.zip_files import Member, is_zip, zip_members

MAX_PICKLE = 4 << 20  # bytes; that of a network with 122 tensors has 20 000
MAX_STEPS = 200_000  # of the pickle; that of a network with 122 tensors has 5 000
COUNTER = "num_batches_tracked"  # of a batch norm; nothing reads it
INSIDE = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights")  # where checkpoints keep it
FLOATS = ("float16", "bfloat16", "float32", "float64")
PLAIN = {
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    *(f"torch {kind}Storage" for kind in ("Half", "BFloat16", "Float", "Double", "Char", "Byte", "Short", "Int", "Long", "Bool")),
}
REMEDY = "save torch.save(model.state_dict(), 'model.pt') with torch 1.6 or later, or a .safetensors"


def read_state(name: str, data: BinaryIO | bytes | Path) -> dict[str, torch.Tensor]:
    """The tensors of a file from outside, under their names, of floating dtype (the counts ``num_batches_tracked`` left out).

    Parameters
    ----------
    name : the file's name, for messages only.
    data : its content, a stream at its start, or a path.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file and what to do.
    """
    upload = as_upload(name, data)
    if len(upload.view) > MAX_STATE:
        raise Refused(f"{show(name)} has {len(upload.view)} bytes, at most {MAX_STATE} are read: save the state_dict of one network.")
    if is_zip(upload.head):
        return _from_pt(upload)
    if is_safetensors(upload.head):
        return _from_safetensors(upload)
    if upload.head[:1] == b"\x80":
        raise Refused(f"{show(name)} is a pickle or torch's old format, which can run code and is never read: {REMEDY}.")
    raise Refused(f"{show(name)} is neither a .safetensors nor a .pt inside, whatever it is called: {REMEDY}.")


def _from_safetensors(upload: Upload) -> dict[str, torch.Tensor]:
    content = bytes(upload.view)
    infos = [info for info in list_tensors(upload.name, content) if _wanted(info.name)]
    for info in infos:
        _check_dtype(upload, info.name, info.dtype)
    return {info.name: torch.from_numpy(load_tensor(upload.name, content, info.name).copy()) for info in infos}


def _from_pt(upload: Upload) -> dict[str, torch.Tensor]:
    try:
        members = zip_members(upload, hidden=True)  # a file called .model.pt has a folder of that name inside
    except Refused as error:
        raise Refused(f"{show(upload.name)} is no whole .pt ({str(error).rstrip('.')}): {REMEDY}.") from error
    total = sum(member.nbytes for member in members)
    if total > MAX_STATE:
        raise Refused(f"{show(upload.name)} expands to {total} bytes, at most {MAX_STATE} are read: save the state_dict of one network.")
    content = {member.name: member.read() for member in members}
    _check_pickle(upload, members, content)
    try:
        state = torch.load(_packed(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds on hostile input
        raise Refused(f"{show(upload.name)} is a damaged .pt ({show(str(error))}): {REMEDY}.") from error
    return _tensors(upload, state)


def _check_pickle(upload: Upload, members: list[Member], content: dict[str, bytes]) -> None:
    pickles = [member.name for member in members if member.path[-1].endswith(".pkl")]
    if len(pickles) != 1 or len(content) < len(members):
        raise Refused(f"{show(upload.name)} is a .zip but no state_dict saved by torch: {REMEDY}.")
    if len(content[pickles[0]]) > MAX_PICKLE:
        raise Refused(f"{show(upload.name)} describes its tensors in more than {MAX_PICKLE} bytes: save the state_dict of one network.")
    for count, (step, argument) in enumerate(_steps(upload, content[pickles[0]])):
        if count == MAX_STEPS:
            raise Refused(f"{show(upload.name)} describes its tensors in more than {MAX_STEPS} steps: save the state_dict of one network.")
        if step in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4") or (step == "GLOBAL" and argument not in PLAIN):
            what = str(argument or step).replace(" ", ".")
            raise Refused(f"{show(upload.name)} asks for {show(what)}, which is no plain tensor and might run code: {REMEDY}.")


def _steps(upload: Upload, stream: bytes) -> Iterator[tuple[str, object]]:
    """The steps of a pickle, one after another, with their arguments; nothing is run."""
    steps = pickletools.genops(stream)
    while True:
        try:
            step, argument, _ = next(steps)
        except StopIteration:
            return
        except Exception as error:  # pickletools lets through whatever a damaged stream provokes
            raise Refused(f"{show(upload.name)} is a damaged .pt ({show(str(error))}): {REMEDY}.") from error
        yield step.name, argument


def _packed(content: dict[str, bytes]) -> BytesIO:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def _tensors(upload: Upload, content: object) -> dict[str, torch.Tensor]:
    if not isinstance(content, dict):
        raise Refused(f"{show(upload.name)} holds a {type(content).__name__} and no state_dict: {REMEDY}.")
    content = _inner(content)
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, torch.Tensor):
            raise Refused(f"{show(upload.name)} holds {show(key)}, a {type(value).__name__} and no tensor: {REMEDY}.")
    state = {key: value.detach() for key, value in content.items() if _wanted(key)}
    for key, value in state.items():
        _check_dtype(upload, key, str(value.dtype).removeprefix("torch."))
    return state


def _inner(content: dict[Any, Any]) -> dict[Any, Any]:
    """The state_dict in a checkpoint such as {"epoch": 3, "state_dict": {...}}; ``content`` itself where it is one."""
    for name in INSIDE:
        inner = content.get(name)
        if isinstance(inner, dict) and any(isinstance(value, torch.Tensor) for value in inner.values()):
            return inner
    return content


def _wanted(key: str) -> bool:
    return not key.endswith(COUNTER)


def _check_dtype(upload: Upload, key: str, dtype: str) -> None:
    if dtype not in FLOATS:
        raise Refused(f"{show(key)} in {show(upload.name)} is {dtype}, and weights must be {', '.join(FLOATS)}: save model.float().")
