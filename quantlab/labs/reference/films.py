"""Pictures of the registries: every scheme's levels on one number line, every format's values, ranges, roundings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count, cycle
from typing import Any

import numpy as np

from quantlab.film import STILL, Strip, figures
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.formats import FORMATS, FloatFormat, IntFormat
from quantlab.labs.reference.bits import Single
from quantlab.ranges import CALIBRATORS, choose_range
from quantlab.rounding import ROUNDINGS, uniform_noise
from quantlab.schemes import SCHEMES
from quantlab.sources import TENSOR_SOURCES
from quantlab.sweep import label
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

BITS = tuple(range(1, 9))
_ROW = 13  # pixels
_DRAWN = 600  # levels of one line at most: more are finer than the screen


def _settings() -> Iterator[tuple[str, str, dict[str, Any]]]:  # knobs, each of its own type
    """(name, scheme, knobs) of every line: a scheme, or each format of a scheme of formats, each table of a scheme of tables."""
    for slug, scheme in SCHEMES.items():
        if knob := next((name for name in ("format", "codebook") if name in scheme.knobs), None):
            for choice in scheme.knobs[knob].choices:
                yield f"{slug} {label(knob, choice)}", slug, {knob: choice}
        else:
            yield slug, slug, {}


def scheme_lines() -> bytes:
    """All schemes' levels for 4096 normal values, each range scaled to [-1, 1], at 1 to 8 bits.

    Of a scheme that takes no whole tensor, those of its first block. Where a scheme has no such width its nearest stands in grey.
    """
    x = TENSOR_SOURCES["normal"].make(4096, seed=0).reshape(1, -1)
    strip = Strip(tuple(map(str, BITS)))
    lines = []
    for name, slug, knobs in _settings():
        scheme = SCHEMES[slug]
        allowed, block = scheme.bits_allowed(knobs), scheme.block(QuantSpec(slug, **knobs).knobs)
        rows = Rows(x if "tensor" in scheme.granularities or block is None else block.split(x)[0][:1], x)
        if widths := [bits for bits in BITS if bits in allowed]:
            levels = {bits: _levels(rows, QuantSpec(slug, bits, **knobs)) for bits in widths}
            lines.append((name if len(widths) > 1 else f"{name}, {widths[0]}-bit", levels))
    chart = Chart(strip, 60 + _ROW * len(lines), "The levels of every scheme on one number line", "share of the largest magnitude", "")
    for i, (name, levels) in enumerate(lines):
        nothing = figures.stems(np.empty(0), i, i)
        paths = {bits: figures.stems(one, i - 0.36, i + 0.36) for bits, one in levels.items()}
        nearest = [min(levels, key=lambda width: (abs(width - bits), width)) for bits in BITS]
        for color, wanted in ((QUANTIZED, True), (THEORY, False)):
            shown = [paths[near] if (near == bits) == wanted else nothing for bits, near in zip(BITS, nearest, strict=True)]
            title = name if wanted else f"{name}, at its own width"
            chart.line(title, [x for x, _ in shown], [y for _, y in shown], color, width=1.1, legend=False, hover=False)
    names = [name for name, _ in lines]
    every = np.concatenate([one for _, levels in lines for one in levels.values()])  # asymmetric ones step over 1
    chart.axes(
        (every.min() - 0.05, every.max() + 0.05),
        (len(lines) - 0.4, -0.6),
        yaxis={"tickvals": list(range(len(lines))), "ticktext": names, "showgrid": False},
    )
    chart.axes(margin={"l": 150, "r": 12, "t": 4, "b": 38})
    return chart.film()


def _levels(rows: Rows, spec: QuantSpec) -> np.ndarray:
    """Levels float64 over the largest magnitude, thinned to what a screen can show."""
    scheme = SCHEMES[spec.scheme]
    levels = scheme.levels(scheme.choose_qparams(rows, *choose_range(rows, spec), spec), spec)[0].astype(np.float64)
    levels = np.unique(levels / rows.absmax[0])
    keep = np.linspace(0, len(levels) - 1, min(len(levels), _DRAWN)).round().astype(int)
    return levels[keep]


def format_lines(named: Single | None = None) -> bytes:
    """The positive values of every format of up to 8 bits on one logarithmic line; ``named`` is there too, its name bold."""
    unlisted = [] if named is None or named.slug in FORMATS else [named]
    drawn = [f for f in (*unlisted, *FORMATS.values()) if isinstance(f, FloatFormat | IntFormat) and f.bits <= 8 and f.max > 1]
    chart = Chart(STILL, 80 + 17 * len(drawn), "The positive values of small formats on a logarithmic line", "value", "")
    for i, f in enumerate(drawn):
        values = f.values().astype(np.float64)
        path = figures.stems(values[values > 0], i - 0.36, i + 0.36)
        chart.line(f.slug, *path, QUANTIZED if isinstance(f, FloatFormat) else ORIGINAL, width=1.1, legend=False, hover=False)
    names = [f"<b>{f.slug}</b>" if f == named else f.slug for f in drawn]
    chart.axes((-5.0, 5.0), (len(drawn) - 0.4, -0.6), xaxis_type="log")
    chart.axes(yaxis={"tickvals": list(range(len(drawn))), "ticktext": names, "showgrid": False})
    chart.axes(margin={"l": 90, "r": 12, "t": 10, "b": 38})
    return chart.film()


def value_line(entry: Single, value: float) -> bytes:
    """All values of a format of up to 8 bits, the one that is read among them."""
    values = entry.values().astype(np.float64)
    reach = float(np.abs(values).max())
    chart = Chart(STILL, 150, f"All values of {entry.title}, {value:g} marked", "value", "")
    chart.line("values", *figures.stems(values, 0.0, 1.0), THEORY, width=1.0, legend=False, hover=False)
    if np.isfinite(value):
        chart.points("this word", np.array([value]), np.array([0.5]), QUANTIZED, size=13, legend=False)
    low = float(values.min())
    chart.axes((low - 0.04 * reach, float(values.max()) + 0.04 * reach), (-0.1, 1.1), yaxis={"showticklabels": False, "showgrid": False})
    chart.axes(margin={"l": 20, "r": 20, "t": 8, "b": 38})
    return chart.film()


_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star", "triangle-down", "triangle-left")


def range_film() -> bytes:
    """The range that each calibrator gives weights with outliers, at 2 to 8 bits, over the cost of every range."""
    x = TENSOR_SOURCES["weights"].make(65536, seed=0)
    rows = Rows(x.reshape(1, -1))
    bits = BITS[1:]
    clips = np.geomspace(0.02, 1.0, 60)
    specs = [QuantSpec("int-symmetric", b) for b in bits]
    power = float(np.mean(np.square(x, dtype=np.float64)))
    costs = [np.array([_split(rows, spec.replace(clip=float(c))) for c in clips]) / power for spec in specs]
    chart = Chart(
        Strip(tuple(map(str, bits))),
        400,
        "Rounding and clipping error against the range, and every calibrator's choice",
        "range, share of the largest magnitude",
        "error power over signal power",
    )
    chart.axes((float(np.log10(0.02)), 0.02), (-5.0, 0.6), xaxis_type="log", yaxis_type="log")
    shares = [0.02, 0.05, 0.1, 0.2, 0.5, 1]
    chart.axes(xaxis={"tickvals": shares, "ticktext": [f"{share:g}" for share in shares]})
    floor = 1e-9
    chart.line("rounding", clips, [np.maximum(c[:, 0], floor) for c in costs], ERROR)
    chart.line("clipping", clips, [np.maximum(c[:, 1], floor) for c in costs], CLIPPED)
    chart.line("both", clips, [np.maximum(c.sum(axis=1), floor) for c in costs], QUANTIZED, width=2.6)
    for slug, symbol in zip(SCHEMES["int-symmetric"].calibrators, cycle(_SYMBOLS), strict=False):
        entry = CALIBRATORS[slug]
        ranges = [choose_range(rows, spec.replace(calibrator=slug)) for spec in specs]
        shares = [max(max(-low[0], high[0]) / rows.absmax[0], 1e-3) for low, high in ranges]  # a symmetric scheme reads the larger end
        at = [np.array([c]) for c in shares]
        chart.points(
            entry.title,
            at,
            [np.array([np.interp(c, clips, cost.sum(axis=1))]) for c, cost in zip(shares, costs, strict=True)],
            ORIGINAL,
            symbol=symbol,
            size=11,
        )
    return chart.film()


def _split(rows: Rows, spec: QuantSpec) -> tuple[float, float]:
    scheme = SCHEMES[spec.scheme]
    qparams = scheme.choose_qparams(rows, *choose_range(rows, spec), spec)
    result = rows.distribution.distortion(scheme.levels(qparams, spec)[0], scheme.borders(qparams, spec)[0])
    return result.granular, result.overload


def _draw(shape: tuple[int, ...], seeds: Iterator[int]) -> np.ndarray:
    """Fresh noise at every call: a triangular dither draws twice."""
    return uniform_noise(shape, next(seeds), 0)


def rounding_lines() -> bytes:
    """The error of each rounding at the places between -2.5 and 2.5: its curve, or for a random one its draws."""
    places = np.linspace(-2.5, 2.5, 1001)
    chart = Chart(
        STILL, 60 + 74 * len(ROUNDINGS), "Each rounding's error against the place between two codes", "place on the axis of codes", ""
    )
    for i, (slug, rounding) in enumerate(ROUNDINGS.items()):
        codes = rounding.apply(places.copy(), partial(_draw, places.shape, count()))
        error = i - 0.4 * (codes - places)  # the axis of rows runs downwards
        if rounding.random:
            chart.points(slug, places, error, ERROR, size=3, legend=False, rim=0)
        else:
            jumps = np.flatnonzero(np.abs(np.diff(codes)) > 0) + 1
            chart.line(slug, np.insert(places, jumps, np.nan), np.insert(error, jumps, np.nan), ERROR, legend=False)
        chart.line("zero", places[[0, -1]], np.array([i, i], float), THEORY, dash="dot", width=1, legend=False, hover=False)
    chart.axes(
        (-2.5, 2.5),
        (len(ROUNDINGS) - 0.4, -0.6),
        yaxis={"tickvals": list(range(len(ROUNDINGS))), "ticktext": list(ROUNDINGS), "showgrid": False},
    )
    chart.axes(margin={"l": 150, "r": 12, "t": 4, "b": 38})
    return chart.film()
