"""How are codes of b bits kept in b bits, and a ``Quantized`` in a file?

Little-endian: code i takes bits i·b to (i + 1)·b - 1 of the stream, its lowest bit first, and bit k of the stream is
bit k mod 8 (1 is bit 0) of byte k // 8. So eight codes fill b bytes. Codes wider than 8 bits come as two streams, all
low bytes and then all upper bits.

A file is in the layout of safetensors, which names and delimits arrays and holds no code to run: ``codes`` (U8, packed),
``scale``, ``zero_point`` and where there are any ``codebook`` and ``extra``, and in the metadata all that the spec says,
the shape of the codes, the range of the codes and the version of this layout. Zero points and extras that are the same
for all groups are kept once; zero points in a byte where they fit.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from math import prod
from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from quantlab import grouping
from quantlab.types import QParams, Quantized, QuantSpec

VERSION = "1"
ARRAYS = {"codes": ("U8",), "scale": ("F32",), "zero_point": ("U8", "I32"), "codebook": ("F32",), "extra": ("F32",)}
_DTYPES: dict[str, np.dtype[Any]] = {"U8": np.dtype("u1"), "I32": np.dtype("<i4"), "F32": np.dtype("<f4")}
_GRANULARITIES = {"tensor": grouping.PerTensor, "channel": grouping.PerChannel, "group": grouping.PerGroup, "block": grouping.PerBlock}
_MAX_HEADER = 1 << 20  # bytes; ours has some 700

File = str | PathLike[str] | BinaryIO


class Damaged(ValueError):
    """The file is not one that ``save`` wrote; the sentence says what is wrong."""


def pack(codes: np.ndarray, bits: int) -> bytes:
    """Codes 0 ... 2^bits - 1 of any shape, in C order, as ceil(n·bits / 8) bytes; bits 1 to 16.

    >>> pack(np.array([1, 2, 3]), 3)  # 001 010 011 from the right: 1 + 2·8 + 3·64 = 209
    b'\\xd1\\x00'
    """
    _check_bits(bits)
    codes = np.asarray(codes).ravel()
    if codes.dtype.kind not in "ui":
        raise TypeError(f"codes are integers, not {codes.dtype}; quantize() makes them")
    if codes.size and (codes.min() < 0 or codes.max() >= 1 << bits):
        raise ValueError(f"codes from {codes.min()} to {codes.max()} do not fit {bits} bits, which hold 0 to {(1 << bits) - 1}")
    if bits > 8:
        return pack(codes & 0xFF, 8) + pack(codes >> 8, bits - 8)
    if bits == 8:
        return codes.astype(np.uint8).tobytes()
    eights = np.zeros((-(-codes.size // 8), 8), np.uint8)
    eights.ravel()[: codes.size] = codes
    word = np.zeros(len(eights), np.uint64)
    for i in range(8):
        word |= eights[:, i].astype(np.uint64) << np.uint64(i * bits)
    return word.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :bits].tobytes()[: _packed_size(codes.size, bits)]


def unpack(data: bytes | memoryview, bits: int, count: int) -> np.ndarray:
    """The inverse of ``pack``: ``count`` codes, uint8 (uint16 above 8 bits), 1-D.

    >>> unpack(b"\\xd1\\x00", 3, 3)
    array([1, 2, 3], dtype=uint8)
    """
    _check_bits(bits)
    if len(data) != _packed_size(count, bits):
        raise ValueError(f"{count} codes of {bits} bits take {_packed_size(count, bits)} bytes, not {len(data)}")
    if bits > 8:
        upper = unpack(data[count:], bits - 8, count).astype(np.uint16)
        return upper << 8 | unpack(data[:count], 8, count)
    raw = np.frombuffer(data, np.uint8)
    if bits == 8:
        return raw.copy()
    padded = np.zeros((-(-count // 8), 8), np.uint8)
    whole = np.append(raw, np.zeros(-raw.size % bits, np.uint8)).reshape(-1, bits)
    padded[:, :bits] = whole
    word = padded.view("<u8")[:, 0]
    codes = np.empty((len(word), 8), np.uint8)
    for i in range(8):
        codes[:, i] = (word >> np.uint64(i * bits)) & np.uint64((1 << bits) - 1)
    return codes.ravel()[:count].copy()


def save(q: Quantized, file: File) -> int:
    """Writes q; returns the number of bytes. ``load`` gives an equal ``Quantized`` back.

    file : a path, or something open for writing bytes.
    """
    p, spec = q.qparams, q.spec
    codes = np.frombuffer(pack(q.codes.astype(np.int64) - p.qmin, spec.bits), np.uint8)
    zero = _once(p.zero_point)
    narrow = "U8" if zero.size and zero.min() >= 0 and zero.max() <= 255 else "I32"
    arrays = {"codes": (codes, "U8"), "scale": (p.scale, "F32"), "zero_point": (zero, narrow)}
    arrays |= {"codebook": (p.codebook, "F32")} if p.codebook is not None else {}
    arrays |= {"extra": (_once(p.extra), "F32")} if p.extra is not None else {}
    body, table, at = [], {}, 0
    for name, (array, code) in arrays.items():
        raw = array.astype(_DTYPES[code]).tobytes()
        table[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [at, at + len(raw)]}
        body.append(raw)
        at += len(raw)
    blob = b"".join(body)
    header = _json({"__metadata__": _metadata(q, blob), **table}).encode()
    header += b" " * (-len(header) % 8)
    data = len(header).to_bytes(8, "little") + header + blob
    if hasattr(file, "write"):
        file.write(data)
    else:
        with open(file, "wb") as opened:
            opened.write(data)
    return len(data)


def load(file: File) -> Quantized:
    """What ``save`` wrote. ValueError (``Damaged``) in one sentence where the file is anything else."""
    if hasattr(file, "read"):
        data = file.read()
    else:
        with open(file, "rb") as opened:
            data = opened.read()
    try:
        return _read(data)
    except Damaged:
        raise
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise Damaged(f"this file is not a sound quantized tensor ({_short(error)}); save it again with quantlab.packing.save") from error


def _read(data: bytes) -> Quantized:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, _MAX_HEADER):
        raise ValueError(f"its header claims {length} bytes and the file has {len(data)}")
    header, blob = json.loads(data[8 : 8 + length].decode()), data[8 + length :]
    said: Mapping[str, str] = header.pop("__metadata__")
    if said.get("format") != "quantlab":
        raise ValueError("its metadata does not name quantlab")
    if said["version"] != VERSION:
        raise ValueError(f"it has version {said['version']!r} of the layout, and {VERSION} is read here")
    if int(said["crc32"]) != zlib.crc32(blob + _described(said).encode()):
        raise ValueError("its checksum is wrong: some bytes have changed")
    arrays = _arrays(header, blob)
    shape = tuple(json.loads(said["shape"]))
    qmin, qmax = json.loads(said["codes"])
    spec = _spec(json.loads(said["spec"]))
    codes = unpack(arrays["codes"].tobytes(), spec.bits, prod(shape)).astype(np.int64) + qmin
    if codes.size and codes.max() > qmax:
        raise ValueError(f"it holds the code {codes.max()}, and {qmax} is the largest")
    groups = spec.granularity.count(shape)
    if len(arrays["scale"]) != groups:
        raise ValueError(f"its shape {shape} has {groups} groups, its scales are for {len(arrays['scale'])}")
    zero = _for_all(arrays["zero_point"], groups).astype(np.int32)
    extra = _for_all(arrays["extra"], groups) if "extra" in arrays else None
    qparams = QParams(arrays["scale"], zero, qmin, qmax, arrays.get("codebook"), extra)
    dtype = np.dtype(said["dtype"])
    if dtype.kind not in "iu":
        raise ValueError(f"its codes are said to be {dtype}, not integers")
    return Quantized(codes.astype(dtype).reshape(shape), qparams, spec)


def _once(array: np.ndarray) -> np.ndarray:
    """Its first row where all rows are alike."""
    return array[:1] if len(array) > 1 and (array == array[0]).all() else array


def _for_all(array: np.ndarray, groups: int) -> np.ndarray:
    if len(array) == groups:
        return array
    if len(array) != 1:
        raise ValueError(f"its shape has {groups} groups, and there are numbers for {len(array)}")
    return np.repeat(array, groups, axis=0)


def _arrays(table: Mapping[str, Any], blob: bytes) -> dict[str, np.ndarray]:
    arrays, end = {}, 0
    for name, entry in table.items():
        dtype, (begin, stop) = _DTYPES[entry["dtype"]], entry["data_offsets"]
        if entry["dtype"] not in ARRAYS[name] or begin != end or stop - begin != prod(entry["shape"]) * dtype.itemsize:
            raise ValueError(f"the entry for {name} does not fit")
        array = np.frombuffer(blob[begin:stop], dtype).reshape(entry["shape"])
        arrays[name], end = array.astype(dtype.newbyteorder("=")), stop
    if end != len(blob):
        raise ValueError(f"its arrays need {end} bytes and {len(blob)} are there")
    return arrays


def _metadata(q: Quantized, blob: bytes) -> dict[str, str]:
    spec = q.spec
    g = {"kind": spec.granularity.kind, **vars(spec.granularity)}
    words = {name: getattr(spec, name) for name in ("scheme", "bits", "calibrator", "rounding", "seed")}
    said = {
        "format": "quantlab",
        "version": VERSION,
        "shape": _json(list(q.shape)),
        "dtype": q.codes.dtype.name,
        "codes": _json([q.qparams.qmin, q.qparams.qmax]),
        "spec": _json({**words, "granularity": g, "knobs": dict(spec.knobs)}),
    }
    return {**said, "crc32": str(zlib.crc32(blob + _described(said).encode()))}


def _described(said: Mapping[str, str]) -> str:
    return _json([said[name] for name in ("shape", "dtype", "codes", "spec")])


def _spec(said: dict[str, Any]) -> QuantSpec:
    g = said.pop("granularity")
    granularity = _GRANULARITIES[g.pop("kind")](**{k: tuple(v) if isinstance(v, list) else v for k, v in g.items()})
    return QuantSpec(**said.pop("knobs"), **said, granularity=granularity)


def _packed_size(count: int, bits: int) -> int:
    return count + _packed_size(count, bits - 8) if bits > 8 else -(-count * bits // 8)


def _check_bits(bits: int) -> None:
    if not 1 <= bits <= 16:
        raise ValueError(f"codes of {bits} bits cannot be packed; 1 to 16 can")


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _short(error: Exception) -> str:
    words = " ".join(str(error).split())
    return (f"{words} is missing or misplaced" if isinstance(error, KeyError) else words)[:160].rstrip(".")
