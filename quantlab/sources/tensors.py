"""Tensors in .safetensors files: a checked JSON header, and values that are looked at in place.

The file is an 8-byte length N, N bytes of JSON ``{name: {dtype, shape, data_offsets}}``, and the values. As in the
safetensors library, the tensors must fill the rest of the file without overlap or gap, and each must have exactly the
bytes its shape and dtype need. Source: https://github.com/safetensors/safetensors (format).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, show

Json = Any  # whatever a header may hold; what is taken out of it is checked there
MAX_HEADER = 16 << 20  # bytes; parsed JSON takes some ten times as much, a 400 GB model needs about 1 MB
MAX_DIMS = 32


@dataclass(frozen=True)
class _StoredType:
    """A dtype of the format and how it is read: ``raw`` is what lies in the file, ``decode`` makes numpy values of it."""

    name: str
    raw: str
    decode: Callable[[np.ndarray], np.ndarray] = lambda raw: raw


def _bfloat16(raw: np.ndarray) -> np.ndarray:
    return np.left_shift(raw, 16, dtype=np.uint32).view(np.float32)  # the upper half of a float32


def _e5m2(raw: np.ndarray) -> np.ndarray:
    return np.left_shift(raw, 8, dtype=np.uint16).view(np.float16)  # the upper half of a float16


def _e4m3fn(raw: np.ndarray) -> np.ndarray:
    codes = np.arange(256, dtype=np.uint16)
    halves = ((codes & 0x80) << 8 | (codes & 0x7F) << 7).view(np.float16)  # same bits, bias 15 instead of 7
    table = halves.astype(np.float32) * 256  # 2**(15 - 7)
    table[[0x7F, 0xFF]] = np.nan
    return table[raw]


DTYPES: dict[str, _StoredType] = {
    "F64": _StoredType("float64", "<f8"),
    "F32": _StoredType("float32", "<f4"),
    "F16": _StoredType("float16", "<f2"),
    "BF16": _StoredType("bfloat16", "<u2", _bfloat16),
    "F8_E4M3": _StoredType("float8_e4m3fn", "u1", _e4m3fn),
    "F8_E5M2": _StoredType("float8_e5m2", "u1", _e5m2),
    "C64": _StoredType("complex64", "<c8"),
    "I64": _StoredType("int64", "<i8"),
    "I32": _StoredType("int32", "<i4"),
    "I16": _StoredType("int16", "<i2"),
    "I8": _StoredType("int8", "i1"),
    "U64": _StoredType("uint64", "<u8"),
    "U32": _StoredType("uint32", "<u4"),
    "U16": _StoredType("uint16", "<u2"),
    "U8": _StoredType("uint8", "u1"),
    "BOOL": _StoredType("bool", "u1", lambda raw: raw != 0),
}


def is_safetensors(head: bytes) -> bool:
    """Whether the first bytes are a length and the start of a JSON object.

    >>> is_safetensors(b"\\x10" + bytes(7) + b'{"w":')
    True
    """
    return len(head) > 8 and head[8:9] == b"{" and head[5:8] == bytes(3)


def safetensors_entries(upload: Upload) -> list[Entry]:
    """The tensors of a .safetensors file, in the order of its header."""
    return [_entry(upload, name, *claim) for name, claim in safetensors_claims(upload).items()]


def safetensors_claims(upload: Upload) -> dict[str, tuple[str, tuple[int, ...], int, int]]:
    """(dtype as the format calls it, shape, first byte in the file, past the last) of each tensor, checked, in the header's order."""
    size = len(upload.view)
    length = int.from_bytes(upload.view[:8], "little")
    if size < 8 or length > size - 8:
        raise _bad(upload, f"its header claims {length} bytes and the file has {size}")
    if length > MAX_HEADER:
        raise _bad(upload, f"its header claims {length} bytes, at most {MAX_HEADER} are read")
    try:
        header = json.loads(str(upload.view[8 : 8 + length], "utf-8"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        raise _bad(upload, f"its header is not the JSON it should be: {show(str(error))}") from error
    if not isinstance(header, dict):
        raise _bad(upload, "its header is not a table of tensors")
    tensors = {name: _claim(upload, name, fields) for name, fields in header.items() if name != "__metadata__"}
    if not tensors:
        raise _bad(upload, "it holds no tensor")
    end = 0
    for name, (_, _, begin, stop) in sorted(tensors.items(), key=lambda item: item[1][2:]):
        if begin != end:
            raise _bad(upload, f"{show(name)} starts at byte {begin} where byte {end} is next")
        end = stop
    if end != size - 8 - length:
        raise _bad(upload, f"its tensors need {end} bytes and {size - 8 - length} are there")
    start = 8 + length
    return {name: (code, shape, start + begin, start + stop) for name, (code, shape, begin, stop) in tensors.items()}


def _entry(upload: Upload, name: str, code: str, shape: tuple[int, ...], begin: int, stop: int) -> Entry:
    stored = DTYPES.get(code, _StoredType(code, "u1"))  # a name that files.py refuses to load

    def load() -> np.ndarray:
        raw = np.frombuffer(upload.view[begin:stop], stored.raw)
        return stored.decode(raw).reshape(shape)

    return Entry(TensorInfo(name, shape, stored.name, stop - begin), load)


def _claim(upload: Upload, name: str, fields: Json) -> tuple[str, tuple[int, ...], int, int]:
    """(dtype, shape, first byte, past the last) of one tensor, consistent in itself."""
    try:
        code, shape, (begin, stop) = fields["dtype"], tuple(fields["shape"]), fields["data_offsets"]
        sound = all(type(n) is int and 0 <= n < 2**63 for n in (*shape, begin, stop)) and isinstance(code, str)
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound or len(shape) > MAX_DIMS or begin > stop:
        raise _bad(upload, f"the header's entry for {show(name)} makes no sense")
    if code in DTYPES and stop - begin != math.prod(shape) * np.dtype(DTYPES[code].raw).itemsize:
        raise _bad(upload, f"{show(name)} of shape {show(shape)} and dtype {code} has {stop - begin} bytes")
    return code, shape, begin, stop


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise ValueError("a name is there twice")
    return table


def _bad(upload: Upload, why: str) -> Refused:
    return Refused(f"{show(upload.name)} is not a sound .safetensors file ({why}): save it again with save_file.")
