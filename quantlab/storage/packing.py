"""A ``Quantized`` in a file that takes the bits it promises.

A file is in the layout of safetensors, which names and delimits arrays and holds no code to run: ``codes`` (U8, packed,
see ``bit_packing``), what the scheme keeps of each group (``schemes/_stored.py``: a byte for a power of two, float16 where the
format has it), and in the metadata all that the spec says, the shape of the codes, the range of the codes and the version
of this layout. The arrays take ``bits_per_value`` times the number of values, to within the bits that fill a byte.
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
from quantlab.quantizer import dequantize
from quantlab.schemes import SCHEMES
from quantlab.storage.bit_packing import TRITS, pack, pack_trits, unpack, unpack_trits
from quantlab.types import KnobValue, Quantized, QuantSpec

__all__ = ["Damaged", "load", "pack", "save", "unpack"]

VERSION = "2"
_DTYPES: dict[str, np.dtype[Any]] = {"U8": np.dtype("u1"), "F16": np.dtype("<f2"), "F32": np.dtype("<f4")}
_GRANULARITIES = {"tensor": grouping.PerTensor, "channel": grouping.PerChannel, "group": grouping.PerGroup, "block": grouping.PerBlock}
_MAX_HEADER = 1 << 20  # bytes; ours has some 700

File = str | PathLike[str] | BinaryIO
Json = Any  # whatever a header may hold; what is taken out of it is checked there


class Damaged(ValueError):
    """The file is not one that ``save`` wrote; the sentence says what is wrong."""


def save(q: Quantized, file: File) -> int:
    """Writes q; returns the number of bytes. ``load`` gives back a ``Quantized`` of the same codes and values.

    file : a path, or something open for writing bytes.

    Raises ValueError for parameters that the scheme would not choose, such as a scale that its format cannot hold.
    """
    blob, table = b"", {}
    for name, array in _arrays_of(q).items():
        code = {"|u1": "U8", "<f2": "F16", "<f4": "F32"}[array.dtype.newbyteorder("<").str]
        raw = array.astype(_DTYPES[code]).tobytes()
        table[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [len(blob), len(blob) + len(raw)]}
        blob += raw
    header = _json({"__metadata__": _metadata(q, blob), **table}).encode()
    header += b" " * (-len(header) % 8)
    data = len(header).to_bytes(8, "little") + header + blob
    if hasattr(file, "write"):
        file.write(data)
    else:
        with open(file, "wb") as opened:
            opened.write(data)
    return len(data)


def _arrays_of(q: Quantized) -> dict[str, np.ndarray]:
    storage, counts = SCHEMES[q.spec.scheme].storage, q.spec.granularity.counts(q.shape)
    numbers = storage.write(q.qparams, q.spec, counts)
    back = Quantized(q.codes, storage.read(numbers, q.spec, counts), q.spec)
    ends = [(p.qmin, p.qmax) for p in (q.qparams, back.qparams)]
    if ends[0] != ends[1] or not np.array_equal(dequantize(back), dequantize(q)):
        raise ValueError(f"these parameters are none that {q.spec.scheme} chooses, so its format cannot hold them; quantize with its own")
    return {"codes": np.frombuffer(_packed(q.codes.astype(np.int64) - q.qparams.qmin, q.spec), np.uint8), **numbers}


def _packed(codes: np.ndarray, spec: QuantSpec) -> bytes:
    """Codes from 0 up in the bits that their scheme counts for them."""
    if SCHEMES[spec.scheme].trits(spec):
        return b"".join(map(pack_trits, spec.granularity.split(codes)))
    return pack(codes, spec.bits)


def _unpacked(data: bytes, spec: QuantSpec, shape: tuple[int, ...]) -> np.ndarray:
    """``_packed`` backwards, int64 of this shape."""
    if not SCHEMES[spec.scheme].trits(spec):
        return unpack(data, spec.bits, prod(shape)).astype(np.int64).reshape(shape)
    parts, counts = [], zip(spec.granularity.counts(shape), spec.granularity.sizes(shape), strict=True)
    for groups, values in counts:
        stop = groups * -(-values // TRITS)
        parts.append(unpack_trits(data[:stop], groups, values))
        data = data[stop:]
    if data:
        raise ValueError(f"its codes have {len(data)} bytes too many")
    return spec.granularity.join(parts, shape).astype(np.int64) if parts else np.zeros(shape, np.int64)


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
    except (KeyError, IndexError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise Damaged(
            f"this file is not a sound quantized tensor ({_short(error)}); save it again with quantlab.storage.packing.save"
        ) from error


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
    codes = _unpacked(arrays.pop("codes").tobytes(), spec, shape) + qmin
    if codes.size and codes.max() > qmax:
        raise ValueError(f"it holds the code {codes.max()}, and {qmax} is the largest")
    qparams = SCHEMES[spec.scheme].storage.read(arrays, spec, spec.granularity.counts(shape))
    if (qparams.qmin, qparams.qmax) != (qmin, qmax):
        raise ValueError(f"its codes run from {qmin} to {qmax}, and those of {spec.scheme} from {qparams.qmin} to {qparams.qmax}")
    dtype = np.dtype(said["dtype"])
    if dtype.kind not in "iu":
        raise ValueError(f"its codes are said to be {dtype}, not integers")
    return Quantized(codes.astype(dtype).reshape(shape), qparams, spec)


def _arrays(table: Mapping[str, Json], blob: bytes) -> dict[str, np.ndarray]:
    arrays, end = {}, 0
    for name, entry in table.items():
        dtype, (begin, stop) = _DTYPES[entry["dtype"]], entry["data_offsets"]
        if begin != end or stop - begin != prod(entry["shape"]) * dtype.itemsize:
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
        "spec": _json({**words, "granularity": g, "knobs": _knobs(spec)}),
    }
    return {**said, "crc32": str(zlib.crc32(blob + _described(said).encode()))}


def _knobs(spec: QuantSpec) -> dict[str, KnobValue]:
    """The spec's knobs; scales of 32 bits are left out, as in files from before there were others."""
    return {name: value for name, value in spec.knobs.items() if (name, value) != ("scales", "float32")}


def _described(said: Mapping[str, str]) -> str:
    return _json([said[name] for name in ("shape", "dtype", "codes", "spec")])


def _spec(said: dict[str, Json]) -> QuantSpec:
    g = said.pop("granularity")
    granularity = _GRANULARITIES[g.pop("kind")](**{k: tuple(v) if isinstance(v, list) else v for k, v in g.items()})
    return QuantSpec(**said.pop("knobs"), **said, granularity=granularity)


def _json(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _short(error: Exception) -> str:
    words = " ".join(str(error).split())
    return (f"{words} is missing or misplaced" if isinstance(error, KeyError) else words)[:160].rstrip(".")
