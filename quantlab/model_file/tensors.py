"""One tensor of a model file, and the file: names, shapes, types and sizes, and values a piece at a time.

Nothing here holds a tensor's values: ``values(first, stop)`` reads a flat range of them out of the map, so that memory follows the
piece and not the file.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

import numpy as np

from quantlab.sources.upload import Refused, Upload, as_upload, show

PIECE = 1 << 22  # values read at once: 16 MiB as float32
MAX_TENSORS = 100_000
SHORT = 32  # values: a row of fewer is joined with its neighbours where there are more than two axes
FLOATS = ("float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2")
Values = Callable[[int, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class FileTensor:
    """A tensor that lies in a file.

    shape : in the order of numpy, the last axis the fastest. dtype : as stored: numpy's name, or that of a block format (``q4_k``).
    nbytes : in the file. values : (first, stop) of the flattened tensor -> (stop - first,), multiples of ``block`` or the end.
    weights : whether its values are real numbers that could be stored in fewer bits. refused : why its values cannot be read, "" else.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    values: Values = field(repr=False)
    block: int = 1
    weights: bool = True
    note: str = ""
    refused: str = ""

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def width(self) -> int:
        """Length of a row: the last axis, of a tensor of more than two axes as many of the last ones as give 32 values or more.

        So a filter of a convolution is a row, and so is one row of an expert's matrix.
        """
        width = self.shape[-1] if self.shape else 1
        for n in reversed(self.shape[1:-1]):
            if width >= SHORT:
                break
            width *= n
        return width

    @property
    def layout(self) -> tuple[int, ...]:
        """The shape in which it is quantized: (rows, width), of a tensor with one axis (width,)."""
        return (self.rows, self.width) if len(self.shape) > 1 else self.shape

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.size // self.width if self.size else 0

    @property
    def bits_per_value(self) -> float:
        """Bits per value as stored; 0 of an empty tensor."""
        return 8 * self.nbytes / self.size if self.size else 0.0

    def read(self, first: int = 0, stop: int | None = None) -> np.ndarray:
        """Whole rows as float32 (stop - first, width)."""
        stop = self.rows if stop is None else stop
        return as_float32(self.checked()(first * self.width, stop * self.width)).reshape(stop - first, self.width)

    def pieces(self, most: int = PIECE) -> Iterator[np.ndarray]:
        """All values in order, float32, at most about ``most`` at once."""
        values = self.checked()
        step = max(self.block, most // self.block * self.block)
        for first in range(0, self.size, step):
            yield as_float32(values(first, min(first + step, self.size)))

    def checked(self) -> Values:
        """The function that reads values; ValueError where it cannot."""
        if self.refused:
            raise Refused(self.refused)
        return self.values


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A file, or a file with its shards. kind : of the format, in words. facts : what its header says, for people. notes : in sentences.

    sources : the maps, let go of piece by piece with ``release``.
    """

    name: str
    kind: str
    tensors: tuple[FileTensor, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sources: tuple[Upload, ...] = field(default=(), repr=False)

    def __getitem__(self, name: str) -> FileTensor:
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        raise ValueError(f"{show(self.name)} has no tensor {show(name)}; it has {_some([t.name for t in self.tensors])}")

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.nbytes for tensor in self.tensors)

    @property
    def weights(self) -> tuple[FileTensor, ...]:
        """The tensors whose values are real numbers and can be read."""
        return tuple(t for t in self.tensors if t.weights and not t.refused and t.size)

    def release(self) -> None:
        """Let go of the pages that were read; the system reads them again where they are asked for again."""
        for source in self.sources:
            release(source)


def release(source: Upload) -> None:
    """Take the pages of a mapped file out of this process's memory (where the system has a word for it)."""
    mapped = source.view.obj
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def mapped(path: Path, name: str = "") -> Upload:
    """A file of this machine, mapped; ValueError in one sentence where there is none or it is empty. name : to show, its own if left out."""
    if not path.is_file():
        raise Refused(f"{show(name or path.name)} is no file here: give the path of a file of weights.")
    return as_upload(name or path.name, path)


def as_float32(x: np.ndarray) -> np.ndarray:
    """float32 in this machine's byte order; float64 beyond float32's range becomes infinite and is counted as such."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(x, np.float32)


def unread(why: str) -> Values:
    """The values of a tensor that cannot be read."""

    def values(first: int, stop: int) -> np.ndarray:
        raise Refused(why)

    return values


def claimed(name: str, shape: tuple[int, ...], where: Upload) -> tuple[int, ...]:
    """The shape, once it is one that a tensor can have: at most 32 axes and 2^48 values."""
    if len(shape) > 32 or any(n < 0 for n in shape) or prod(shape) > 1 << 48:
        raise Refused(f"{show(where.name)} claims the shape {show(shape)} for {show(name)}, which no tensor has: save the file again.")
    return shape


def plain_values(view: memoryview, raw: str, decode: Callable[[np.ndarray], np.ndarray] = lambda x: x) -> Values:
    """The values of a tensor that lies in the map as plain numbers of the dtype ``raw``."""
    stored = np.dtype(raw)

    def values(first: int, stop: int) -> np.ndarray:
        return decode(np.frombuffer(view[first * stored.itemsize : stop * stored.itemsize], stored))

    return values


def _some(names: list[str]) -> str:
    return ", ".join(map(show, names[:5])) + (", ..." if len(names) > 5 else "")
