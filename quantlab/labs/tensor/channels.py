"""Why a scale per channel: every row's magnitudes beside the reach of one scale, and what each choice makes of the tensor.

Of a two-dimensional tensor and a scheme that takes both granularities; levels fitted to the values take too long a row each.
More than 2^18 values are represented by evenly spaced rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.comparison import representative
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import CLIPPED, ORIGINAL, OTHER, QUANTIZED, Chart
from quantlab.grouping import PerChannel, PerTensor
from quantlab.labs.tensor.scrubs import Scrub
from quantlab.labs.text import decibels, percent
from quantlab.metrics import sqnr_db
from quantlab.quantizer import dequantize, quantize
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, QuantSpec
from quantlab.values.blocks import together

_DRAWN = 256  # channels at most


@dataclass(frozen=True)
class Shared:
    """One level of the slider with one scale for all rows, and with one for each.

    largest : the largest level with one scale. half_step : half the step at zero, below which it rounds to 0.
    half_steps : the same with a scale for each row (R,). sqnr_db, bits_per_value : of both, one scale first.
    """

    largest: float
    half_step: float
    half_steps: np.ndarray
    lost: int
    sqnr_db: tuple[float, float]
    zeros: tuple[float, float]
    bits_per_value: tuple[float, float]


@dataclass(frozen=True)
class Channels:
    """Rows in the order of their largest magnitude (R,), their root mean square (R,), and every level of the slider."""

    largest: np.ndarray
    typical: np.ndarray
    levels: tuple[Shared, ...]


def has_channels(shape: tuple[int, ...], spec: QuantSpec, scrub: Scrub) -> bool:
    """Whether there are rows to tell apart and a scheme that can."""
    scheme = SCHEMES[spec.scheme]
    return (
        len(shape) == 2
        and min(shape) > 1
        and {"tensor", "channel"} <= set(scheme.granularities)
        and not scheme.fitted(spec)
        and scrub.slug == "bits"
    )


def channels(x: np.ndarray, spec: QuantSpec, scrub: Scrub) -> Channels:
    """All levels of a tensor (R, N)."""
    some = representative(x)
    largest = np.abs(some).max(axis=1).astype(float)
    typical = np.sqrt(np.mean(np.square(some, dtype=float), axis=1))
    order = np.argsort(largest, kind="stable")
    specs = [scrub.spec_at(spec, value) for value in scrub.values(spec, x.shape)]
    return Channels(largest[order], typical[order], tuple(together([partial(_shared, some, level, order) for level in specs])))


def _shared(x: np.ndarray, spec: QuantSpec, order: np.ndarray) -> Shared:
    specs = spec.replace(granularity=PerTensor()), spec.replace(granularity=PerChannel(0))
    both = [quantize(x, own) for own in specs]
    back = [dequantize(q) for q in both]
    ends = np.abs(SCHEMES[spec.scheme].ends(both[0].qparams, specs[0]))
    some = np.count_nonzero(x) or 1
    return Shared(
        float(ends.max()),
        float(_half_steps(both[0].qparams, specs[0])[0]),
        _half_steps(both[1].qparams, specs[1])[order],
        int(((back[0] == 0).all(axis=1) & (x != 0).any(axis=1)).sum()),
        (sqnr_db(x, back[0]), sqnr_db(x, back[1])),
        (np.count_nonzero(x[back[0] == 0]) / some, np.count_nonzero(x[back[1] == 0]) / some),
        (both[0].bits_per_value, both[1].bits_per_value),
    )


def _half_steps(qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """Half the gap above the level that is zero, float64 (G,); 0 where no level is zero."""
    scheme, groups = SCHEMES[spec.scheme], len(qparams.scale)
    middle = np.full((groups, 1), 0.5)
    code = scheme.encode(np.zeros((groups, 1), np.float32), qparams, spec, lambda: middle)  # one of the levels next to 0
    near = np.clip(code + np.arange(-2, 3), qparams.qmin, qparams.qmax).astype(np.float32)  # (G, 5)
    rows = np.arange(groups)
    magnitude = np.abs(scheme.decode(near, qparams, spec).astype(np.float32).astype(np.float64))
    nearest = near[rows, magnitude.argmin(axis=1)]
    nearest = (
        nearest.clip(qparams.qmin + 1, qparams.qmax - 1) if qparams.qmax - qparams.qmin > 1 else np.full(groups, qparams.qmin, np.float32)
    )
    pair = scheme.decode(np.stack((nearest, nearest + 1), axis=1), qparams, spec).astype(np.float32).astype(np.float64)
    halves = (pair[:, 1] - pair[:, 0]) / 2
    return np.where(magnitude.min(axis=1) < halves / 2, halves, 0.0)


def picture(strip: Strip, rows: Channels) -> bytes:
    """A bar for each channel from its typical to its largest magnitude; over all of them what one scale can tell apart."""
    keep = np.linspace(0, len(rows.largest) - 1, min(len(rows.largest), _DRAWN)).round().astype(int)
    largest, typical, at = rows.largest[keep], rows.typical[keep], np.arange(len(keep), dtype=float)
    high = np.log10(max(float(largest.max()), *(level.largest for level in rows.levels)) * 1.8 or 1.0)
    low = max(np.log10(typical[typical > 0].min(initial=10.0**high) / 30), high - 7)
    floor = 10.0**low
    chart = Chart(
        strip,
        320,
        "Magnitudes of every channel, and the half step of one scale and of a scale per channel",
        "channels, by their range",
        "magnitude",
    )
    chart.axes((-1, len(keep)), (float(low), float(high)), yaxis_type="log")
    chart.axes(xaxis={"showticklabels": False, "showgrid": False})
    x, y = figures.stems(at, np.maximum(typical, floor), np.maximum(largest, floor))
    chart.line("typical to largest value of a channel", x, y, ORIGINAL, width=max(1.0, 500 / len(keep) / 2), hover=False)
    ends = np.array([-1.0, len(keep)])
    chart.line("one scale: largest level", ends, [np.full(2, level.largest) for level in rows.levels], CLIPPED, dash="dash", hover=False)
    chart.line(
        "one scale: below this all becomes 0",
        ends,
        [np.full(2, max(level.half_step, floor)) for level in rows.levels],
        QUANTIZED,
        hover=False,
    )
    chart.line(
        "a scale per channel: below this", at, [np.maximum(level.half_steps[keep], floor) for level in rows.levels], OTHER, hover=False
    )
    return chart.film()


def tiles(strip: Strip, rows: Channels) -> bytes:
    """What one scale and a scale per channel give and cost."""
    count, levels = len(rows.largest), rows.levels
    entries: list[tuple[str, str, Sequence[str]]] = [
        ("One scale for all", "SQNR with one scale for the whole tensor", [decibels(level.sqnr_db[0]) for level in levels]),
        ("Rounded to 0", "Values that are not 0 and become 0 with one scale", [percent(level.zeros[0]) for level in levels]),
        ("Channels lost", "Channels of which one scale leaves nothing but zeros", [f"{level.lost} of {count}" for level in levels]),
        ("A scale per channel", "SQNR with a scale for each row", [decibels(level.sqnr_db[1]) for level in levels]),
        (
            "Rounded to 0 then",
            "Values that are not 0 and become 0 with a scale for each row",
            [percent(level.zeros[1]) for level in levels],
        ),
        ("It costs", "Bits per value that the other scales take", [f"{_cost(level):.3f} bit" for level in levels]),
    ]
    return numbers_film(strip, entries)


def _cost(level: Shared) -> float:
    return level.bits_per_value[1] - level.bits_per_value[0]
