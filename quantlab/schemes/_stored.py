"""What a file keeps of a group's parameters: the numbers that ``bits_per_value`` counts, and no more.

A ``Storage`` turns ``QParams`` into named arrays and back. What follows from the spec alone (the levels of a format, a
zero point that is the same everywhere) is not kept, nor what only an encoder reads (borders that are not half way): the
parameters that come back give every code its value, bit for bit.
``counts`` are the groups in each part of the tensor (ragged tiles are a part of their own): what several groups share
is shared within a part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from quantlab.schemes import _scales
from quantlab.storage.bit_packing import pack, unpack
from quantlab.types import SCHEMES, QParams, QuantSpec
from quantlab.values.rows import Rows

Arrays = Mapping[str, np.ndarray]
Counts = Sequence[int]


@dataclass(frozen=True)
class Storage:
    """``write(qparams, spec, counts)`` -> arrays, uint8, float16 or float32; ``read(arrays, spec, counts)`` -> QParams."""

    write: Callable[[QParams, QuantSpec, Counts], dict[str, np.ndarray]]
    read: Callable[[Arrays, QuantSpec, Counts], QParams]


def take(arrays: Arrays, name: str, size: int, dtype: DTypeLike = np.float32) -> np.ndarray:
    """One array of so many numbers; KeyError or ValueError where the file has none such."""
    array = arrays[name]
    if array.dtype != dtype or array.shape != (size,):
        raise ValueError(f"{name} is {array.dtype} {array.shape} where {np.dtype(dtype)} ({size},) is needed")
    return array


def take_codes(arrays: Arrays, name: str, bits: int, size: int) -> np.ndarray:
    """Codes of so many bits, int64 (size,)."""
    return unpack(take(arrays, name, -(-size * bits // 8), np.uint8).tobytes(), bits, size).astype(np.int64)


def packed(codes: np.ndarray, bits: int) -> np.ndarray:
    """Codes of 1 to 16 bits as bytes, uint8."""
    return np.frombuffer(pack(codes, bits), np.uint8)


def of_scale(scale: np.ndarray, spec: QuantSpec) -> QParams:
    """The parameters that have these scales (G,), all else as the spec alone has it."""
    zero = np.zeros(1)
    one = SCHEMES[spec.scheme].choose_qparams(Rows(zero[None]), zero, zero, spec)
    extra = None if one.extra is None else np.repeat(one.extra, len(scale), axis=0)
    return replace(one, scale=scale, zero_point=np.repeat(one.zero_point, len(scale)), extra=extra)


def of_codebook(book: np.ndarray, spec: QuantSpec) -> QParams:
    """The parameters that have these levels (G, L) and borders half way between them."""
    like = of_scale(np.ones(len(book), np.float32), spec)
    extra = None if like.extra is None else (book[:, 1:] / 2 + book[:, :-1] / 2).astype(np.float32)
    return replace(like, codebook=book, extra=extra)


SCALE = Storage(
    lambda q, spec, counts: {"scale": _scales.written(q.scale, spec)},
    lambda arrays, spec, counts: of_scale(_scales.read(take(arrays, "scale", sum(counts), _scales.dtype(spec)), spec), spec),
)


def _codebook(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.codebook is not None
    return {"codebook": q.codebook.ravel()}


def _read_codebook(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    levels = 2**spec.bits
    return of_codebook(take(arrays, "codebook", sum(counts) * levels).reshape(-1, levels), spec)


CODEBOOK = Storage(_codebook, _read_codebook)


def runs(counts: Counts, size: int) -> np.ndarray:
    """For every group the number of its run: ``size`` groups of one part, the last of a part perhaps fewer.

    >>> runs([5, 2], 4).tolist()
    [0, 0, 0, 0, 1, 2, 2]
    """
    first, number = 0, []
    for n in counts:
        number.append(first + np.arange(n) // size)
        first += -(-n // size)
    return np.concatenate(number) if number else np.zeros(0, np.int64)


def once_a_run(values: np.ndarray, run: np.ndarray) -> np.ndarray:
    """The first value of every run."""
    return values[np.flatnonzero(np.diff(run, prepend=-1))]
