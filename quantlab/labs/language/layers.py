"""The fourth room: one linear layer rounded at a time, and how far the model's answers move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, numbers_film
from quantlab.film.figures import AWAY, Chart, decades
from quantlab.labs.language.measure import EXACT, level_steps
from quantlab.labs.language.program import program
from quantlab.labs.language.request import AS_THEY_ARE, LanguageRequest
from quantlab.labs.language.result import Frames, LanguageResult, lines, words_of
from quantlab.labs.language.widths import LEAST
from quantlab.labs.language.words import NOT_YET, UNKNOWN, titled
from quantlab.labs.text import fixed, plain, rounded_percent
from quantlab.language.calibration import MANY
from quantlab.language.config import KINDS, Config
from quantlab.language.methods import FLOAT, METHODS
from quantlab.progress import Steps, part, side_by_side

VIEWS = {"layers": "divergence when one linear layer alone is rounded", "spared": "which layers a mixed plan spares"}
MOST = 5  # layers that are looked at
LINES = (
    ("#0072B2", "solid", "circle"),
    ("#D55E00", "dash", "square"),
    ("#009E73", "dot", "diamond"),
    ("#CC79A7", "dashdot", "triangle-up"),
    ("#E69F00", "longdash", "cross"),
)  # of the layers in order
Place = tuple[int, str]
Cost = Mapping[Place, float]  # nats a token, by layer and kind
Costs = Mapping[str, Cost]  # by stop


def sampled(config: Config) -> list[int]:
    """The layers that are looked at: all of a few, else some from the first to the last as far apart as can be.

    >>> sampled(Config(576, 1536, 30, 9, 3, 49152, 8192))
    [0, 7, 14, 22, 29]
    """
    return (
        sorted({round(i * (config.layers - 1) / (MOST - 1)) for i in range(MOST)}) if config.layers > MOST else list(range(config.layers))
    )


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films of one stage: this stop, then all."""
    alone = replace(request, few=AS_THEY_ARE, embedding=FLOAT, head=FLOAT)
    wanted = [stop, *(s for s in request.labels if s != stop)] if stage else [stop]
    config = request.model.config
    places = [(layer, kind) for layer in sampled(config) for kind in KINDS]
    lanes = 2 if config.weights > MANY and workers.POOL.count > 1 else 1  # a real model by two workers
    whole = level_steps(alone, [EXACT, *wanted])
    apart = (lane_steps(alone, wanted, places[i::lanes], i if lanes > 1 else None) for i in range(lanes))
    found = yield from part(side_by_side(list(apart)), 0, len(places) + 1, len(places))
    costs = {s: {place: lane[place][s] for place in places for lane in found if place in lane} for s in wanted}
    levels = yield from part(whole, len(places), len(places) + 1)
    frames = Frames(alone, levels[EXACT], {s: levels[s] for s in wanted})
    return result(frames, costs, stage)


def lane_steps(alone: LanguageRequest, wanted: list[str], places: list[Place], lane: int | None) -> Steps[dict[Place, dict[str, float]]]:
    """What rounding one layer after the other costs at some stops, nats a token; yields (done, total)."""
    costs: dict[Place, dict[str, float]] = {}
    for i, place in enumerate(places):
        found = yield from part(level_steps(replace(alone, only=place), wanted, lane), i, len(places))
        costs[place] = {s: found[s].divergence.value for s in wanted}
    return costs


def result(f: Frames, costs: Costs, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(f.request.labels)
    texts = {s: notice(f, costs, s) for s in strip.labels}
    films = {"layers": layers_film(strip, f, costs), "spared": spared_film(strip, f, costs), "words": words_of(texts)}
    return LanguageResult(f.request, films, texts, partial(csv, costs), program, stage, f)


def layers_film(strip: Strip, f: Frames, costs: Costs) -> bytes:
    """A line for each layer over the kinds, q to down."""
    config = f.request.model.config
    values = [max(v, LEAST) for cost in costs.values() for v in cost.values()]
    ends = float(np.floor(np.log10(min(values)))), float(np.ceil(np.log10(max(values)) + 1e-9))
    alt = "Divergence when one linear layer alone is rounded, a line for each layer that is looked at, over the kinds of linear layers"
    chart = Chart(strip, 320, alt, "the one linear layer that is rounded", f"divergence, nats a {f.unit}")
    ticks = {"tickvals": list(range(len(KINDS))), "ticktext": list(KINDS)}
    chart.axes((-0.4, len(KINDS) - 0.6), (ends[0], max(ends[1], ends[0] + 1)), xaxis=ticks, yaxis_type="log", yaxis=decades(*ends))
    x = np.arange(len(KINDS), dtype=float)
    for i, layer in enumerate(sampled(config)):
        color, dash, symbol = LINES[i]
        y = [np.array([max(costs[s][layer, kind], LEAST) if s in costs else AWAY for kind in KINDS]) for s in strip.labels]
        chart.line(f"layer {layer}", x, y, color, dash=dash, width=1.8, legend=False, hover=False)
        chart.points(f"layer {layer}", x, y, color, symbol=symbol, size=9)
    return chart.film()


def order(f: Frames, cost: Cost) -> list[Place]:
    """Linear layers by divergence for each weight, the dearest first: those that a mixed plan spares."""
    config = f.request.model.config
    return sorted(cost, key=lambda place: -cost[place] / np.prod(config.shape(place[1])))


def spared_film(strip: Strip, f: Frames, costs: Costs) -> bytes:
    """The five linear layers that a mixed plan spares first."""
    config = f.request.model.config
    every = sum(float(np.prod(config.shape(kind))) for kind in KINDS) * len(sampled(config))

    def text(stop: str, rank: int) -> str:
        if stop not in costs:
            return NOT_YET
        place = order(f, costs[stop])[rank]
        share = float(np.prod(config.shape(place[1]))) / every
        total = sum(costs[stop].values())
        part_of = costs[stop][place] / total if total else 0.0
        return f"{place[1]} of layer {place[0]}\n{rounded_percent(part_of)} of the damage\n{rounded_percent(share)} of the weights"

    entries = [
        (
            f"Spare {('first', 'second', 'third', 'fourth', 'fifth')[rank]}",
            "Among the linear layers rounded one at a time: the most divergence for each weight",
            [text(s, rank) for s in strip.labels],
        )
        for rank in range(5)
    ]
    return numbers_film(strip, entries, layout="pairs")


def notice(f: Frames, costs: Costs, stop: str) -> str:
    """Whose rounding costs most, and whether the costs add up."""
    if stop not in costs or stop not in f.levels:
        return UNKNOWN
    cost, together = costs[stop], f.levels[stop].divergence.value
    total = sum(cost.values())
    if not total:
        return "At **16 bits** nothing is rounded, and nothing is lost."
    worst, least = max(cost, key=lambda p: cost[p]), min(cost, key=lambda p: cost[p])
    first = order(f, cost)[0]
    words = (
        f"At **{titled(stop)}** ({METHODS[f.request.method].title}) **{worst[1]} of layer {worst[0]}** costs most when it alone is rounded: "
        f"{plain(cost[worst], 2)} nats a {f.unit}; {least[1]} of layer {least[0]} costs least, {plain(cost[least], 2)}. For each weight, "
        f"{first[1]} of layer {first[0]} is dearest: a mixed plan spares it first. "
    )
    layers, there = sampled(f.request.model.config), f.request.model.config.layers
    if len(layers) == there:
        return words + (
            f"All {len(cost)} costs add up to {plain(total, 2)}; rounded together they cost {plain(together, 2)}, "
            f"{fixed(together / total, 2)} times that."
        )
    whole = total * there / len(layers)
    return words + (
        f"**Sampled**: {len(layers)} of {there} layers ({', '.join(map(str, layers))}) were rounded one linear layer at a time; their costs add "
        f"up to {plain(total, 2)}. Were the others alike, all would come to {plain(whole, 2)}; all rounded together they cost "
        f"{plain(together, 2)}, {fixed(together / whole, 2)} times that."
    )


def csv(costs: Costs) -> str:
    """Divergence in nats a token by stop, layer and kind."""
    rows = [[stop, str(layer), kind, f"{value:.8f}"] for stop, cost in costs.items() for (layer, kind), value in cost.items()]
    return lines(["stop", "layer", "kind", "divergence"], rows)
