"""Curves of a network's accuracy against bits: one chart for each measure, with weights, activations and both quantized."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, figures
from quantlab.film.figures import AWAY, OTHER, PINNED, QUANTIZED, THEORY, Chart
from quantlab.labs.network.answers.frames import Frames
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.statistics import Interval

CURVE_TITLES = {"both": "W and A", "weights": "W alone", "activations": "A alone"}


@dataclass(frozen=True)
class Measure:
    """title : in the list of measures. upright : the axis. lines : what is drawn by name, the first also for W and A alone.

    guessed : how many of the classes a guess may name and be right; 0 where guessing has no such share.
    """

    title: str
    upright: str
    lines: dict[str, Callable[[Evaluation], Interval]]
    guessed: int = 0


def _top(k: int) -> Callable[[Evaluation], Interval]:
    return lambda evaluation: evaluation.top(k)


_AGREEMENT = {"Agreement": lambda evaluation: evaluation.agreement}
MEASURES = {
    "top": Measure("Top-1 and Top-5", "images answered correctly, %", {"Top-1": _top(1), "Top-5": _top(5)}, 1),
    "top5": Measure("Top-5", "images answered correctly, %", {"Top-5": _top(5)}, 5),
    "f1": Measure("Macro F1", "macro F1, %", {"Macro F1": lambda evaluation: evaluation.f1}),
    "agreement": Measure("Agreement", "images answered as in float, %", _AGREEMENT),
}
UNTRUE = {
    "top": Measure("Agreement", "pictures answered as in float, %", _AGREEMENT | {"In first five": _top(5)}),
    "top5": Measure("In first five", "pictures answered as in float, %", {"In first five": _top(5)}),
}  # where nobody wrote down what the pictures show: the labels are the float network's answers
_STYLES = (("circle", "solid"), ("diamond", "dash"))


def measures(truth: bool) -> dict[str, Measure]:
    """The measures that can be had, with or without known labels."""
    return MEASURES if truth else UNTRUE


def curve_film(f: Frames, measure: Measure) -> bytes:
    """One measure against bits with 95 % intervals, beside the float network; beside the kept setting where there is one."""
    names = " and ".join(measure.lines)
    beside = "the kept setting" if f.pinned else "weights alone and activations alone as thin lines"
    alt = f"{names} against bits, with 95 % intervals, beside the float network; {beside}"
    chart = Chart(Strip(f.labels), 300, alt, "bits", measure.upright)
    ends = np.array([f.widths[0] - 0.4, f.widths[-1] + 0.4])
    chart.axes((ends[0], ends[1]), (0, 103), xaxis_dtick=1, xaxis_tick0=2, yaxis_dtick=20)
    level_line = partial(chart.line, x=ends, color=THEORY)
    for i, (name, of) in enumerate(measure.lines.items()) if f.truth else ():
        y = np.full(2, 100 * of(f.exact.evaluation).value)
        level_line("float" if i == 0 else f"float, {name}", y=y, dash="dash", width=1.4, legend=i == 0)
    for (name, of), style in zip(measure.lines.items(), _STYLES, strict=False):
        _moving(chart, f, name, of, *style)
    name, of = next(iter(measure.lines.items()))
    for (curve, answers), dash in zip([] if f.pinned else f.others.items(), ("dot", "dashdot"), strict=False):
        if len(answers) > 1:
            at = np.array(sorted(answers), float)
            y = np.array([100 * of(answers[int(b)]).value for b in at])
            chart.line(f"{name}, {CURVE_TITLES[curve]}", at, y, OTHER, dash=dash, width=1.6)
    if f.pinned:
        at = np.array(sorted(f.pinned), float)
        chart.line(f"{name}, kept", at, np.array([100 * of(f.pinned[int(b)]).value for b in at]), PINNED, dash="longdash", width=2)
    if measure.guessed and f.truth:
        chance = 100 * min(1.0, measure.guessed / len(f.classes))
        chart.note("chance", ends[1] - 0.1, chance + 4, THEORY, "right")
        level_line("chance", y=np.full(2, chance), dash="dot", width=1, legend=False, hover=False)
    return chart.film()


def _moving(chart: Chart, f: Frames, name: str, of: Callable[[Evaluation], Interval], symbol: str, dash: str) -> None:
    """The line of what the slider moves, its intervals, and a mark at the thumb."""
    shares = {bits: of(f.levels[bits].evaluation) for bits in sorted(f.levels)}
    bits, (value, low, high) = np.array([*shares], float), 100 * np.array([(i.value, i.low, i.high) for i in shares.values()]).T
    chart.line(f"{name} interval", *figures.stems(bits, low, high), QUANTIZED, width=5, opacity=0.28, legend=False, hover=False)
    chart.line(name, bits, value, QUANTIZED, width=2.4, dash=dash)
    places = [np.array([100 * shares[b].value if b in shares else AWAY]) for b in f.widths]
    chart.points("now", [np.array([float(b)]) for b in f.widths], places, QUANTIZED, symbol=symbol, size=13, legend=False)
