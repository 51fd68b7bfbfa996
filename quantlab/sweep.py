"""Sweeps: every setting along one knob, each with its levels and its numbers.

Per tensor, a deterministic spec costs levels, not values: everything comes from the sorted ``Distribution``.
Groups, channels and random roundings are measured by quantizing.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab import metrics
from quantlab.formats import FORMATS
from quantlab.grouping import PerGroup, PerTensor
from quantlab.progress import Progress, finish
from quantlab.quantizer import as_real, choose_from, one_group, quantize
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, Quantized, QuantSpec
from quantlab.values.rows import Rows
from quantlab.values.tally import Tally, tally

NUMBERS = ("mse", "granular", "overload", "sqnr_db", "max_error", "bits_per_value", "entropy_bits", "levels_used", "clipped")


Level = Any  # a bit width, a granularity, a word: whatever the swept field or knob holds


@dataclass(frozen=True)
class Point:
    """One setting: the label a person reads, the spec, its numbers, its levels float32 (L,) (of the first group).

    counts : how many values got each code, of all groups, int64 (L,).
    metrics : mse, granular, overload (mean squares), sqnr_db, max_error, bits_per_value, entropy_bits (per code),
        levels_used, clipped (share of the values, 0 to 1).
    """

    label: str
    spec: QuantSpec
    metrics: dict[str, float]
    levels: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True)
class Sweep:
    """All points along one knob, in the order of ``values``."""

    knob: str
    values: tuple[Level, ...]
    points: tuple[Point, ...]

    def column(self, metric: str) -> np.ndarray:
        """One number of every point, float64."""
        return np.array([point.metrics[metric] for point in self.points])


def sweep(x: np.ndarray, spec: QuantSpec, knob: str = "bits", values: Iterable[Level] = range(1, 17)) -> Sweep:
    """Every answer along one knob: ``bits``, ``group_size``, any field of the spec or knob of its scheme.

    Values that the scheme does not take (one bit of mu-law) raise ValueError.

    >>> s = sweep(np.linspace(-1, 1, 101), QuantSpec("int-symmetric"), values=[2, 3, 4])
    >>> [point.label for point in s.points], bool(np.all(np.diff(s.column("sqnr_db")) > 0))
    (['2', '3', '4'], True)
    """
    return finish(sweep_steps(x, spec, knob, values))


def sweep_steps(
    x: np.ndarray, spec: QuantSpec, knob: str = "bits", values: Iterable[Level] = range(1, 17)
) -> Generator[Progress, None, Sweep]:
    """The same as a generator that yields (done, total) and returns the Sweep."""
    values = tuple(values)
    specs = [with_knob(spec, knob, value) for value in values]  # a bad value is refused before any work
    rows = Rows(as_real(x).reshape(1, -1))
    points = []
    for i, (value, each) in enumerate(zip(values, specs, strict=True)):
        yield i, len(values)
        points.append(measure(x, each, label(knob, value), rows))
    return Sweep(knob, values, tuple(points))


def with_knob(spec: QuantSpec, knob: str, value: Level) -> QuantSpec:
    """The spec with one knob set; ``group_size`` keeps the axis of the groups."""
    if knob == "group_size":
        axis = spec.granularity.axis if isinstance(spec.granularity, PerGroup) else -1
        return spec.replace(granularity=PerGroup(value, axis))
    if knob == "format":
        return spec.replace(format=value, bits=None)
    return spec.replace(**{knob: value})


def label(knob: str, value: Level) -> str:
    """What a person reads on the slider.

    >>> label("bits", 4), label("percentile", 99.9), label("clip", 0.25)
    ('4', '99.9 %', '0.25')
    >>> label("format", "e4m3fn"), label("format", "q4_0"), label("format", "e4m3")
    ('E4M3', 'Q4_0', 'e4m3 (own)')
    """
    if knob == "percentile":
        return f"{value:g} %"
    if knob == "format":
        custom = value not in FORMATS and re.match(r"e\d", value)  # E5M2FN is not E5M2
        return f"{value} (own)" if custom else str(value).upper().removesuffix("FN")
    if knob == "outlier":
        return f"{value:g} σ"
    return f"{value:g}" if isinstance(value, float) else str(value)


def measure(x: np.ndarray, spec: QuantSpec, label: str, rows: Rows | None = None) -> Point:
    """The numbers of one spec; ``rows`` (the whole tensor as one row) lets many specs share one sorting."""
    x = as_real(x)
    if not x.size:
        return Point(label, spec, dict.fromkeys(NUMBERS, 0.0), np.empty(0, np.float32), np.empty(0, np.int64))
    if from_levels(spec):
        rows = rows or Rows(x.reshape(1, -1))
        return from_distribution(label, spec, rows, choose_from(rows, spec))
    q = quantize(x, spec)
    return from_tally(label, q, tally(x, q)[0])


def from_levels(spec: QuantSpec) -> bool:
    """Whether the levels alone, with the sorted values, tell every number of this spec."""
    return isinstance(spec.granularity, PerTensor) and not ROUNDINGS[spec.rounding].random


def from_distribution(label: str, spec: QuantSpec, rows: Rows, qparams: QParams, crossings: np.ndarray | None = None) -> Point:
    """The numbers of one quantizer for all values, ``from_levels``; from the sorted values. crossings : the scheme's, where known."""
    scheme, d = SCHEMES[spec.scheme], rows.distribution
    levels = scheme.levels(qparams, spec)[0]
    result = d.distortion(levels, scheme.crossings(qparams, spec) if crossings is None else crossings, ties_up=True)
    cuts = np.concatenate(([0], np.cumsum(result.counts)))
    used = np.flatnonzero(result.counts)
    ends = d.sorted[np.concatenate((cuts[used], cuts[used + 1] - 1))].astype(np.float64)
    power = d.distortion(np.zeros(1)).mse
    numbers = (
        result.mse,
        result.granular,
        result.overload,
        metrics.ratio_db(power, result.mse),
        float(np.abs(ends - np.tile(levels[used].astype(np.float64), 2)).max()),
        scheme.bits_per_value((d.size,), spec),
        metrics.entropy_of_counts(result.counts),
        float(len(used)),
        result.clipped,
    )
    return Point(label, spec, dict(zip(NUMBERS, numbers, strict=True)), levels, result.counts)


def from_tally(label: str, q: Quantized, t: Tally) -> Point:
    """The numbers of a tensor that was quantized and tallied."""
    size, codes = q.codes.size, t.codes[t.codes > 0]
    numbers = (
        t.squared / size,
        max(t.squared - t.overload, 0.0) / size,
        t.overload / size,
        metrics.ratio_db(t.power, t.squared),
        t.largest,
        q.bits_per_value,
        metrics.entropy_of_counts(codes),
        float(len(codes)),
        t.clipped / size,
    )
    levels = SCHEMES[q.spec.scheme].levels(one_group(q.qparams), q.spec)[0]
    return Point(label, q.spec, dict(zip(NUMBERS, numbers, strict=True)), levels, t.codes)
