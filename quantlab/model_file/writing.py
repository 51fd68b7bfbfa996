"""The quantized file itself: safetensors with qparams in QuantLab's layout, or GGUF in its own types; written a tensor at a time.

Safetensors: a tensor that is left keeps its name and type. A quantized one becomes parts of whole rows, ``name/0/codes``,
``name/0/scale``, ...; the metadata holds the tensor's shape under its name, and for ``name/0`` what ``storage.packing`` writes beside them, checksum included. ``load_part``
reads a part back.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from quantlab.model_file.ggml_blocks import block_bytes
from quantlab.model_file.measuring import statistics_of
from quantlab.model_file.options import Option, options, shared_qparams
from quantlab.model_file.report import Plan
from quantlab.model_file.tensors import PIECE, FileTensor, ModelFile
from quantlab.progress import Steps
from quantlab.quantizer import quantize
from quantlab.storage import packing
from quantlab.types import Quantized

_CODES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "bool": "BOOL"} | {
    f"{sign}int{bits}": f"{sign.upper()}I{bits}".replace("UI", "U") for sign in ("", "u") for bits in (8, 16, 32, 64)
}
_RAW = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BOOL": "u1"}


def write_safetensors_steps(model: ModelFile, plan: Plan, path: Path) -> Steps[int]:
    """Write the file; yields (tensors done, of all), returns its bytes. It stands under its name only once it is whole."""
    table: dict[str, Any] = {}  # JSON
    metadata = {"format": "quantlab-model", "version": "1"}
    with tempfile.TemporaryFile(dir=path.parent) as body:
        for done, tensor in enumerate(model.tensors):
            yield done, len(model.tensors)
            option = plan.get(tensor.name)
            if option is None:
                _left(tensor, table, body)
            else:
                metadata[tensor.name] = json.dumps({"shape": tensor.shape, "option": option.slug})
                for i, q in enumerate(quantized_parts(tensor, option)):
                    metadata[f"{tensor.name}/{i}"] = _part(f"{tensor.name}/{i}", q, table, body)
            model.release()
        header = json.dumps({"__metadata__": metadata, **table}, separators=(",", ":")).encode()
        header += b" " * (-len(header) % 8)
        with _whole(path) as file:
            file.write(len(header).to_bytes(8, "little") + header)
            body.seek(0)
            shutil.copyfileobj(body, file, 1 << 20)
    return path.stat().st_size


def quantized_parts(tensor: FileTensor, option: Option) -> Iterator[Quantized]:
    """The tensor quantized, whole rows at a time; a tensor with one scale has the same one in all parts."""
    spec, most = option.of(tensor.layout), max(1, PIECE // tensor.width)
    s = statistics_of(tensor) if spec.granularity.kind == "tensor" else None
    qparams = shared_qparams(spec, s.low, s.high) if s else None
    for first in range(0, tensor.rows, most):
        rows = tensor.read(first, min(first + most, tensor.rows))
        yield quantize(rows if len(tensor.shape) > 1 else rows.reshape(-1), spec, qparams)


def load_part(path: Path, part: str) -> Quantized:
    """One part of a file that ``write_safetensors_steps`` wrote, such as ``name/0``."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        said, own, blob = json.loads(header["__metadata__"][part]), dict[str, Any](), b""
        for name, entry in header.items():
            if name.rpartition("/")[0] == part:
                begin, stop = entry["data_offsets"]
                file.seek(8 + length + begin)
                own[name.rpartition("/")[2]] = {**entry, "data_offsets": [len(blob), len(blob) + stop - begin]}
                blob += file.read(stop - begin)
    inner = json.dumps({"__metadata__": said, **own}).encode()
    return packing.load(io.BytesIO(len(inner).to_bytes(8, "little") + inner + blob))


def _part(name: str, q: Quantized, table: dict[str, Any], body: BinaryIO) -> str:
    buffer = io.BytesIO()
    packing.save(q, buffer)
    data = buffer.getvalue()
    length = int.from_bytes(data[:8], "little")
    header, start = json.loads(data[8 : 8 + length]), body.tell()
    said = header.pop("__metadata__")
    for array, entry in header.items():
        table[f"{name}/{array}"] = {**entry, "data_offsets": [start + at for at in entry["data_offsets"]]}
    body.write(data[8 + length :])
    return json.dumps(said, separators=(",", ":"))


def _left(tensor: FileTensor, table: dict[str, Any], body: BinaryIO) -> None:
    code, start = _CODES.get(tensor.dtype, "F32"), body.tell()
    values = tensor.checked()
    for first in range(0, tensor.size, PIECE // tensor.block * tensor.block):
        body.write(_as_stored(values(first, min(first + PIECE // tensor.block * tensor.block, tensor.size)), code))
    table[tensor.name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": [start, body.tell()]}


def _as_stored(x: np.ndarray, code: str) -> bytes:
    if code == "BF16":  # came from bfloat16, so its lower half is zero
        return (np.ascontiguousarray(x, np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
    return np.asarray(x).astype(_RAW.get(code, np.asarray(x).dtype.newbyteorder("<"))).tobytes()


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when it is whole; nothing is left where writing ends early."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_gguf_steps(model: ModelFile, plan: Plan, path: Path, facts_of: Path | None = None) -> Steps[int]:
    """Write GGUF; yields (tensors done, of all), returns its bytes. facts_of : a GGUF file whose facts (vocabulary, sizes) are copied.

    Raises ValueError where an option is no type of llama.cpp, or a tensor's rows do not fill its blocks; the text names them.
    """
    import gguf

    for tensor in model.tensors:
        option = plan.get(tensor.name)
        if option is not None and not option.ggml:
            types = ", ".join(o.slug for o in options().values() if o.ggml)
            raise ValueError(f"{option.slug} (for {tensor.name}) is no type of GGUF: choose one of {types}")
        if option is not None and (why := option.fits(tensor.shape)):
            raise ValueError(f"{tensor.name} cannot be {option.slug}, because {why}: leave it, or choose q8_0 or q4_0")
    part = path.with_name(f"{path.name}.part")
    writer = gguf.GGUFWriter(part, "quantlab")
    if facts_of is not None:
        _copy_facts(writer, facts_of)
    for tensor in model.tensors:
        kind = _ggml_type(tensor, plan.get(tensor.name))
        block, nbytes = gguf.GGML_QUANT_SIZES[kind]
        shape = (*tensor.shape[:-1], tensor.width // block * nbytes) if block > 1 else tensor.shape
        dtype = np.dtype(np.uint8 if block > 1 or kind == gguf.GGMLQuantizationType.BF16 else _NUMPY[kind.name])
        if kind == gguf.GGMLQuantizationType.BF16:
            shape = (*tensor.shape[:-1], tensor.width * 2)
        writer.add_tensor_info(tensor.name, shape or (1,), dtype, tensor.size // block * nbytes, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    try:
        for done, tensor in enumerate(model.tensors):
            yield done, len(model.tensors)
            writer.write_tensor_data(_ggml_data(tensor, plan.get(tensor.name)))
            model.release()
        writer.close()
        os.replace(part, path)
    finally:
        writer.close()
        part.unlink(missing_ok=True)
    return path.stat().st_size


_NUMPY = {"F32": "float32", "F16": "float16", "F64": "float64", "I8": "int8", "I16": "int16", "I32": "int32", "I64": "int64"}
_KINDS = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float64": "F64",
    "int8": "I8",
    "int16": "I16",
    "int32": "I32",
    "int64": "I64",
}


def _ggml_type(tensor: FileTensor, option: Option | None) -> Any:  # gguf's own enumeration, imported where it is used
    import gguf

    if tensor.dtype in ("uint16", "uint32", "uint64", "bool", "uint8"):
        raise ValueError(f"{tensor.name} is {tensor.dtype}, which GGUF has no type for: leave it out of the file, or write safetensors")
    return gguf.GGMLQuantizationType[option.ggml.upper() if option else _KINDS.get(tensor.dtype, "F32")]


def _ggml_data(tensor: FileTensor, option: Option | None) -> np.ndarray:
    most = max(1, PIECE // tensor.width)
    runs = [(first, min(first + most, tensor.rows)) for first in range(0, tensor.rows, most)]
    if option is not None:
        return np.concatenate([block_bytes(tensor.read(*run), option.ggml) for run in runs]).reshape(-1)
    if tensor.dtype == "bfloat16":
        return np.concatenate([np.frombuffer(_as_stored(tensor.read(*run), "BF16"), np.uint8) for run in runs])
    name = _NUMPY[_KINDS.get(tensor.dtype, "F32")]
    return np.concatenate([np.asarray(tensor.checked()(a * tensor.width, b * tensor.width)).reshape(-1) for a, b in runs]).astype(name)


def _copy_facts(writer: Any, source: Path) -> None:  # gguf's own writer, imported where it is used
    import gguf

    for name, fact in gguf.GGUFReader(source).fields.items():
        if not name.startswith("GGUF.") and fact.types:
            sub = fact.types[-1] if fact.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.kv_data[0].pop(name, None)
            writer.add_key_value(name, fact.contents(), fact.types[0], sub_type=sub)
