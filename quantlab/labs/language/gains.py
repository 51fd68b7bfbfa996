"""The sixth room: AWQ's search over α on one layer, and where AWQ's and GPTQ's gain comes from, at every width."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip
from quantlab.film.figures import ORIGINAL, PINNED, THEORY, Chart
from quantlab.labs.language.inside import head_of_program, observed, spec_of
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import LanguageResult, lines, words_of
from quantlab.labs.language.words import titled
from quantlab.labs.text import fixed, rounded_percent
from quantlab.language.awq import ALPHAS
from quantlab.language.gains import Gains, Parts, gains
from quantlab.progress import Steps, part

VIEWS = {
    "curve": "the output's error of one layer against AWQ's α",
    "parts": "weights' error, output's error channel by channel, and the output's error, of AWQ and GPTQ",
}
SHOWN = (0.02, 3.0)  # times nearest's error: the ends of the charts
PARTS = ("weights", "own", "output")
All = Mapping[str, Gains]


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films: all widths at once, in either stage."""
    found = yield from workers.steps(partial(computed_steps, request), request.source)
    return result(request, found, stage)


def computed_steps(request: LanguageRequest) -> Steps[dict[str, Gains]]:
    """What the methods make of the layer at every width; yields (done, total)."""
    count, found = len(request.labels), {}
    weight, seen = yield from part(observed(request), 0, count + 1)
    for i, stop in enumerate(request.labels):
        yield 100 * (i + 1), 100 * (count + 1)
        found[stop] = gains(weight, spec_of(request, int(stop)), seen)
    return found


def result(request: LanguageRequest, found: All, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(request.labels)
    texts = {stop: notice(request, found[stop], stop) for stop in strip.labels}
    films = {"curve": curve_film(strip, found), "parts": parts_film(strip, found), "words": words_of(texts)}
    return LanguageResult(request, films, texts, partial(csv, found), program, stage)


def curve_film(strip: Strip, found: All) -> bytes:
    """Error over nearest's against α; the best is marked, GPTQ's dashed below."""
    curves = {stop: g.curve / g.nearest.output for stop, g in found.items()}
    top = min(2.0, max(float(curve.max()) for curve in curves.values())) * 1.05
    x, ends = np.array(ALPHAS), np.array([-0.04, 0.99])
    chart = Chart(
        strip,
        320,
        "The output's error against AWQ's exponent; at 0 it is that of rounding to nearest",
        "α",
        "output's error, times nearest's",
    )
    chart.axes((float(ends[0]), float(ends[1])), (0, top))
    chart.line("to nearest", ends, np.ones(2), THEORY, dash="dash", width=1.4)
    chart.line("AWQ", x, [curves[s] for s in strip.labels], PINNED, width=2)
    chart.points("AWQ", x, [curves[s] for s in strip.labels], PINNED, size=6, legend=False)
    best = [found[s].alpha for s in strip.labels]
    chart.points(
        "its best", [np.array([a]) for a in best], [np.array([curves[s].min()]) for s in strip.labels], PINNED, symbol="diamond", size=13
    )
    chart.line(
        "GPTQ", ends, [np.full(2, found[s].gptq.output / found[s].nearest.output) for s in strip.labels], ORIGINAL, dash="dot", width=2
    )
    return chart.film()


def ratios(g: Gains, ours: Parts) -> list[float]:
    """Each part over that of rounding to nearest."""
    return [getattr(ours, name) / (getattr(g.nearest, name) or 1.0) for name in PARTS]


def parts_film(strip: Strip, found: All) -> bytes:
    """The three parts, times those of rounding to nearest."""
    chart = Chart(
        strip, 320, "Weights' error, the output's error channel by channel, and the output's error, times nearest's", "", "times nearest's"
    )
    titles = ["the weights", "output, channels apart", "the output"]
    ticks = {"tickvals": [0, 1, 2], "ticktext": titles}
    shown = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2) if SHOWN[0] <= t <= SHOWN[1]]
    chart.axes(
        (-0.5, 2.5), (float(np.log10(SHOWN[0])), float(np.log10(SHOWN[1]))), xaxis=ticks, yaxis_type="log",
        yaxis={"tickvals": shown, "ticktext": [f"{t:g}" for t in shown]},
    )  # fmt: skip
    x = np.arange(3, dtype=float)
    chart.line("to nearest", np.array([-0.5, 2.5]), np.ones(2), THEORY, dash="dash", width=1.4)
    for name, color, symbol, dash in (("awq", PINNED, "diamond", "dash"), ("gptq", ORIGINAL, "triangle-up", "dot")):
        y = [np.clip(ratios(found[s], getattr(found[s], name)), *SHOWN) for s in strip.labels]
        chart.line(name.upper(), x, y, color, dash=dash, width=1.4, legend=False, hover=False)
        chart.points(name.upper(), x, y, color, symbol=symbol, size=12)
    return chart.film()


def notice(request: LanguageRequest, g: Gains, stop: str) -> str:
    """What each method does to the errors, by the numbers."""
    if not g.nearest.output:
        return f"At **{titled(stop)}** rounding to nearest makes no error in {request.look}; there is nothing to gain."
    words = f"At **{titled(stop)}** in {request.look}, AWQ "
    weights, own, output = ratios(g, g.awq)
    if g.alpha == 0 or output >= 1:
        words += "finds no scale that helps: α = 0, **rounding to nearest**. "
    else:
        words += (
            f"at α = {fixed(g.alpha, 2)} leaves **{rounded_percent(output)}** of nearest's error in the output: the weights' error becomes "
            f"{fixed(weights, 2)} times, but it moves away from channels that read large values (channel by channel {fixed(own, 2)}). "
        )
    weights, own, output = ratios(g, g.gptq)
    words += f"GPTQ leaves **{rounded_percent(output)}**: the weights' error becomes {fixed(weights, 2)} times, channel by channel {fixed(own, 2)}"
    gain, cancelled = g.nearest.output - g.gptq.output, g.nearest.together - g.gptq.together
    if gain <= 0 or cancelled <= 0:
        return words + "."
    share = "all of its gain" if cancelled >= gain else f"{rounded_percent(cancelled / gain)} of its gain"
    return words + f"; what different channels get wrong **cancels** in the output, which is {share}."


def csv(found: All) -> str:
    """Summed squared errors by width and method; AWQ's curve point by point."""
    rows = []
    for stop, g in found.items():
        for name in ("nearest", "awq", "gptq"):
            ours = getattr(g, name)
            rows.append([stop, name, "", *(f"{getattr(ours, part):.9g}" for part in PARTS)])
        rows += [[stop, "awq", f"{alpha:g}", "", "", f"{error:.9g}"] for alpha, error in zip(ALPHAS, g.curve, strict=True)]
    return lines(["bits", "method", "alpha", "weights_error", "channel_by_channel", "output_error"], rows)


def program(request: LanguageRequest, label: str) -> str:
    """The program of one width."""
    head = head_of_program(request, "from quantlab.language.awq import ALPHAS\nfrom quantlab.language.gains import gains\n", int(label))
    return f"""{head}found = gains(weight, spec, seen)
for alpha, error in zip(ALPHAS, found.curve):
    print(f"{{alpha:4.2f}} {{error / found.nearest.output:.4f}}")
for name in ("nearest", "awq", "gptq"):
    print(name, getattr(found, name))
"""
