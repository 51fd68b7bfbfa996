"""Tensors of models as sources: GGUF's blocks dequantized, ONNX's initializers, and what DequantizeLinear makes of them.

The headers are walked by ``model_file.readers``, which hold no values; a tensor is decoded when it is loaded. Matrices of up to 4 million
values come first, so that the one shown first is one to look at; else the order is the file's.
Source: ONNX, DequantizeLinear-23: (x - x_zero_point) · x_scale; scale and zero point of one value, of an axis, or of blocks along it.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, show

if TYPE_CHECKING:
    from quantlab.model_file.readers.onnx import Dequantizer
    from quantlab.model_file.tensors import FileTensor

_MOST_FIRST = 1 << 22


def is_gguf(head: bytes) -> bool:
    """Whether the first bytes are GGUF's."""
    return head.startswith(b"GGUF")


def is_onnx(head: bytes) -> bool:
    """Whether the first bytes are the version and the next field of an ONNX model, as every exporter writes them.

    >>> is_onnx(b"\\x08\\x09\\x12\\x07pytorch"), is_onnx(b"1,2,3")
    (True, False)
    """
    return len(head) > 2 and head[0] == 8 and 0 < head[1] < 0x40 and head[2] in (0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42)


def gguf_entries(upload: Upload) -> list[Entry]:
    """The tensors of a GGUF file; those in blocks become float32."""
    from quantlab.model_file.readers.gguf import tensors_of

    tensors, _ = tensors_of(upload)
    if not tensors:
        raise Refused(f"{show(upload.name)} holds no tensor: bring a model, not a vocabulary.")
    blocks = sorted({tensor.dtype for tensor in tensors if tensor.block > 1})
    return _in_order(tensors, {}, f"Blocks of {', '.join(blocks)} are dequantized." if blocks else "")


def onnx_entries(upload: Upload) -> list[Entry]:
    """The initializers and constants of an ONNX model; codes that DequantizeLinear reads are dequantized as it does."""
    from quantlab.model_file.readers.onnx import graph_of

    graph = graph_of(upload)
    if not graph.tensors:
        raise Refused(f"{show(upload.name)} holds no initializer: bring an ONNX model with its weights.")
    known = {tensor.name: tensor for tensor in graph.tensors}
    through = {
        name: d
        for name, d in graph.dequantizers.items()
        if name in known and d.scale in known and (not d.zero_point or d.zero_point in known)
    }
    note = f"Codes of {len(through)} tensors are dequantized with their scales and zero points." if through else ""
    return _in_order(graph.tensors, {name: (d, known) for name, d in through.items()}, note)


def _in_order(tensors: Iterable[FileTensor], through: dict[str, tuple[Dequantizer, dict[str, FileTensor]]], note: str) -> list[Entry]:
    ordered = sorted(tensors, key=lambda t: not (len(t.shape) > 1 and 1 < t.size <= _MOST_FIRST and (t.weights or t.name in through)))
    entries = [_entry(tensor, through.get(tensor.name)) for tensor in ordered]
    if note:
        first = next((i for i, entry in enumerate(entries) if not entry.info.refused), 0)
        info = entries[first].info
        entries[first] = Entry(TensorInfo(info.name, info.shape, info.dtype, info.nbytes, note, info.refused), entries[first].load)
    return entries


def _entry(tensor: FileTensor, through: tuple[Dequantizer, dict[str, FileTensor]] | None) -> Entry:
    if tensor.refused:
        return Entry.left_out(tensor.name, Refused(tensor.refused))
    blocks = tensor.block > 1 or through is not None
    dtype, width = ("float32", 4) if blocks else (tensor.dtype, tensor.nbytes // max(1, tensor.size))

    def load() -> np.ndarray:
        with np.errstate(invalid="ignore", over="ignore"):  # a scale that is infinite makes NaN, which is told of like any other
            codes = tensor.checked()(0, tensor.size).reshape(tensor.shape)
            return codes if through is None else dequantized(codes, *through)

    return Entry(TensorInfo(tensor.name, tensor.shape, dtype, width * prod(tensor.shape)), load)


def dequantized(codes: np.ndarray, how: Dequantizer, known: dict[str, FileTensor]) -> np.ndarray:
    """(codes - zero point) · scale, float32; ValueError where the shapes do not fit."""
    scale = _spread(known[how.scale], codes.shape, how)
    zero = _spread(known[how.zero_point], codes.shape, how) if how.zero_point else np.float32(0)
    return ((codes.astype(np.float64) - zero) * scale).astype(np.float32)


def _spread(tensor: FileTensor, shape: tuple[int, ...], how: Dequantizer) -> np.ndarray:
    """A scale or a zero point at every value of the shape: one, a row along the axis, or one a block along it."""
    values = tensor.checked()(0, tensor.size).astype(np.float64).reshape(tensor.shape)
    if values.size == 1:
        return values.reshape(())
    axis = how.axis % len(shape) if -len(shape) <= how.axis < len(shape) else len(shape)
    if axis < len(shape) and values.shape == (shape[axis],) and not how.block:
        return values.reshape(tuple(-1 if i == axis else 1 for i in range(len(shape))))
    blocked = tuple(-(-n // how.block) if how.block and i == axis else n for i, n in enumerate(shape))
    if axis == len(shape) or how.block < 1 or values.shape != blocked:
        raise Refused(f"{show(tensor.name)} of shape {values.shape} does not fit codes of shape {shape}: export the model again.")
    return np.repeat(values, min(how.block, shape[axis]), axis=axis)[tuple(slice(n) for n in shape)]
