"""Films of the damage inside a network: one layer's values, and the errors of all layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, figures
from quantlab.film.figures import AWAY, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.labs.network.axis import named, over_layers, size
from quantlab.labs.network.layers.picture import Picture, maps_film, picture_film
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import FeatureMaps, LayerError, Spread

DECIBELS = (-15.0, 105.0)  # of the chart of errors
_NONE = 1e-6
_MOST_LEVELS = 257


@dataclass(frozen=True, eq=False)
class Inside:
    """One level: the chosen layer's weights, what flows into it, its feature maps of the picture that is looked at, what that
    picture is taken for, and every layer's error."""

    weights: Spread
    activations: Spread
    maps: FeatureMaps
    answer: Evaluation
    errors: tuple[LayerError, ...]


VIEWS = {
    "errors": "how the error grows from layer to layer",
    "costs": "what one layer costs by itself, and what sparing it wins",
    "words": "what to notice, in words",
    "picture": "one picture and what it is taken for",
    "maps": "the layer's feature maps of that picture",
    "weights": "the layer's weights before and after",
    "activations": "what flows into the layer, before and after",
}


def layer_films(widths: Sequence[int], levels: Mapping[int, Inside], picture: Picture, images: int) -> dict[str, bytes]:
    """Films of what is known so far; levels still to come stand empty. images : that the errors were measured on."""
    strip = Strip(tuple(map(str, widths)))
    known = [levels.get(bits) for bits in widths]
    first = next(level for level in known if level)
    layer = first.weights.layer
    return dict(
        weights=_spread(strip, [level.weights if level else None for level in known], f"Weights of {layer}", "weight"),
        activations=_spread(
            strip, [level.activations if level else None for level in known], f"Values that flow into {layer}", "activation"
        ),
        maps=maps_film(strip, [level.maps if level else None for level in known]),
        picture=picture_film(strip, picture, [level.answer if level else None for level in known]),
        errors=_errors(strip, [level.errors if level else None for level in known], images),
    )


def _spread(strip: Strip, spreads: Sequence[Spread | None], alt: str, what: str) -> bytes:
    """A histogram before and after, with the levels as strokes below."""
    known = [s for s in spreads if s is not None]
    low, high = min(float(s.edges[0]) for s in known), max(float(s.edges[-1]) for s in known)
    margin = 0.02 * (high - low)
    top = np.log10(max(max(int(s.before.max()), int(s.after.max())) for s in known)) + 0.25
    nothing = (np.array([low, high]), np.full(2, _NONE))
    before = [figures.steps(s.edges, np.maximum(s.before, _NONE)) if s else nothing for s in spreads]
    after = [figures.steps(s.edges, np.maximum(s.after, _NONE)) if s else nothing for s in spreads]
    strokes = [figures.stems(_drawn(s), 10**-0.62, 10**-0.12) for s in spreads]
    chart = Chart(strip, 240, f"{alt} before and after, with the levels", what, "how many")
    chart.axes((low - margin, high + margin), (-0.7, float(top)), yaxis_type="log")
    chart.line("original", [x for x, _ in before], [y for _, y in before], ORIGINAL, fill=True, width=1.5)
    chart.line("quantized", [x for x, _ in after], [y for _, y in after], QUANTIZED, width=1.8)
    chart.line("levels", [x for x, _ in strokes], [y for _, y in strokes], QUANTIZED, width=1.4, hover=False, legend=False)
    return chart.film()


def _drawn(spread: Spread | None) -> np.ndarray:
    """The levels of the first group, unless they are too many to be seen; one stroke far away where there are none."""
    levels = np.empty(0) if spread is None or not spread.levels.size else spread.levels[0].astype(float)
    return levels if 0 < len(levels) < _MOST_LEVELS else np.array([1e9])


def _errors(strip: Strip, levels: Sequence[tuple[LayerError, ...] | None], images: int) -> bytes:
    """SQNR behind every layer: of the network as a whole, and of the layer by itself."""
    layers = [error.layer for error in next(level for level in levels if level)]
    at = figures.labels_at(layers)

    def heights(name: str) -> list[np.ndarray]:
        return [np.array([min(getattr(e, name), 999.0) for e in level]) if level else np.full(len(at), AWAY) for level in levels]

    chart = over_layers(
        strip, layers, "SQNR layer by layer: the layer alone, and the network up to there", f"dB, {images} images", DECIBELS
    ).axes(yaxis_dtick=20)
    chart.line("as strong as the signal", at[[0, -1]], np.zeros(2), THEORY, dash="dash", width=1.2, legend=False, hover=False)
    for name, field, color, dash, symbol in (
        ("this layer alone", "alone", ORIGINAL, "dot", "diamond"),
        ("with all before it", "output", QUANTIZED, "solid", "circle"),
    ):
        y = heights(field)
        chart.line(name, [at] * len(y), y, color, dash=dash, width=2, hover=False)
        chart.points(name, [at] * len(y), y, color, symbol=symbol, size=size(layers, 8), legend=False)
        named(chart, layers)
    return chart.film()
