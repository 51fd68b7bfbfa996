"""Costs of single layers: answers with one layer alone quantized, and with all but it, as a film over the bits.

Where the truth is known the share of right answers is measured, elsewhere the share of answers that stay as in float.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, figures
from quantlab.film.figures import AWAY, ERROR, QUANTIZED, THEORY
from quantlab.labs.network.axis import FEW, named, over_layers, size
from quantlab.labs.text import points, rounded_percent
from quantlab.networks.results import LayerError
from quantlab.networks.statistics import Interval


@dataclass(frozen=True)
class Cost:
    """Shares of the same images. alone : this layer quantized and all others float. all_but : all quantized and this one float."""

    layer: str
    alone: Interval
    all_but: Interval


@dataclass(frozen=True)
class Costs:
    """All layers at one bit width, beside ``exact``, the float network's share. seconds : that it took."""

    exact: Interval
    layers: tuple[Cost, ...]
    seconds: float = 0.0


def costs_film(widths: Sequence[int], known: Mapping[int, Costs], layers: Sequence[str], truth: bool = True) -> bytes:
    """The chart at every width that is known; the others stand empty."""
    strip = Strip(tuple(map(str, widths)))
    at = figures.labels_at(layers)
    images = f" of {next(iter(known.values())).exact.n} images" if known else ""
    what = "Top-1" if truth else "Agreement with the float network"
    upright = f"Top-1, %{images}" if truth else f"as in float, %{images}"
    chart = over_layers(strip, layers, f"{what} with one layer quantized, and with all but one", upright, (0.0, 103.0))
    if known and truth:
        exact = 100 * next(iter(known.values())).exact.value
        chart.line("float", np.array([-0.6, len(at) - 0.4]), np.full(2, exact), THEORY, dash="dash", width=1.4)
    beside = 0.08 if len(layers) <= FEW else 0.25
    for name, field, color, symbol, aside in (
        ("only this layer", "alone", ERROR, "diamond", -beside),
        ("all but this layer", "all_but", QUANTIZED, "circle", beside),
    ):
        shares = [[getattr(cost, field) for cost in known[bits].layers] if bits in known else None for bits in widths]
        if truth:
            none = figures.stems(at, AWAY, AWAY)[1]
            bars = [_bars(at, some) if some else none for some in shares]
            x = figures.stems(at + aside, 0, 0)[0]
            chart.line(f"{name}, interval", x, bars, color, width=4, opacity=0.3, legend=False, hover=False)
        y = [np.array([100 * share.value for share in some]) if some else np.full(len(at), AWAY) for some in shares]
        chart.points(name, [at + aside] * len(y), y, color, symbol=symbol, size=size(layers, 8))
        named(chart, layers)
    return chart.film()


def _bars(at: np.ndarray, shares: Sequence[Interval]) -> np.ndarray:
    return figures.stems(at, np.array([100 * s.low for s in shares]), np.array([100 * s.high for s in shares]))[1]


def notice_costs(bits: int, costs: Costs | None, truth: bool = True) -> str:
    """The sentence on which layer costs most by itself, and which is worth sparing."""
    if costs is None:
        return f"What each layer costs at {bits} bits is still being measured."
    dear, spared = min(costs.layers, key=lambda c: c.alone.value), max(costs.layers, key=lambda c: c.all_but.value)
    lost, n = costs.exact.value - dear.alone.value, costs.exact.n
    if not truth:
        if not round(lost * n):
            return f"No layer changes one of the {n} answers by itself."
        agreeing = round(spared.all_but.value * n)
        return (
            f"Only *{dear.layer}* at {bits} bits changes {round(lost * n)} of {n} answers;"
            f" all but *{spared.layer}* leaves {agreeing} as in float."
        )
    if lost < 0.01:
        return "No layer costs a point of accuracy by itself."
    return (
        f"Only *{dear.layer}* at {bits} bits costs {points(100 * lost)};"
        f" all but *{spared.layer}* leaves {rounded_percent(spared.all_but.value)} of the answers right."
    )


def layers_csv(widths: Sequence[int], errors: Mapping[int, Sequence[LayerError]], costs: Mapping[int, Costs]) -> str:
    """Every layer at every width that is known: SQNR in dB, shares from 0 to 1 with their intervals; empty where not known."""
    shares = [f"{name}{end}" for name in ("only", "all_but") for end in ("", "_low", "_high")]
    lines = [",".join(["bits", "layer", "alone_db", "with_all_before_db", *shares, "images"])]
    for bits in (bits for bits in widths if bits in errors):
        known = costs.get(bits)
        for i, error in enumerate(errors[bits]):
            cells = [str(bits), error.layer, f"{error.alone:.4f}", f"{error.output:.4f}"]
            measured = (known.layers[i].alone, known.layers[i].all_but) if known else ()
            cells += [f"{v:.6f}" for s in measured for v in (s.value, s.low, s.high)] or [""] * len(shares)
            lines.append(",".join([*cells, str(known.exact.n) if known else ""]))
    return "\n".join(lines) + "\n"
