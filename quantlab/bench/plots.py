"""Plots of a report: where the error arises, error over step, confidence beside the share of right answers."""

from __future__ import annotations

import math

from quantlab.bench.greybox import UNIFORM
from quantlab.bench.report import Report
from quantlab.bench.sketch import Axis, Sketch, decades

FLOAT, QUANTIZED, ERROR, OTHER = "#0072B2", "#D55E00", "#CC79A7", "#7a8ba0"  # as on the pages
_FEW = 20  # numbers below a chart


def plots(report: Report) -> list[str]:
    """Those that this report has numbers for, as SVG."""
    layers = [errors_of(report), steps_of(report)] if report["layers"] else []
    return [sketch.svg() for sketch in [*layers, *([reliability_of(report)] if report.get("reliability") else [])]]


def _layers(report: Report) -> Axis:
    count = len(report["layers"])
    every = math.ceil(count / _FEW)
    return Axis("layer, by its number in the table", 0.4, count + 0.6, [(i + 1, str(i + 1)) for i in range(0, count, every)])


def errors_of(report: Report) -> Sketch:
    """Own and inherited error of each layer over its signal."""
    shares = {
        kind: [(i + 1.0, (e[kind] or 0) / e["signal"]) for i, e in enumerate(report["layers"]) if e["signal"]]
        for kind in ("local", "inherited")
    }
    positive = [y for points in shares.values() for _, y in points if y > 0] or [1.0]
    high = 1.6 * max(positive)
    low = max(min(positive) / 1.6, high / 1e5)
    axis = Axis("rms error / rms signal", low, high, decades(low, high), log=True)
    sketch = Sketch("Error of each layer's result over its signal: own and inherited", _layers(report), axis)
    for name, kind, color in (("its own", "local", QUANTIZED), ("inherited", "inherited", OTHER)):
        sketch.points(name, color, [(x, y) for x, y in shares[kind] if y > 0], diamond=kind == "inherited")
    return sketch


def steps_of(report: Report) -> Sketch:
    """Error over step of each layer's input and weights, and that of evenly spread values."""
    inputs = [(i + 1.0, e["steps"]["ratio"]) for i, e in enumerate(report["layers"]) if e["steps"] and e["steps"]["ratio"] is not None]
    weights = [(i + 1.0, e["weight_ratio"]) for i, e in enumerate(report["layers"]) if e["weight_ratio"]]
    high = min(2.0, 1.15 * max([UNIFORM, *(y for _, y in inputs + weights)]))
    ticks = [(k / 10, f"{k / 10:g}") for k in range(0, int(10 * high) + 1, 1 if high < 0.7 else 5)]
    sketch = Sketch("Rms error over step of each layer's input and weights", _layers(report), Axis("rms error / step", 0, high, ticks))
    sketch.dashed("1/√12", [(sketch.x.low, UNIFORM), (sketch.x.high, UNIFORM)])
    return sketch.points("its input", ERROR, inputs).points("its weights", QUANTIZED, weights, diamond=True)


def reliability_of(report: Report) -> Sketch:
    """Share of right answers over confidence, in bins."""
    ticks = [(k / 5, f"{k / 5:g}") for k in range(6)]
    axes = Axis("confidence", 0, 1, ticks), Axis("share of right answers", 0, 1, ticks)
    sketch = Sketch("Share of right answers over confidence, float and quantized", *axes)
    sketch.dashed("as sure as right", [(0, 0), (1, 1)])
    for name, color in (("float", FLOAT), ("quantized", QUANTIZED)):
        bins = report["reliability"][name]
        sketch.points(name, color, [(sure, right) for _, sure, right in bins], diamond=name == "quantized")
    return sketch
