"""The third room: all methods against true bits a weight, and both models against bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from quantlab.film import Strip
from quantlab.film.figures import AWAY, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart, decades
from quantlab.labs.language.measure import EXACT, level_steps
from quantlab.labs.language.program import program
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import Frames, LanguageResult, lines, words_of
from quantlab.labs.language.widths import LEAST, nearest_first, perplexity_ticks
from quantlab.labs.language.words import UNKNOWN, subject
from quantlab.labs.text import fixed, kilobytes, plain
from quantlab.language.methods import FLOAT, METHODS
from quantlab.language.shipped import CONFIGS
from quantlab.progress import Steps, part

VIEWS = {
    "methods": "divergence of all methods against true bits a weight",
    "models": "perplexity against bytes, of the shipped ones of both models",
}
LOOKS = {
    "nearest": ("#D55E00", "solid", "circle"),
    "clip": ("#E69F00", "dash", "square"),
    "hqq": ("#CC79A7", "dot", "diamond"),
    "gptq": ("#0072B2", "solid", "triangle-up"),
    "awq": ("#009E73", "dash", "triangle-down"),
    "formats": ("#7a8ba0", "dot", "x"),
    "gguf": ("#56B4E9", "dashdot", "cross"),
    "imatrix": ("#8B5E3C", "dashdot", "star"),
}  # of each method: colour, dash, marker
SHORT = {"formats": "Formats", "imatrix": "GGUF, importance"}  # in the legend: two stand beside each other on a phone
All = Mapping[str, Frames]


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films of one stage: this method at this stop, then every method, and the other model."""
    slugs = [request.method, *(m for m in METHODS if m != request.method)] if stage else [request.method]
    asked = [request.with_method(slug) for slug in slugs]
    if stage and request.model.shipped:
        asked += [replace(request, source=source) for source in CONFIGS if source != request.source]
    found: dict[tuple[str, str], Frames] = {}
    for i, one in enumerate(asked):
        wanted = nearest_first(one.labels, stop if stop in one.labels else FLOAT) if stage else [stop]
        levels = yield from part(level_steps(one, [EXACT, *wanted]), i, len(asked))
        found[one.source, one.method] = Frames(one, levels[EXACT], {s: levels[s] for s in wanted})
    mine = {method: f for (source, method), f in found.items() if source == request.source}
    models = {source: f for (source, method), f in found.items() if method == request.method}
    return result(mine, models, request, stage)


def result(methods: All, models: All, request: LanguageRequest, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    f, strip = methods[request.method], Strip(request.labels)
    texts = {stop: notice(methods, models, request, stop) for stop in request.labels}
    films = {"methods": methods_film(strip, methods, f), "models": models_film(strip, models, f), "words": words_of(texts)}
    return LanguageResult(request, films, texts, partial(csv, [*methods.values(), *models.values()]), program, stage, f)


def points_of(f: Frames) -> tuple[np.ndarray, np.ndarray]:
    """Bits a weight in rising order and divergence in nats of the stops that are known, without the model as it is."""
    stops = sorted((s for s in f.known if s != FLOAT), key=f.bits)
    return np.array([f.bits(s) for s in stops]), np.array([max(f.levels[s].divergence.value, LEAST) for s in stops])


def methods_film(strip: Strip, methods: All, own: Frames) -> bytes:
    """Divergence against bits a weight, a line for each method; the stop under the thumb is marked."""
    curves = {slug: points_of(f) for slug, f in methods.items()}
    xs, ys = (np.concatenate([curve[k] for curve in curves.values()]) for k in (0, 1))
    xs = np.array([*xs, *(own.bits(s) for s in strip.labels if s != FLOAT)])
    ys = ys if len(ys) else np.array([LEAST])
    ends = float(np.floor(np.log10(ys.min()))), float(np.ceil(np.log10(ys.max()) + 1e-9))
    alt = f"Divergence of the next {own.unit}'s probabilities against true bits a weight, a line for each method; lower and further left is better"
    chart = Chart(strip, 320, alt, "bits a weight, all tensors and scales", f"divergence, nats a {own.unit}")
    chart.axes((float(xs.min()) - 0.4, float(xs.max()) + 0.4), ends, yaxis_type="log", yaxis=decades(*ends))
    for slug, (x, y) in curves.items():
        color, dash, symbol = LOOKS[slug]
        chart.line(METHODS[slug].title, x, y, color, dash=dash, width=1.6, legend=False, hover=False)
        chart.points(SHORT.get(slug, METHODS[slug].title), x, y, color, symbol=symbol, size=8)
    known = {s: max(v.divergence.value, LEAST) for s, v in own.levels.items()}
    now = [np.array([known.get(s, AWAY) if s != FLOAT else AWAY]) for s in strip.labels]
    chart.points("now", [np.array([own.bits(s)]) for s in strip.labels], now, QUANTIZED, symbol="circle-open", size=17, legend=False, rim=3)
    return chart.coming("" if len(methods) == len(METHODS) else "The other methods are being measured").film()


def models_film(strip: Strip, models: All, own: Frames) -> bytes:
    """Perplexity against bytes, a line for each model."""
    sizes = [f.bytes(s) / 1e6 for f in models.values() for s in f.request.labels]
    values = [v.perplexity for f in models.values() for v in f.levels.values()]
    low, high = float(np.log10(min(values) * 0.97)), float(np.log10(max(values) * 1.05))
    span = float(np.log10(min(sizes) * 0.85)), float(np.log10(max(sizes) * 1.15))
    chart = Chart(strip, 320, "Perplexity against the bytes of all weights, a line for each model", "MB", f"perplexity a {own.unit}")
    sizes_shown = [t for t in (0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5) if span[0] <= np.log10(t) <= span[1]]
    ticks = {"tickvals": sizes_shown, "ticktext": [f"{t:g}" for t in sizes_shown]}
    chart.axes(span, (low, high), xaxis_type="log", xaxis=ticks, yaxis_type="log", yaxis=perplexity_ticks(10**low, 10**high))
    for color, dash, (_, f) in zip((ORIGINAL, OTHER), ("solid", "dash"), sorted(models.items()), strict=False):
        stops = sorted(f.known, key=f.bytes)
        x, y = np.array([f.bytes(s) / 1e6 for s in stops]), np.array([f.levels[s].perplexity for s in stops])
        chart.line(f.request.model.short, x, y, color, dash=dash, width=1.8)
        chart.points(f.request.model.short, x, y, color, size=7, legend=False)
        chart.line(
            "as it is", np.array([10 ** span[0], 10 ** span[1]]), np.full(2, f.exact.perplexity), THEORY, dash="dot", width=1, legend=False
        )
    now = [np.array([own.levels[s].perplexity if s in own.levels else AWAY]) for s in strip.labels]
    chart.points("now", [np.array([own.bytes(s) / 1e6]) for s in strip.labels], now, QUANTIZED, size=13, legend=False)
    return chart.coming(own.coming).film()


def notice(methods: All, models: All, request: LanguageRequest, stop: str) -> str:
    """Which method does best with no more bits, and what the other model does with no more bytes."""
    f = methods[request.method]
    level = f.levels.get(stop)
    if level is None:
        return UNKNOWN
    if len(methods) == 1:
        return f"{subject(f, stop)}, the divergence is **{plain(level.divergence.value, 2)} nats** a {f.unit}. The other methods are being measured."
    most = f.bits(stop) + 1e-9
    best = min(
        ((v.divergence.value, g.request.method, s) for g in methods.values() for s, v in g.levels.items() if g.bits(s) <= most),
        key=lambda entry: entry[0],
    )
    words = f"{subject(f, stop)}, the divergence is **{plain(level.divergence.value, 2)} nats** a {f.unit} at {fixed(f.bits(stop), 2)} bits a weight over all. "
    if best[1:] == (request.method, stop):
        words += "**No method here does better with as many bits.** "
    elif stop != FLOAT:
        name = f"{METHODS[best[1]].title} at {best[2]}"
        words += f"**{name}** does better with no more bits: {plain(best[0], 2)}. "
    return words + _other(models, request, stop)


def _other(models: All, request: LanguageRequest, stop: str) -> str:
    """What the other model reaches with no more bytes; "" where there is none so small."""
    f = models[request.source]
    others = [g for source, g in models.items() if source != request.source]
    best = min(
        ((v.perplexity, g, s) for g in others for s, v in g.levels.items() if g.bytes(s) <= f.bytes(stop)), key=lambda e: e[0], default=None
    )
    if best is None:
        return ""
    value, g, s = best
    which = "better" if value < f.levels[stop].perplexity else "worse"
    return (
        f"With no more bytes ({kilobytes(f.bytes(stop))}) {g.request.model.title} has perplexity {fixed(value, 3)} at {s}, "
        f"**{which}** than the {fixed(f.levels[stop].perplexity, 3)} here."
    )


def csv(all_of_them: list[Frames]) -> str:
    """Every method at every stop that is known; shares from 0 to 1."""
    rows, seen = [], set()
    for f in all_of_them:
        for s in f.known:
            if (key := (f.request.source, f.request.method, s)) in seen:
                continue
            seen.add(key)
            v, ratio = f.levels[s], f.levels[s].ratio(f.exact)
            numbers = (f.bits(s), v.perplexity, ratio.value, ratio.low, ratio.high, v.divergence.value, v.same_top)
            rows.append([*key, f"{f.bytes(s):.0f}", *(f"{x:.6f}" for x in numbers)])
    return lines(
        ["model", "method", "stop", "bytes", "bits_per_weight", "perplexity", "ratio", "ratio_low", "ratio_high", "divergence", "same_top"],
        rows,
    )
