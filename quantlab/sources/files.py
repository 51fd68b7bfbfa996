"""Tensors in uploaded files: listed from the headers, checked, and only then expanded.

An upload is hostile until shown otherwise: its format is told by its content, not its name; names inside it are data
and never paths; pickles are refused; shape, dtype and expanded size are checked before any value is read. To add a
format: a row in ``FORMATS`` (how to recognise it, how to list its ``Entry`` objects).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from quantlab.sources.contents import HEAD, described_by_json, elsewhere
from quantlab.sources.csv_table import csv_entries, is_text
from quantlab.sources.model_files import gguf_entries, is_gguf, is_onnx, onnx_entries
from quantlab.sources.npy import npy_entries, npz_entries, pickled
from quantlab.sources.tensors import is_safetensors, safetensors_entries
from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, as_upload, is_really, show

MAX_BYTES = 512 << 20  # of one tensor, expanded
MAX_VALUES = 100_000_000
EXTENSIONS = (".npy", ".npz", ".csv", ".safetensors", ".gguf", ".onnx")

_FLOATS = ("float16", "float32", "float64")
_TO_FLOAT32 = ("bool", "bfloat16", "float8_e4m3fn", "float8_e5m2") + tuple(
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
)


def _no_pickle(upload: Upload) -> list[Entry]:
    raise pickled(upload)


FORMATS: tuple[tuple[Callable[[bytes], bool], Callable[[Upload], list[Entry]]], ...] = (
    (lambda head: head.startswith(b"\x93NUMPY"), npy_entries),
    (lambda head: head.startswith((b"PK\x03\x04", b"PK\x05\x06")), npz_entries),
    (lambda head: head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"), _no_pickle),
    (is_safetensors, safetensors_entries),
    (is_gguf, gguf_entries),
    (is_onnx, onnx_entries),
    (is_text, csv_entries),
)


def list_tensors(name: str, data: BinaryIO | bytes | Path) -> list[TensorInfo]:
    """The tensors of a file, from its headers alone (a .csv has its lines counted); never empty.

    Parameters
    ----------
    name : the file's name, for the messages only.
    data : its content, a stream at its start, or a path, which is mapped and not read.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file and what to do.

    >>> list_tensors("w.csv", b"1,2,3\\n4,5,6\\n")
    [TensorInfo(name='w.csv', shape=(2, 3), dtype='float64', nbytes=48)]
    """
    return [entry.info for entry in _readable(_entries(name, data))]


def notes_of(name: str, data: BinaryIO | bytes | Path) -> list[str]:
    """How the file was read where that is a choice, and what of it cannot be read, each in a sentence.

    >>> notes_of("w.csv", b"a,b\\n1,2\\n")
    ['The first line is taken as names.']
    """
    infos = [entry.info for entry in _entries(name, data)]
    some = any(not info.refused and not _fault(info) for info in infos)  # else listing or loading says what is wrong
    return [note for info in infos for note in (info.note, info.refused or (_fault(info) if some else "")) if note]


def _readable(entries: list[Entry]) -> list[Entry]:
    """Those that can be read; where none can, the first one's reason, if not all that is known of it is its type or size."""
    readable = [entry for entry in entries if not entry.info.refused]
    if not readable:
        entries[0].load()
    return [entry for entry in readable if not _fault(entry.info)] or readable


def _fault(info: TensorInfo) -> str:
    """Why a tensor of this type, shape and size is not read; "" where it is."""
    try:
        _check(info)
    except Refused as why:
        return str(why)
    return ""


def load_tensor(name: str, data: BinaryIO | bytes | Path, tensor: str | None = None) -> np.ndarray:
    """One tensor of the file, C-contiguous and read-only, in the shape it was saved in.

    float16, float32 and float64 stay what they are; integers, bool, bfloat16 and float8 become float32 (integers
    beyond 2**24 are rounded to the nearest float32). NaN and infinity pass: see ``make_finite``. ``tensor`` may be
    left out where the file holds only one.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file or the choice, and what to do.

    >>> load_tensor("w.csv", b"1,2,3\\n4,5,6\\n")
    array([[1., 2., 3.],
           [4., 5., 6.]])
    """
    entries = {entry.info.name: entry for entry in _entries(name, data)}
    readable = [entry.info.name for entry in _readable(list(entries.values()))]
    if tensor is None and len(readable) == 1:
        tensor = readable[0]
    if tensor not in entries:
        fault = f"has no tensor {show(tensor)}" if tensor is not None else f"holds {len(readable)} tensors"
        choices = ", ".join(show(known) for known in readable[:5]) + (", ..." if len(readable) > 5 else "")
        raise Refused(f"{show(name)} {fault}: choose one of {choices}.")
    if not entries[tensor].info.refused:
        _check(entries[tensor].info)
    return _finish(entries[tensor].load())


def _entries(name: str, data: BinaryIO | bytes | Path) -> list[Entry]:
    upload = as_upload(name, data)
    if kind := _no_tensor(upload):
        raise is_really(name, kind)
    for recognises, entries in FORMATS:
        if recognises(upload.head):
            return entries(upload)
    if name.lower().endswith(".safetensors"):
        return safetensors_entries(upload)  # it will say what is wrong
    if name.lower().endswith(".onnx"):
        return onnx_entries(upload)
    raise Refused(f"{show(name)} is in no known format: upload one of {', '.join(EXTENSIONS)}.")


def _no_tensor(upload: Upload) -> tuple[str, str] | None:
    """What the file is, and the remedy, where it holds no table or tensor."""
    if upload.head.startswith((b"\x93NUMPY", b"GGUF")):
        return None
    return elsewhere(bytes(upload.view[:HEAD])) or described_by_json(bytes(upload.view[: 1 << 20]))


def _check(info: TensorInfo) -> None:
    """Refuse a claim that cannot or should not be expanded."""
    if info.dtype.startswith("complex"):
        raise Refused(f"{show(info.name)} is complex ({info.dtype}): save its real part, x.real, or its abs(x).")
    if info.dtype not in _FLOATS + _TO_FLOAT32:
        raise Refused(f"{show(info.name)} is {show(info.dtype)}, not numbers read here: save x.astype('float32').")
    values = math.prod(info.shape)
    if values == 0:
        raise Refused(f"{show(info.name)} has the shape {info.shape} and no value: choose or save another.")
    if values > MAX_VALUES or info.nbytes > MAX_BYTES:
        raise Refused(
            f"{show(info.name)} has {values} values in {info.nbytes} bytes, at most {MAX_VALUES} values and "
            f"{MAX_BYTES} bytes are read: save a part of it, or save it as float16."
        )


def _finish(x: np.ndarray) -> np.ndarray:
    """float16, float32 or float64 in this machine's byte order, C-contiguous, aligned, read-only; one copy at most."""
    is_float = x.dtype.kind == "f" and x.dtype.itemsize >= 2
    dtype = x.dtype.newbyteorder("=") if is_float else np.dtype(np.float32)
    y = np.require(x.astype(dtype, order="C", copy=False), requirements=["C", "A"]).reshape(x.shape)
    y.flags.writeable = False
    return y
