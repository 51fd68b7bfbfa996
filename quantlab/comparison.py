"""How do all schemes fare on this tensor, bit width by bit width? Which is the cheapest that is good enough?

Each scheme with its own full range at one granularity, formats that are defined on blocks on those. More than
2^18 values are represented by evenly spaced rows.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from quantlab.formats import FORMATS
from quantlab.grouping import Granularity
from quantlab.progress import Progress
from quantlab.schemes import SCHEMES
from quantlab.sweep import Point, label, measure
from quantlab.types import KnobValue, QuantSpec
from quantlab.values.rows import Rows

MOST = 2**18


@dataclass(frozen=True, eq=False)
class Curve:
    """One scheme at some bit widths, or one format at its own: all numbers of each."""

    scheme: str
    title: str
    points: tuple[Point, ...]

    @property
    def bits(self) -> np.ndarray:
        """Bits per code, float64 (K,)."""
        return np.array([point.spec.bits for point in self.points], float)

    def column(self, metric: str) -> np.ndarray:
        """One number at every width, float64 (K,)."""
        return np.array([point.metrics[metric] for point in self.points], float)


def compare(x: np.ndarray, granularity: Granularity, scales: str = "float32") -> Generator[Progress, None, tuple[Curve, ...]]:
    """A curve for every scheme (for every format of a scheme of formats a point); yields (done, total).

    scales : what the schemes that can choose store their scales in.
    """
    some = representative(x)
    rows = Rows(some.reshape(1, -1))
    jobs = [(slug, knobs, widths) for slug in SCHEMES for knobs, widths in _settings(slug)]
    curves = []
    for i, (slug, knobs, widths) in enumerate(jobs):
        yield i, len(jobs)
        scheme = SCHEMES[slug]
        own = None if scheme.block(scheme.defaults(knobs) | knobs) else granularity
        settings = knobs | ({"scales": scales} if "scales" in scheme.knobs else {})
        specs = [QuantSpec(slug, b, granularity=own, **settings) for b in widths]
        title = label("format", knobs["format"]) if "format" in knobs else scheme.title
        points = (measure(some, spec, str(spec.bits), rows) for spec in specs)
        curves.append(Curve(slug, title, tuple(_of_the_whole(point, x.shape, some.shape) for point in points)))
    return tuple(curves)


def _of_the_whole(point: Point, shape: tuple[int, ...], some: tuple[int, ...]) -> Point:
    """The point with the bits per value of the whole tensor, which may have other groups to a value than its representative."""
    if shape == some:
        return point
    bits, per_value = point.spec.bits, point.spec.granularity
    share = (sum(per_value.counts(shape)) / math.prod(shape)) / (sum(per_value.counts(some)) / math.prod(some))
    whole = bits + (point.metrics["bits_per_value"] - bits) * share
    return replace(point, metrics=point.metrics | {"bits_per_value": whole})


@dataclass(frozen=True)
class Row:
    """One setting of the table of all schemes. slug : of the scheme. used_by : what it stands for."""

    slug: str
    title: str
    spec: QuantSpec
    bits_per_value: float
    sqnr_db: float
    max_error: float
    mse: float
    used_by: str

    @property
    def setting(self) -> str:
        """Scheme and width in words; a format says its width itself."""
        return self.title if "format" in self.spec.knobs else f"{self.title} at {self.spec.bits} bit{'s'[: self.spec.bits != 1]}"


def table(curves: Sequence[Curve]) -> tuple[Row, ...]:
    """Every scheme at every width, the cheapest first, of equal cost the one of less error."""
    rows = [_row(curve, point) for curve in curves for point in curve.points]
    return tuple(sorted(rows, key=lambda row: (row.bits_per_value, -row.sqnr_db)))


def _row(curve: Curve, point: Point) -> Row:
    bits_per_value, sqnr_db, max_error, mse = (point.metrics[name] for name in METRICS)
    return Row(curve.scheme, curve.title, point.spec, bits_per_value, sqnr_db, max_error, mse, _used_by(point.spec))


METRICS = ("bits_per_value", "sqnr_db", "max_error", "mse")


def reaching(rows: Sequence[Row], target_db: float) -> Row | None:
    """The cheapest whose SQNR is at least the target; None where none is."""
    fitting = (row for row in rows if row.sqnr_db >= target_db)
    return min(fitting, key=lambda row: (row.bits_per_value, -row.sqnr_db), default=None)


def _used_by(spec: QuantSpec) -> str:
    """Of a number format its own use, where the table of formats says one."""
    form = FORMATS.get(spec.knobs.get("format", ""))
    own = form.used_by if spec.scheme == "float" and form is not None else ""
    return f"{form.title}: {own}" if own and form is not None else SCHEMES[spec.scheme].used_by


def representative(x: np.ndarray) -> np.ndarray:
    """x itself, or evenly spaced rows of it with at most ``MOST`` values."""
    if x.size <= MOST:
        return x
    if x.ndim < 2 or x.shape[0] < 2:
        return x.ravel()[: MOST // 1024 * 1024]
    width = x.size // x.shape[0]
    count = max(1, MOST // width)
    rows = np.linspace(0, x.shape[0] - 1, min(count, x.shape[0])).round().astype(int)
    return x[rows].reshape(len(rows), -1)[:, :MOST].reshape((len(rows), *x.shape[1:]) if width <= MOST else (len(rows), -1))


def _settings(slug: str) -> list[tuple[dict[str, KnobValue], list[int]]]:
    scheme = SCHEMES[slug]
    if "format" in scheme.knobs:
        return [({"format": f}, list(scheme.bits_allowed({**_defaults(slug), "format": f}))) for f in scheme.knobs["format"].choices]
    knobs = {"method": "lloyd"} if "method" in scheme.knobs else {}
    return [(knobs, list(scheme.bits_allowed(_defaults(slug))))]


def _defaults(slug: str) -> dict[str, KnobValue]:
    return {name: knob.default for name, knob in SCHEMES[slug].all_knobs().items()}
