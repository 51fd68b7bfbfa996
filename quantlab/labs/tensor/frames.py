"""Frames of the tensor lab: histograms, errors, numbers and the followed value at every stop of the slider.

One ``Frame`` a stop: the histogram after, the error's histogram with rounding and clipping apart, the staircase,
a map of the error, the followed value. All frames share their bins and axes, so nothing rescales while dragging.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from quantlab.grouping import PerTensor
from quantlab.progress import Progress, two_at_a_time
from quantlab.quantizer import as_real, choose_from, one_group, quantize
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.sweep import Point, from_distribution, from_levels, from_tally, label
from quantlab.types import QParams, QuantSpec
from quantlab.values.blocks import in_threads
from quantlab.values.rows import Rows
from quantlab.values.tally import Bins, error_counts, tally

V = TypeVar("V")  # of the knob: bits, a format's slug, a share, a size
BINS = 240
_STAIRS = 257  # levels drawn one by one; more would be finer than the screen
_MAP = (96, 160)  # cells of the error map, rows and columns, at most


@dataclass(frozen=True)
class FollowedValue:
    """One value through the quantizer: the element of the tensor at ``index`` and what its group's quantizer makes of it."""

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
    followed: FollowedValue
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
    mean: float
    std: float


def frames(
    tensor: Callable[[V], np.ndarray],
    spec_at: Callable[[V], QuantSpec],
    knob: str,
    values: Sequence[V],
    follow: float | None = None,
    rows: Rows | None = None,
    index: int | None = None,
) -> Generator[Progress, None, Frames]:
    """Frames for all values of a knob; yields (done, total) on the way.

    tensor : the tensor at a value of the knob (the same one, unless the knob changes the data).
    follow : the value to follow; the element nearest to it is taken. Without one: the median magnitude.
    rows : the first tensor as one row, where calls share its sorting. index : of the followed value, where it is known.
    """
    tensors = [as_real(tensor(value)) for value in values]
    same = all(x is tensors[0] for x in tensors)
    low, high = min(float(x.min()) for x in tensors[-1:] + tensors[:1]), max(float(x.max()) for x in tensors[-1:] + tensors[:1])
    bins = Bins(_edges(low, high), _error_exponents(max(-low, high, high - low)))
    index = followed_index(tensors[0], follow) if index is None else index
    first = rows or Rows(tensors[0].reshape(1, -1))
    shared = bins.values(tensors[0])

    def stop(i: int) -> tuple[Frame, np.ndarray]:
        x, spec = tensors[i], spec_at(values[i])
        rows, before = (first, shared) if same or not i else (Rows(x.reshape(1, -1)), bins.values(x))
        return _frame(x, spec, label(knob, values[i]), rows, bins, index), before

    after, befores = zip(*(yield from two_at_a_time([partial(stop, i) for i in range(len(values))])), strict=True)
    labels, (mean, std) = tuple(frame.point.label for frame in after), (float(moment[0]) for moment in first.moments)
    return Frames(knob, labels, after, bins.edges, befores, bins.error_edges, mean, std)


def followed_index(x: np.ndarray, follow: float | None) -> int:
    """The flat index of the element nearest to ``follow``, or of one with the median magnitude."""
    flat = x.ravel()
    if follow is None:
        magnitudes = np.abs(flat[:: max(1, flat.size // 65536)])
        follow = float(np.median(magnitudes.astype(np.float64)))  # two of float32's largest have a mean
    with np.errstate(over="ignore"):  # infinitely far is far enough
        return int(np.argmin(np.abs(flat - flat.dtype.type(follow))))


def _frame(x: np.ndarray, spec: QuantSpec, label: str, rows: Rows, bins: Bins, index: int) -> Frame:
    scheme = SCHEMES[spec.scheme]
    measured = (_sorted if from_levels(spec) else _quantized)(x, spec, label, rows, bins, index)
    qparams = one_group(measured.qparams, spec.granularity.group_at(index, x.shape))
    levels = scheme.levels(qparams, spec)[0].astype(np.float64)
    borders = np.empty(0) if ROUNDINGS[spec.rounding].random else scheme.borders(qparams, spec)[0]
    few = len(levels) < _STAIRS
    after, rounding, clipping = measured.histograms
    return Frame(
        measured.point,
        after=after,
        rounding=rounding,
        clipping=clipping,
        levels=levels if few else levels[:0],
        borders=borders if few else borders[:0],
        stairs=_stairs(levels, borders, float(bins.edges[0]), float(bins.edges[-1])),
        error_map=None if measured.squares is None else _error_map(measured.squares),
        followed=_follow(x, measured.code, qparams, spec, index),
        crowd=float(measured.point.counts.max() / x.size),
    )


@dataclass(frozen=True)
class _Measurement:
    """The result of one pass over the tensor; ``code`` of the followed value."""

    point: Point
    qparams: QParams
    histograms: tuple[np.ndarray, np.ndarray, np.ndarray]
    squares: np.ndarray | None
    code: float


def _sorted(x: np.ndarray, spec: QuantSpec, label: str, rows: Rows, bins: Bins, index: int) -> _Measurement:
    """All numbers from the sorted values; only the errors' histogram and map want a pass."""
    qparams = choose_from(rows, spec)
    crossings = SCHEMES[spec.scheme].crossings(qparams, spec)
    point = from_distribution(label, spec, rows, qparams, crossings)
    rounding, clipping, squares = error_counts(x, spec, qparams, crossings, bins, squares=x.ndim == 2)
    code = quantize(x.ravel()[index : index + 1], spec, qparams).codes[0]
    used = np.flatnonzero(point.counts)
    return _Measurement(point, qparams, (bins.values(point.levels[used], point.counts[used]), rounding, clipping), squares, code)


def _quantized(x: np.ndarray, spec: QuantSpec, label: str, rows: Rows, bins: Bins, index: int) -> _Measurement:
    """Groups and random roundings: quantized, and counted."""
    q = quantize(x, spec, choose_from(rows, spec) if isinstance(spec.granularity, PerTensor) else None)
    counted, squares = tally(x, q, bins, squares=x.ndim == 2)
    after, rounding, clipping = counted.histograms
    return _Measurement(from_tally(label, q, counted), q.qparams, (after, rounding, clipping), squares, q.codes.ravel()[index])


def _follow(x: np.ndarray, code: float, qparams: QParams, spec: QuantSpec, index: int) -> FollowedValue:
    scheme, value = SCHEMES[spec.scheme], x.ravel()[index]
    return FollowedValue(
        index=index,
        value=float(value),
        code=int(code),
        place=float(scheme.place(np.array([[value]]), qparams, spec)[0, 0]),
        x_hat=float(scheme.decode(np.array([[code]], np.float32), qparams, spec)[0, 0]),
        scale=float(qparams.scale[0]),
        zero_point=int(qparams.zero_point[0]),
        qmin=qparams.qmin,
        qmax=qparams.qmax,
    )


def _edges(low: float, high: float) -> np.ndarray:
    margin = 0.02 * (high - low) or max(abs(high), 1.0) * 0.02
    return np.linspace(low - margin, high + margin, BINS + 1)


def _error_exponents(largest: float) -> np.ndarray:
    """The powers of two that the error's bins span: 24 octaves up to the largest value."""
    top = int(np.frexp(max(largest, 2.0**-100))[1])
    return np.arange(top - 24, top + 1)


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


def _error_map(squares: np.ndarray) -> np.ndarray:
    """Root mean square error over cells of neighbouring rows and columns, float32 (R, C), from the squares."""
    tops, lefts = (
        np.unique(np.linspace(0, size, min(size, most) + 1)[:-1].astype(int)) for size, most in zip(squares.shape, _MAP, strict=True)
    )
    ends = np.append(tops[1:], squares.shape[0])

    def sums(bands: Sequence[tuple[slice, slice]]) -> np.ndarray:
        rows = [squares[band].sum(axis=0) for band in bands]  # neighbouring columns stay neighbours in memory
        return np.add.reduceat(np.stack(rows), lefts, axis=1)

    every = [(slice(a, b), slice(None)) for a, b in zip(tops, ends, strict=True)]
    cells = (ends - tops)[:, None] * np.diff(np.append(lefts, squares.shape[1]))
    return np.sqrt(np.concatenate(in_threads(sums, every)) / cells).astype(np.float32)
