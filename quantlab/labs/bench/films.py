"""The films of a report: tiles, where the error arises, error over step, and confidence beside the share of right answers.

What is not known yet of a level is drawn outside of the chart, and as "…" among the tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from quantlab.bench.greybox import UNIFORM
from quantlab.bench.report import Report
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import AWAY, ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.text import plain, rounded_percent

Reports = Mapping[str, Report]  # by level, those that are known
NOT_YET = "…"
_FEW = 16  # layers that a chart names at most


def films(strip: Strip, reports: Reports) -> dict[str, bytes]:
    """All films but the words'; no reliability where the answers are no classes."""
    every = {"verdict": verdict_film(strip, reports), "layers": layers_film(strip, reports), "steps": steps_film(strip, reports)}
    classes = any("reliability" in report for report in reports.values())
    return every | ({"reliability": reliability_film(strip, reports)} if classes else {})


def counts(report: Report) -> dict[str, int]:
    """Findings of each box."""
    return {box: sum(f["box"] == box for f in report["findings"]) for box in ("white", "grey", "black")}


def verdict_film(strip: Strip, reports: Reports) -> bytes:
    """Tiles."""
    entries = list[tuple[str, str, list[str]]]()

    def add(name: str, what: str, text: Callable[[Report], str]) -> None:
        entries.append((name, what, [text(reports[label]) if label in reports else NOT_YET for label in strip.labels]))

    add("Verdict", "Passed where every target is met and no box finds anything", lambda r: "passed" if r["passed"] else "failed")
    first = max((r["measures"] for r in reports.values()), key=len)  # outputs that are no numbers have few
    if "top1" in first:
        add("Right answers", "On the test examples, quantized", partial(_share, "top1"))
        add("In float", "Right answers of the float model", partial(_share, "top1_float"))
        add("Flips", "Answers that differ from the float model's", partial(_share, "flips"))
        add("Calibration error", "Mean distance of confidence from the share of right answers", partial(_share, "ece"))
    else:
        add("MSE", "Of the outputs, against the float model's", partial(_plain, "mse"))
        add("MSE to the targets", "Quantized", partial(_plain, "mse_quantized"))
        add("In float", "The float model's MSE to the targets", partial(_plain, "mse_float"))
    if "psnr" in first:
        add("PSNR", "Of the pictures to the targets, quantized", partial(_decibels, "psnr"))
        add("PSNR in float", "Of the float model's pictures to the targets", partial(_decibels, "psnr_float"))
        add("SSIM", "Of the pictures to the targets, quantized", partial(_plain, "ssim"))
    add("Size", "Bytes of the constants, of those of the float model; codes below 8 bits take a byte each", partial(_share, "size"))
    add("Findings", "White, grey, black", lambda r: " · ".join(map(str, counts(r).values())))
    return numbers_film(strip, entries)


def _share(name: str, report: Report) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else rounded_percent(value, 1)


def _decibels(name: str, report: Report) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else f"{value:.1f} dB"


def _plain(name: str, report: Report) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else plain(value)


def layers_film(strip: Strip, reports: Reports) -> bytes:
    """Own and inherited error over the layer's signal, on a logarithmic axis."""
    names, every = _names(reports), [reports.get(label) for label in strip.labels]
    series = {kind: [_row(r, names, partial(_relative, kind)) for r in every] for kind in ("local", "inherited")}
    positive = np.concatenate([a[a > 0] for each in series.values() for a in each] or [np.ones(1)])
    low, high = np.log10(positive.min(initial=1.0)) - 0.2, np.log10(positive.max(initial=1e-3)) + 0.3
    low = max(low, high - 5)
    chart = Chart(strip, 300, "Error of each layer's result over its signal: own and inherited", "", "rms error / rms signal")
    chart.axes(
        (-0.6, len(names) - 0.4),
        (low, high),
        yaxis_type="log",
        yaxis=figures.decades(low, high),
        xaxis=_ticks(names),
    )
    x = np.arange(len(names), dtype=float)
    for kind, name, color, symbol in (("local", "its own", QUANTIZED, "circle"), ("inherited", "inherited", OTHER, "diamond")):
        chart.points(name, x, [np.maximum(a, 10.0**low) for a in series[kind]], color, symbol=symbol, size=10)
    return chart.film()


def _relative(kind: str, layer: Report) -> float:
    return float((layer[kind] or 0) / max(layer["signal"] or 0, 1e-12))


def steps_film(strip: Strip, reports: Reports) -> bytes:
    """Error over step of each layer's input and weights."""
    names, every = _names(reports), [reports.get(label) for label in strip.labels]
    inputs = [_row(r, names, lambda e: e["steps"]["ratio"] if e["steps"] else np.nan) for r in every]
    weights = [_row(r, names, lambda e: e["weight_ratio"] or np.nan) for r in every]
    top = float(np.nanmax(np.concatenate([*inputs, *weights, [UNIFORM]])))
    chart = Chart(strip, 300, "Rms error over step of each layer's input and weights, and 1/√12", "", "rms error / step")
    chart.axes((-0.6, len(names) - 0.4), (0, 1.15 * min(top, 2)), xaxis=_ticks(names))
    x = np.arange(len(names), dtype=float)
    chart.line("1/√12", np.array([-0.6, len(names) - 0.4]), np.full(2, UNIFORM), THEORY, dash="dash", hover=False)
    chart.points("its input", x, inputs, ERROR, size=10)
    chart.points("its weights", x, weights, QUANTIZED, symbol="diamond", size=9)
    return chart.film()


def _names(reports: Reports) -> list[str]:
    """All layers: a file that was brought may lack some."""
    most = max(reports.values(), key=lambda r: len(r["layers"]))
    return [e["layer"] for e in most["layers"]]


def _row(report: Report | None, names: list[str], value: Callable[[Report], float]) -> np.ndarray:
    """A number of each layer, NaN where the report lacks it, or is not known."""
    if report is None:
        return np.full(len(names), np.nan)
    known = {e["layer"]: value(e) for e in report["layers"]}
    return np.array([known.get(name, np.nan) for name in names], float)


def _ticks(names: list[str]) -> dict[str, object]:
    shown = range(0, len(names), max(1, -(-len(names) // _FEW)))
    return {"tickmode": "array", "tickvals": list(shown), "ticktext": [figures.literal(_short(names[i])) for i in shown]}


def _short(name: str) -> str:
    """A layer's name below a chart.

    >>> _short("conv1"), _short("step10/hh/product/MatMul")
    ('conv1', '…roduct/MatMul')
    """
    return name if len(name) <= 14 else f"…{name[-13:]}"


def reliability_film(strip: Strip, reports: Reports) -> bytes:
    """Share of right answers over confidence, of both models; a model that is as sure as it is right lies on the diagonal."""
    alt = "Share of right answers over confidence in ten bins, float and quantized, and the diagonal where both are equal"
    chart = Chart(strip, 250, alt, "confidence", "share of right answers")
    chart.axes((0, 1.02), (-0.04, 1.04))
    chart.line("as sure as right", np.array([0.0, 1.0]), np.array([0.0, 1.0]), THEORY, dash="dash", hover=False)
    for name, kind, color, symbol in (("float", "float", ORIGINAL, "circle"), ("quantized", "quantized", QUANTIZED, "diamond")):
        bins = [reports.get(label, {}).get("reliability", {}).get(kind) or [[0, AWAY, AWAY]] for label in strip.labels]
        x, y = ([np.array([row[at] for row in rows], float) for rows in bins] for at in (1, 2))
        chart.line(name, x, y, color, width=1.4, legend=False)
        chart.points(name, x, y, color, symbol=symbol, size=10)
    return chart.film()
