"""ONNX initializers and constants, read out of the mapped file: the graph is walked, and no value is copied.

The onnx package would read the whole message into memory first. Weights outside of the file (external data) are mapped too, where
their file lies in the model's folder.
Source: onnx.proto3: ModelProto.graph = 7; GraphProto.node = 1, initializer = 5; NodeProto.input = 1, output = 2, op_type = 4,
attribute = 5; AttributeProto.t = 5; TensorProto.dims = 1, data_type = 2, name = 8, raw_data = 9, external_data = 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np

from quantlab.model_file.readers.onnx_wire import fields, text, varints
from quantlab.model_file.tensors import FLOATS, MAX_TENSORS, FileTensor, ModelFile, Values, claimed, mapped, plain_values, unread
from quantlab.sources.tensors import DTYPES
from quantlab.sources.upload import Refused, Upload, show

Field = int | memoryview
_CODES = {
    1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64", 12: "U32", 13: "U64", 16: "BF16",
    17: "F8_E4M3", 19: "F8_E5M2",
}  # fmt: skip
_TYPED = {4: "<f4", 10: "<f8"}  # fields that hold values one after another: float_data, double_data
_VARINTS = (5, 7, 11)  # int32_data, int64_data, uint64_data
_SMALL = 1 << 20  # values kept as varints: those of quantized weights lie in raw_data
_QDQ = (
    "DequantizeLinear",
    "QuantizeLinear",
    "DynamicQuantizeLinear",
    "MatMulNBits",
    "QLinearConv",
    "QLinearMatMul",
    "MatMulInteger",
    "ConvInteger",
)


@dataclass(frozen=True)
class Dequantizer:
    """A DequantizeLinear: names of its scale and zero point ("" where there is none), its axis, its block along it (0: none)."""

    scale: str
    zero_point: str
    axis: int = 1
    block: int = 0


@dataclass
class Graph:
    """What a graph says: its tensors, how often each operator stands in it, and what is read through DequantizeLinear."""

    tensors: list[FileTensor] = field(default_factory=list)
    operators: dict[str, int] = field(default_factory=dict)
    dequantizers: dict[str, Dequantizer] = field(default_factory=dict)
    custom: set[str] = field(default_factory=set)


def read_onnx(path: Path) -> ModelFile:
    """The initializers and constants of a model; operators that quantize are counted among the facts."""
    upload = mapped(path)
    outside: dict[str, Upload] = {}
    graph = graph_of(upload, path, outside)
    if not graph.tensors:
        raise Refused(f"{show(path.name)} holds no initializer: give an ONNX model with its weights.")
    facts = {name: str(graph.operators[name]) for name in _QDQ if name in graph.operators}
    notes = [f"Operators of {show(domain)} are the model's own; only its tensors are read here." for domain in sorted(graph.custom)[:3]]
    tensors = tuple(
        FileTensor(**vars(t) | {"note": "codes that DequantizeLinear reads"}) if t.name in graph.dequantizers else t for t in graph.tensors
    )
    return ModelFile(path.name, "ONNX", tensors, facts, tuple(notes), (upload, *outside.values()))


def graph_of(upload: Upload, path: Path | None = None, outside: dict[str, Upload] | None = None) -> Graph:
    """The graph of a model. path : of its file, where data outside of it may be read, which are kept in ``outside``."""
    graph, outside = Graph(), {} if outside is None else outside
    try:
        for number, value in fields(upload.view):
            if number == 7 and isinstance(value, memoryview):
                _walk(graph, value, upload, path, outside)
    except Refused:
        raise
    except ValueError as error:
        raise Refused(f"{show(upload.name)} is not a sound ONNX file ({error}): export or download it again.") from error
    return graph


def _walk(graph: Graph, view: memoryview, upload: Upload, path: Path | None, outside: dict[str, Upload]) -> None:
    for number, value in fields(view):
        if isinstance(value, int) or number not in (1, 5):
            continue
        if number == 5:
            graph.tensors.append(_tensor(value, upload, path, outside))
        else:
            _node(graph, value, upload, path, outside)
        if len(graph.tensors) > MAX_TENSORS:
            raise Refused(f"{show(upload.name)} holds more than {MAX_TENSORS} tensors: give a part of it.")


def _node(graph: Graph, view: memoryview, upload: Upload, path: Path | None, outside: dict[str, Upload]) -> None:
    parts = list(fields(view))
    kind, domain = (next((text(v) for n, v in parts if n == wanted), "") for wanted in (4, 7))
    graph.operators[kind] = graph.operators.get(kind, 0) + 1
    if domain not in ("", "ai.onnx", "com.microsoft", "ai.onnx.ml"):
        graph.custom.add(domain)
    if kind == "DequantizeLinear":
        inputs = [text(v) for n, v in parts if n == 1]
        numbers = _numbers_of(v for n, v in parts if n == 5 and isinstance(v, memoryview))
        if len(inputs) > 1:
            zero = inputs[2] if len(inputs) > 2 else ""
            graph.dequantizers[inputs[0]] = Dequantizer(inputs[1], zero, numbers.get("axis", 1), numbers.get("block_size", 0))
    if kind != "Constant":
        return
    output = next((text(v) for n, v in parts if n == 2), "constant")
    for inner in (v for n, v in parts if n == 5 and isinstance(v, memoryview)):
        for number, value in fields(inner):
            if number == 5 and isinstance(value, memoryview):
                graph.tensors.append(_tensor(value, upload, path, outside, output))


def _numbers_of(attributes: Iterable[memoryview]) -> dict[str, int]:
    """Whole numbers among a node's attributes by their names."""
    numbers = {}
    for view in attributes:
        pairs = dict(fields(view))
        if isinstance(number := pairs.get(3), int):
            numbers[text(pairs.get(1, 0))] = number - (1 << 64 if number >> 63 else 0)
    return numbers


def _tensor(view: memoryview, upload: Upload, path: Path | None, outside: dict[str, Upload], name: str = "") -> FileTensor:
    dims, code, raw, loose, external = list[int](), 0, None, list[tuple[int, Field]](), dict[str, str]()
    for number, value in fields(view):
        if number == 1:
            dims += [value] if isinstance(value, int) else varints(value, 32)
        elif number == 2 and isinstance(value, int):
            code = value
        elif number == 8:
            name = text(value) or name
        elif number == 9 and isinstance(value, memoryview):
            raw = value
        elif number in _TYPED or number in _VARINTS:
            loose.append((number, value))
        elif number == 13 and isinstance(value, memoryview):
            pair = dict(fields(value))
            external[text(pair.get(1, 0))] = text(pair.get(2, 0))
    shape = claimed(name, tuple(dims), upload)
    if code not in _CODES:
        why = f"{show(name)} has ONNX's type number {code}, which is not read here: store it as float or int8."
        return FileTensor(name, shape, f"onnx-{code}", len(raw or b""), unread(why), weights=False, refused=why)
    stored = DTYPES[_CODES[code]]
    nbytes = prod(shape) * np.dtype(stored.raw).itemsize
    try:
        if external:
            raw = _external(external, path, outside, nbytes)
        values = (
            _loose(loose, prod(shape), nbytes, stored.raw, stored.decode) if raw is None else _raw(raw, nbytes, stored.raw, stored.decode)
        )
    except ValueError as error:
        why = f"{show(name)} cannot be read ({error}): export the model again, with its data beside it."
        return FileTensor(name, shape, stored.name, nbytes, unread(why), weights=False, refused=why)
    return FileTensor(name, shape, stored.name, nbytes, values, weights=stored.name in FLOATS)


def _raw(view: memoryview, nbytes: int, raw: str, decode: Callable[[np.ndarray], np.ndarray]) -> Values:
    if len(view) != nbytes:
        raise ValueError(f"{len(view)} bytes of values where its shape needs {nbytes}")
    return plain_values(view, raw, decode)


def _loose(parts: list[tuple[int, Field]], size: int, nbytes: int, raw: str, decode: Callable[[np.ndarray], np.ndarray]) -> Values:
    """Values in fields of their own type, packed (one field) or one by one."""
    blobs = [(number, value) for number, value in parts if isinstance(value, memoryview)]
    if blobs and blobs[0][0] in _TYPED:
        return _raw(memoryview(b"".join(value for _, value in blobs)) if len(blobs) > 1 else blobs[0][1], nbytes, raw, decode)
    numbers = list(_numbers(parts))
    if len(numbers) != size:
        raise ValueError(f"{len(numbers)} values where its shape needs {size}")
    bits = np.array([n & (1 << 8 * (nbytes // size)) - 1 for n in numbers], f"<u{nbytes // size}") if size else np.empty(0, raw)
    flat = decode(bits.view(raw))
    return lambda first, stop: flat[first:stop]


def _numbers(parts: list[tuple[int, Field]]) -> Iterator[int]:
    for _, value in parts:
        yield from [value] if isinstance(value, int) else varints(value, _SMALL)


def _external(said: dict[str, str], path: Path | None, outside: dict[str, Upload], nbytes: int) -> memoryview:
    """The bytes of a tensor in a file of its own, which must lie in the model's folder."""
    if path is None:
        raise ValueError("its data lies in a file of its own, which was not brought")
    location = said.get("location", "")
    there = (path.parent / location).resolve()
    if not location or not there.is_relative_to(path.parent.resolve()):
        raise ValueError(f"its data should lie at {show(location)}, outside of the model's folder")
    if not there.is_file():
        raise ValueError(f"its data file {show(location)} is missing beside the model")
    if location not in outside:
        outside[location] = mapped(there)
    view = outside[location].view
    begin, length = (int(said.get(key) or default) for key, default in (("offset", 0), ("length", nbytes)))
    if length != nbytes or begin < 0 or begin + length > len(view):
        raise ValueError(f"{length} bytes from byte {begin} of {show(location)}, which has {len(view)}, where its shape needs {nbytes}")
    return view[begin : begin + length]
