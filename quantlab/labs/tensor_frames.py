"""What does the tensor lab show at every stop of its slider?

One ``Frame`` a stop: the histogram after, the error's histogram with rounding and clipping apart, the staircase,
a map of the error, the followed value. All frames share their bins and axes, so nothing rescales while dragging.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab.quantizer import as_real, dequantize, one_group, quantize
from quantlab.rounding import ROUNDINGS
from quantlab.rows import Rows
from quantlab.schemes import SCHEMES
from quantlab.sweep import Point, Progress, label, measure
from quantlab.types import QParams, Quantized, QuantSpec

BINS = 240
_OCTAVE = 4  # bins of the error histogram per factor of two
_STAIRS = 257  # levels drawn one by one; more would be finer than the screen
_MAP = (96, 160)  # cells of the error map, rows and columns, at most


@dataclass(frozen=True)
class Followed:
    """One value on its way: the element of the tensor at ``index`` and what its group's quantizer makes of it."""

    index: int
    value: float
    code: int
    place: float
    x_hat: float
    scale: float
    zero_point: int
    qmin: int
    qmax: int


@dataclass(frozen=True)
class Frame:
    """One stop of the slider.

    after : counts of the reconstruction in the shared bins (B,).
    rounding, clipping : counts of the error's magnitude in the shared logarithmic bins (E,).
    levels, borders : of the followed value's group, float64; empty where there are too many to draw.
    stairs : the transfer curve of that group, x and x_hat, float64 (2, P).
    error_map : root mean square error of cells of a two-dimensional tensor (R, C), or None.
    crowd : the share of the values that got the most frequent code, 0 to 1.
    """

    point: Point
    after: np.ndarray
    rounding: np.ndarray
    clipping: np.ndarray
    levels: np.ndarray
    borders: np.ndarray
    stairs: np.ndarray
    error_map: np.ndarray | None
    followed: Followed
    crowd: float


@dataclass(frozen=True, eq=False)
class Frames:
    """All stops of one slider; ``edges`` (B + 1,) of the values' bins, ``error_edges`` (E + 1,) of the errors'."""

    knob: str
    labels: tuple[str, ...]
    frames: tuple[Frame, ...]
    edges: np.ndarray
    before: tuple[np.ndarray, ...]
    error_edges: np.ndarray
    std: float


def frames(
    tensor: Callable[[Any], np.ndarray],
    spec_at: Callable[[Any], QuantSpec],
    knob: str,
    values: Sequence[Any],
    follow: float | None = None,
) -> Generator[Progress, None, Frames]:
    """Frames for all values of a knob; yields (done, total) on the way.

    tensor : the tensor at a value of the knob (the same one, unless the knob changes the data).
    follow : the value to follow; the element nearest to it is taken. Without one: the median magnitude.
    """
    tensors = [as_real(tensor(value)) for value in values]
    same = all(x is tensors[0] for x in tensors)
    low, high = min(float(x.min()) for x in tensors[-1:] + tensors[:1]), max(float(x.max()) for x in tensors[-1:] + tensors[:1])
    edges = _edges(low, high)
    exponents = _error_exponents(max(-low, high, high - low))
    index = followed_index(tensors[0], follow)
    rows = Rows(tensors[0].reshape(1, -1))
    before = _histogram(tensors[0], edges)
    made, befores = [], []
    for i, (value, x) in enumerate(zip(values, tensors, strict=True)):
        yield i, len(values)
        if not same and i:
            rows, before = Rows(x.reshape(1, -1)), _histogram(x, edges)
        point = measure(x, spec_at(value), label(knob, value), rows)
        made.append(_frame(x, point, edges, exponents, index))
        befores.append(before)
    error_edges = np.ldexp(1 + np.arange(_OCTAVE) / _OCTAVE, exponents[:, None]).ravel()
    std = float(tensors[0].std(dtype=np.float64))
    labels = tuple(frame.point.label for frame in made)
    return Frames(knob, labels, tuple(made), edges, tuple(befores), np.append(error_edges, 2 * np.ldexp(1.0, int(exponents[-1]))), std)


def followed_index(x: np.ndarray, follow: float | None) -> int:
    """The flat index of the element nearest to ``follow``, or of one with the median magnitude."""
    flat = x.ravel()
    if follow is None:
        magnitudes = np.abs(flat[:: max(1, flat.size // 65536)])
        follow = float(np.median(magnitudes))
    return int(np.argmin(np.abs(flat - flat.dtype.type(follow))))


def _frame(x: np.ndarray, point: Point, edges: np.ndarray, exponents: np.ndarray, index: int) -> Frame:
    spec = point.spec
    scheme = SCHEMES[spec.scheme]
    q = quantize(x, spec)
    x_hat = dequantize(q)
    error = x_hat - x
    own = _parameters_of(q, index)
    clipped = None
    if point.metrics["clipped"] > 0:
        low, high = _ends(q)
        clipped = (x < low) | (x > high)
    levels = scheme.levels(own, spec)[0].astype(np.float64)
    borders = np.empty(0) if ROUNDINGS[spec.rounding].random else scheme.borders(own, spec)[0]
    stairs = _stairs(levels, borders, float(edges[0]), float(edges[-1]))
    few = len(levels) < _STAIRS
    return Frame(
        point,
        after=_histogram(x_hat, edges),
        rounding=_error_histogram(error if clipped is None else error[~clipped], exponents),
        clipping=_error_histogram(error[:0] if clipped is None else error[clipped], exponents),
        levels=levels if few else levels[:0],
        borders=borders if few else borders[:0],
        stairs=stairs,
        error_map=_error_map(error) if x.ndim == 2 else None,
        followed=_follow(x, q, x_hat, own, index),
        crowd=float(np.bincount(q.codes.ravel().astype(np.int64) - own.qmin).max() / x.size),
    )


def _ends(q: Quantized) -> tuple[np.ndarray, np.ndarray]:
    """The first and last level of every value's group, a millionth of their span further out."""
    low, high = SCHEMES[q.spec.scheme].ends(q.qparams, q.spec).T
    slack = 1e-6 * (high - low)
    if len(low) == 1:
        return low - slack, high + slack
    groups = q.group_index
    return (low - slack)[groups], (high + slack)[groups]


def _parameters_of(q: Quantized, index: int) -> QParams:
    """The parameters of the group that holds the element at this flat index."""
    return one_group(q.qparams, int(q.group_index.ravel()[index]) if len(q.qparams.scale) > 1 else 0)


def _follow(x: np.ndarray, q: Quantized, x_hat: np.ndarray, own: QParams, index: int) -> Followed:
    value = x.ravel()[index : index + 1]
    place = float(SCHEMES[q.spec.scheme].place(value[None], own, q.spec)[0, 0])
    return Followed(
        index=index,
        value=float(value[0]),
        code=int(q.codes.ravel()[index]),
        place=place,
        x_hat=float(x_hat.ravel()[index]),
        scale=float(own.scale[0]),
        zero_point=int(own.zero_point[0]),
        qmin=own.qmin,
        qmax=own.qmax,
    )


def _edges(low: float, high: float) -> np.ndarray:
    margin = 0.02 * (high - low) or max(abs(high), 1.0) * 0.02
    return np.linspace(low - margin, high + margin, BINS + 1)


def _histogram(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts in equal bins, int64 (B,); what lies outside counts in the first or the last."""
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    bins = np.multiply(x.ravel() - x.dtype.type(edges[0]), x.dtype.type(1 / width)).astype(np.int32)
    return np.bincount(np.clip(bins, 0, len(edges) - 2, out=bins), minlength=len(edges) - 1)


def _error_exponents(largest: float) -> np.ndarray:
    """The powers of two that the error's bins span: 24 octaves up to the largest value."""
    top = int(np.frexp(max(largest, 2.0**-100))[1])
    return np.arange(top - 24, top + 1)


def _error_histogram(error: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Counts of |error| in bins of a quarter octave, int64 (E,), smaller ones in the first; zeros left out.

    A float32's bits, shifted, are exponent and leading mantissa bits: the number of its bin.
    """
    bins = (np.abs(error.ravel()).astype(np.float32).view(np.int32) >> 21) - 4 * (int(exponents[0]) + 127)
    count = np.bincount(np.maximum(bins, -1) + 1, minlength=_OCTAVE * len(exponents) + 1)
    exact = int(np.count_nonzero(error == 0))
    inside = count[1 : _OCTAVE * len(exponents) + 1].copy()
    inside[0] += count[0] - exact
    return inside


def _stairs(levels: np.ndarray, borders: np.ndarray, low: float, high: float) -> np.ndarray:
    """The transfer curve over [low, high] as a path (2, P): flat at each level, a jump at each border.

    Random roundings have no borders: their path joins the levels, which is what they give on average.
    """
    if len(borders):
        first, last = np.searchsorted(borders, (low, high))
        levels, borders = levels[first : last + 1], borders[first:last]
    else:
        levels = levels[(levels >= low) & (levels <= high)] if ((levels >= low) & (levels <= high)).any() else levels[:1]
    if len(levels) > _STAIRS:
        keep = np.linspace(0, len(levels) - 1, _STAIRS).round().astype(int)
        levels = levels[keep]
        borders = (levels[1:] + levels[:-1]) / 2 if len(borders) else borders
    if not len(borders) and len(levels) > 1:
        return np.stack((np.concatenate(([low], levels, [high])), np.concatenate((levels[:1], levels, levels[-1:]))))
    return np.stack((np.concatenate(([low], np.repeat(borders, 2), [high])), np.repeat(levels, 2)))


def _error_map(error: np.ndarray) -> np.ndarray:
    """Root mean square error over cells of neighbouring rows and columns, float32 (R, C)."""
    square = np.square(error, dtype=np.float32)
    for axis, most in enumerate(_MAP):
        starts = np.unique(np.linspace(0, error.shape[axis], min(error.shape[axis], most) + 1)[:-1].astype(int))
        sizes = np.diff(np.append(starts, error.shape[axis]))
        square = np.add.reduceat(square, starts, axis=axis) / np.expand_dims(sizes, 1 - axis)
    return np.sqrt(square).astype(np.float32)
