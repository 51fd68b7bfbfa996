"""The seventh room: outliers of what a layer reads and of its weights, as they are, with SmoothQuant and with a Hadamard rotation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, numbers_film
from quantlab.film.figures import ORIGINAL, PINNED, QUANTIZED, Chart, decades
from quantlab.film.figures import steps as stepped
from quantlab.labs.language.inside import head_of_program, observed
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import LanguageResult, lines, words_of
from quantlab.labs.language.words import titled
from quantlab.labs.text import decibels, fixed, rounded_percent
from quantlab.language.one_layer import changes
from quantlab.language.outliers import EDGES, Spread, rounding_db, spread
from quantlab.progress import Steps, part

VIEWS = {
    "channels": "the largest magnitude of every channel that a layer reads, sorted, before and after SmoothQuant and rotation",
    "values": "a histogram of what the layer reads, before and after",
    "columns": "the largest weight of every column, sorted, before and after",
    "weights": "a histogram of its weights, before and after",
    "numbers": "outliers, and SQNR of activations at a width, before and after",
}
CHANGES = {"none": "as it is", "smooth": "SmoothQuant", "rotate": "Hadamard"}
_LOOKS = {"none": (ORIGINAL, "solid"), "smooth": (PINNED, "dash"), "rotate": (QUANTIZED, "dot")}
TOKENS = 1024  # of the calibration text, at most a context of them
LEAST = 1e-5  # of all values, at the foot of the histograms


@dataclass(frozen=True, eq=False)
class Seen:
    """One model's layer. activations, weights : spreads. decibels : by bits, SQNR of activations with a range for each token. zeros : by bits,
    share of activations that one range for the layer rounds to zero."""

    activations: Spread
    weights: Spread
    decibels: Mapping[str, float]
    zeros: Mapping[str, float]


All = Mapping[str, Seen]


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films: all widths at once, in either stage."""
    found = yield from workers.steps(partial(computed_steps, request), request.source)
    return result(request, found, stage)


def computed_steps(request: LanguageRequest) -> Steps[dict[str, Seen]]:
    """The layer as it is and changed in two ways; yields (done, total)."""
    look, found = request.look, {}
    _, seen = yield from part(observed(request), 0, 2)
    yield 100, 200
    tokens = request.model.tokens(request.calibration, TOKENS)
    for change, layer in changes(request.model.model(), tokens, look.layer, look.kind, seen.largest).items():
        x = layer.reads
        most = {stop: np.abs(x).max() / (2 ** (int(stop) - 1) - 1) for stop in request.labels}  # one step of the range
        found[change] = Seen(
            spread(x),
            spread(layer.weight),
            {stop: rounding_db(x, int(stop)) for stop in request.labels},
            {stop: float((np.abs(x) <= step / 2).mean()) for stop, step in most.items()},
        )
    return found


def result(request: LanguageRequest, found: All, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(request.labels)
    texts = {stop: notice(request, found, stop) for stop in strip.labels}
    activations, weights = ({change: getattr(s, name) for change, s in found.items()} for name in ("activations", "weights"))
    films = {
        "channels": channels_film(strip, activations, "channel, the largest first", "largest, times the median's"),
        "values": histogram_film(strip, activations, "value, root mean squares"),
        "columns": channels_film(strip, weights, "column, the largest first", "largest, times the median's", lines=False),
        "weights": histogram_film(strip, weights, "weight, root mean squares"),
        "numbers": tiles_film(strip, found),
        "words": words_of(texts),
    }
    return LanguageResult(request, films, texts, partial(csv, found), program, stage)


def channels_film(strip: Strip, spreads: Mapping[str, Spread], x_title: str, y_title: str, lines: bool = True) -> bytes:
    """Sorted maxima; half a step of one range for all lies below those channels that are not always rounded to zero."""
    curves = {change: s.largest / (np.median(s.largest) or 1.0) for change, s in spreads.items()}
    half = [curves["none"][0] / (2 ** (int(stop) - 1) - 1) / 2 for stop in strip.labels]
    low = min(0.5, *(float(c.min()) for c in curves.values()), half[strip.labels.index("4")] if lines else 0.5) * 0.9
    high = max(float(c.max()) for c in curves.values()) * 1.15
    chart = Chart(strip, 300, f"{x_title}: {y_title}, as it is, with SmoothQuant and with a Hadamard rotation", x_title, y_title)
    shown = [t for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low <= t <= high]
    count = len(curves["none"])
    ticks = {"tickvals": shown, "ticktext": [f"{t:g}" for t in shown]}
    chart.axes((-1, count), (float(np.log10(low)), float(np.log10(high))), yaxis_type="log", yaxis=ticks)
    for change, curve in curves.items():
        color, dash = _LOOKS[change]
        chart.line(CHANGES[change], np.arange(count, dtype=float), curve, color, dash=dash, width=2)
    if lines:
        ends = np.array([-1.0, float(count)])
        chart.line("half a step, one range", ends, [np.full(2, h) for h in half], "#888888", dash="dash", width=1.4)
    return chart.film()


def histogram_film(strip: Strip, spreads: Mapping[str, Spread], x_title: str) -> bytes:
    """Shares of values over values, all three models."""
    chart = Chart(strip, 300, f"Histogram: {x_title}, as it is, with SmoothQuant and with a Hadamard rotation", x_title, "share of values")
    top = max(float(s.shares.max()) for s in spreads.values())
    ends = float(np.log10(LEAST)), float(np.log10(top * 1.3))
    chart.axes((float(EDGES[0]), float(EDGES[-1])), ends, yaxis_type="log", yaxis=decades(*ends))
    for change, s in spreads.items():
        color, dash = _LOOKS[change]
        x, y = stepped(EDGES, s.shares)
        chart.line(CHANGES[change], x, np.maximum(y, LEAST), color, dash=dash, width=1.6, hover=False)
    return chart.film()


def tiles_film(strip: Strip, found: All) -> bytes:
    """A tile for each model: its SQNR at this width, its largest channel, its largest value."""
    help_text = (
        "SQNR of what the layer reads in this many bits, a range for each token; the largest channel over the median one, and the largest "
        "value in root mean squares"
    )
    entries = [
        (
            CHANGES[change],
            help_text,
            [
                f"{decibels(s.decibels[stop])}\nchannel {fixed(s.activations.outlier, 1)} times the median\nlargest value {fixed(s.activations.peak, 1)} rms"
                for stop in strip.labels
            ],
        )
        for change, s in found.items()
    ]
    return numbers_film(strip, entries, layout="pairs")


def notice(request: LanguageRequest, found: All, stop: str) -> str:
    """What the outliers cost at a width, and what each change wins."""
    look, base = request.look, found["none"]
    words = (
        f"What {look} reads has a channel **{fixed(base.activations.outlier, 1)} times** as large as the median one, and a value of "
        f"{fixed(base.activations.peak, 1)} root mean squares. In **{titled(stop)}** with a range for each token its SQNR is "
        f"**{decibels(base.decibels[stop])}**; one range for the whole layer would round {rounded_percent(base.zeros[stop])} of all values to zero. "
    )
    gained = {change: found[change].decibels[stop] - base.decibels[stop] for change in ("smooth", "rotate")}
    if max(map(abs, gained.values())) < 0.05:
        return (
            words
            + "Neither change reaches this place: SmoothQuant moves what a norm's gain scales, the rotation what lies in the residual stream."
        )
    told = []
    for change, gain in gained.items():
        if abs(gain) < 0.05:
            told.append(f"{CHANGES[change]} does not reach this place")
        else:
            told.append(f"{CHANGES[change]} {'wins' if gain > 0 else 'loses'} {fixed(abs(gain))} dB")
    weights = {change: s.weights.outlier for change, s in found.items()}
    grown = weights["smooth"] / weights["none"]
    price = f" The weights pay for SmoothQuant: their largest column grows from {fixed(weights['none'], 1)} to {fixed(weights['smooth'], 1)} times the median."
    return words + f"{told[0]}, {told[1]}." + (price if grown > 1.05 else "")


def csv(found: All) -> str:
    """By model and width: SQNR, share rounded to zero; by channel in falling order: largest magnitudes."""
    rows = []
    for change, s in found.items():
        rows += [[change, "sqnr_db", stop, f"{value:.6f}"] for stop, value in s.decibels.items()]
        rows += [[change, "rounded_to_zero", stop, f"{value:.6f}"] for stop, value in s.zeros.items()]
        rows += [[change, "channel", str(i), f"{value:.6g}"] for i, value in enumerate(s.activations.largest)]
        rows += [[change, "column", str(i), f"{value:.6g}"] for i, value in enumerate(s.weights.largest)]
    return lines(["model", "what", "bits_or_rank", "value"], rows)


def program(request: LanguageRequest, label: str) -> str:
    """The program of one width."""
    imports = "from quantlab.language.one_layer import changes\nfrom quantlab.language.outliers import rounding_db, spread\n"
    head, look = head_of_program(request, imports), request.look
    return f"""{head}for name, layer in changes(model, seen_text[:{TOKENS}], {look.layer}, "{look.kind}", seen.largest).items():
    x = layer.reads
    print(f"{{name}}: {{rounding_db(x, {label}):.1f}} dB, largest channel {{spread(x).outlier:.1f}} times the median")
"""
