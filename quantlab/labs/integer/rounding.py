"""The room of requantization: how accumulators become codes in four ways, and how many bits a multiplier needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.integer.fixed_point import fixed_point
from quantlab.integer.operations import Layer, Numbers, over_channels
from quantlab.integer.requantize import REQUANTIZERS, Requantizer, exact_place, nearest
from quantlab.labs.integer.equal import HEIGHT, count
from quantlab.labs.integer.network import network_of, runner_of
from quantlab.labs.integer.programs import rounding_program
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.result import IntegerResult, spoken, table_of
from quantlab.labs.text import MINUS, percent, plain
from quantlab.progress import Steps
from quantlab.tasks import Task

VIEWS = {
    "differ": "the share of codes that differ from exact rounding, against the bits of the multiplier",
    "where": "where between two codes those lie that differ",
    "numbers": "codes that differ, in each way",
    "words": "what to notice, in words",
}
_LOOKS = {
    "float": (ORIGINAL, "diamond", "dash"),
    "twice": (QUANTIZED, "circle", "solid"),
    "once": (CLIPPED, "square", "dot"),
    "cut": (ERROR, "cross", "dashdot"),
}
_LEAST = 1e-7
_BINS = np.linspace(0, 1, 101)


def tasks(request: IntegerRequest, label: str) -> tuple[Task[IntegerResult], ...]:
    """All levels at once."""
    work = partial(workers.steps, partial(_steps, request), request.subject)
    return (Task(("integer rounding", request), work, "Rounding in every way"),)


def _steps(request: IntegerRequest) -> Steps[IntegerResult]:
    """Counts over all images, a batch at a time."""
    network, runner = network_of(request), runner_of(request)
    layer = next(each for each in network.layers if each.name == request.layer)
    off = {(slug, bits): np.zeros(len(_BINS) - 1, np.int64) for slug in REQUANTIZERS for bits in request.stops}
    total, pixels, source = 0, runner.test.pixels, np.ones(1)
    for start in range(0, len(pixels), 50):
        yield start, len(pixels)
        read = network.read_by(request.layer, pixels[start : start + 50])
        source, total = read.scale, total + read.values.size
        for key, counts in _differing(layer, read, request.stops).items():
            off[key] += counts
    return _result(request, layer, source, off, total)


def _differing(layer: Layer, read: Numbers, stops: tuple[int, ...]) -> dict[tuple[str, int], np.ndarray]:
    """For each way and each width of the multiplier: of the codes that differ from exact rounding, the histogram of their place."""
    scale = over_channels(read.scale, read.values.ndim)
    right = nearest(read.values, scale, layer.grid)
    place = exact_place(read.values, scale, layer.grid)
    between = place - np.floor(place)
    counts = {}
    for slug, way in REQUANTIZERS.items():
        for bits in stops if way.fixed else stops[-1:]:
            wrong = way(read.values, scale, layer.grid, bits) != right
            counts[slug, bits] = np.histogram(between[wrong], _BINS)[0]
        if not way.fixed:
            counts |= {(slug, bits): counts[slug, stops[-1]] for bits in stops}
    return counts


Counts = Mapping[tuple[str, int], np.ndarray]
_FACTS = "\n".join(
    ["| way | code, before the zero point and the clip | who does it |", "|---|---|---|"]
    + [f"| {way.title} | `{way.formula}` | {way.source} |" for way in REQUANTIZERS.values()]
)


def _result(request: IntegerRequest, layer: Layer, source: np.ndarray, off: Counts, total: int) -> IntegerResult:
    labels = tuple(map(str, request.stops))
    strip = Strip(labels)
    shares = {key: int(counts.sum()) / total for key, counts in off.items()}
    factor = float(source.max() / layer.grid.scale)
    sentences = tuple(_notice(request, shares, factor, bits) for bits in request.stops)
    films = {
        "differ": _differ(strip, request, shares),
        "where": _where(strip, request, off, total),
        "numbers": numbers_film(strip, _tiles(request, off, total, factor), layout="pairs"),
        "words": spoken(strip, sentences),
    }
    rows = [[bits, *(shares[slug, bits] for slug in REQUANTIZERS), total] for bits in request.stops]
    table = table_of(["bits", *(f"differ_{slug}" for slug in REQUANTIZERS), "codes"], rows)
    programs = tuple(rounding_program(request, bits) for bits in request.stops)
    return IntegerResult("rounding", labels, films, sentences, programs, table, facts=_FACTS)


def _differ(strip: Strip, request: IntegerRequest, shares: Mapping[tuple[str, int], float]) -> bytes:
    alt = "Share of codes that differ from exact rounding against the bits of the multiplier, in four ways, on a logarithmic axis"
    chart = Chart(strip, HEIGHT, alt, "bits of the multiplier", "share of codes that differ")
    chart.axes((0, 32), (np.log10(_LEAST) - 0.15, 0.2), yaxis_type="log", xaxis_dtick=4)
    chart.axes(yaxis=figures.decades(-6, 0, none=_LEAST), margin={"l": 58})
    at = np.array(request.stops, float)
    for slug, way in REQUANTIZERS.items():
        color, symbol, dash = _LOOKS[slug]
        y = np.array([max(shares[slug, bits], _LEAST) for bits in request.stops])
        chart.line(_short(way), at, y, color, dash=dash, width=2)
        chart.points("now", [np.array([b]) for b in at], [y[i : i + 1] for i in range(len(y))], color, symbol=symbol, size=11, legend=False)
    return chart.film()


def _where(strip: Strip, request: IntegerRequest, off: Counts, total: int) -> bytes:
    alt = "Where between two codes the exact result lies for those codes that differ, in four ways"
    chart = Chart(strip, HEIGHT, alt, "place between two codes; the border is at ½", "codes that differ")
    top = max(int(counts.max()) for counts in off.values())
    chart.axes((0, 1), (-0.5, float(np.log10(max(top, 10))) + 0.3), yaxis_type="log")
    chart.axes(xaxis={"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["code", "¼", "border ½", "¾", "next"]}, margin={"r": 24})
    chart.line("border", np.full(2, 0.5), np.array([1e-3, 1e9]), THEORY, dash="dash", width=1.2, legend=False, hover=False)
    for slug, way in REQUANTIZERS.items():
        color, _, dash = _LOOKS[slug]
        drawn = [figures.steps(_BINS, np.maximum(off[slug, bits], 1e-3)) for bits in request.stops]
        chart.line(_short(way), [x for x, _ in drawn], [y for _, y in drawn], color, dash=dash, width=2, hover=False)
    return chart.film()


def _tiles(request: IntegerRequest, off: Counts, total: int, factor: float) -> list[tuple[str, str, list[str]]]:
    entries = [
        (_short(way).capitalize() if way.fixed else way.title, f"{way.formula} ({way.source}): codes of {total} that differ from exact rounding", [count(int(off[slug, bits].sum())) for bits in request.stops])
        for slug, way in REQUANTIZERS.items()
    ]  # fmt: skip
    return [
        *entries,
        (
            "Factor and multiplier",
            "M, and m · 2^n in its place; of the channel with the largest M",
            [_written(factor, b) for b in request.stops],
        ),
    ]


def _written(factor: float, bits: int) -> str:
    fixed = fixed_point(factor, bits)
    return f"{plain(factor, 6)}\n{int(fixed.multiplier[0])} · 2^{MINUS if fixed.shift[0] < bits else ''}{abs(int(fixed.shift[0]) - bits)}"


def _notice(request: IntegerRequest, shares: Mapping[tuple[str, int], float], factor: float, bits: int) -> str:
    fixed, exact = fixed_point(factor, bits), shares["float", bits]
    off = abs(float(fixed.value[0]) / factor - 1)
    first = (
        f"A multiplier of **{bits} bit{'s' * (bits > 1)}** stands {percent(off) if off else '0 %'} beside the factor {plain(factor, 4)}."
    )
    share = shares["once", bits]
    second = (
        f"Codes that {request.layer} reads and that differ from exact rounding: rounded once **{_of(share)}**, rounded twice "
        f"{_of(shares['twice', bits])}, with a float32 factor {_of(exact)}, cut off in place of rounding {_of(shares['cut', bits])}."
    )
    if share > 1e-3:
        third = "The multiplier is too short: the larger a sum, the farther its code is off."
    else:
        third = "What differs by rounding lies near the border between two codes, where either way is off by half a code."
    return f"{first} {second} {third}"


def _short(way: Requantizer) -> str:
    return way.title.removeprefix("multiplier, ")


def _of(share: float) -> str:
    return "none" if share == 0 else percent(share) if share >= 5e-5 else f"{plain(1e6 * share, 2)} in a million"
