"""Films of the room of all ways: the picture with its front, words, the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, words_film
from quantlab.film.figures import AWAY, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.compress.front.points import KINDS, Point, pareto
from quantlab.labs.compress.request import CompressRequest
from quantlab.labs.compress.shrink.films import kilobyte_ticks
from quantlab.labs.text import kilobytes, rounded_percent

VIEWS = {"front": "all that was tried: right answers against bytes"}
STYLES = {
    "float32": (ORIGINAL, "diamond"),
    "quick": (OTHER, "circle"),
    "tuned": (QUANTIZED, "circle"),
    "greedy": ("#E69F00", "diamond"),
    "knapsack": ("#009E73", "square"),
    "hessian": ("#CC79A7", "triangle-up"),
    "narrow": ("#A0522D", "triangle-down"),
    "student": ("#56B4E9", "x"),
    "distilled": ("#0072B2", "star"),
}


@dataclass(frozen=True, eq=False)
class Front:
    """All points of one request, and which of them lie at each stop of its slider."""

    request: CompressRequest
    points: tuple[Point, ...]

    @property
    def best(self) -> list[Point]:
        """The Pareto front, the smallest file first."""
        return [self.points[i] for i in pareto(self.points)]

    def at(self, stop: int) -> list[Point]:
        """The points whose way has the slider's value at this stop, and no plan of its own by layer."""
        return [p for p in self.points if p.kind in ("quick", "tuned", "narrow") and getattr(p.way, self.request.scrub) == stop]


def films(front: Front) -> dict[str, bytes]:
    """The picture and the words."""
    strip = Strip(front.request.labels)
    return {"front": front_film(strip, front), "words": words_film(strip, [notice(front, stop) for stop in front.request.stops])}


def front_film(strip: Strip, front: Front) -> bytes:
    """A point for each way, a line along the front, rings round those of the slider's level."""
    sizes = np.array([p.bytes / 1e3 for p in front.points])
    ends = float(np.log10(sizes.min() * 0.8)), float(np.log10(sizes.max() * 1.25))
    alt = "Right answers against bytes on disk of all ways that were tried; the stepped line joins those that no other beats"
    chart = Chart(strip, 400, alt, "kB on disk", "Top-1, %").axes(ends, (0, 103), xaxis_type="log", xaxis=kilobyte_ticks(*ends))
    chart.axes(hovermode="closest")
    best = front.best
    chart.line("front", np.array([p.bytes / 1e3 for p in best]), _tops(best), THEORY, dash="dash", width=1.6, hover=False)
    chart.traces[-1]["line"]["shape"] = "hv"
    rings = [front.at(stop) for stop in front.request.stops]
    xs = [np.array([p.bytes / 1e3 for p in ring]) if ring else np.array([AWAY]) for ring in rings]
    ys = [_tops(ring) if ring else np.array([AWAY]) for ring in rings]
    chart.points("slider's level", xs, ys, "rgba(213,94,0,0.28)", size=19, rim=0)
    for kind, title in KINDS.items():
        if of_kind := [p for p in front.points if p.kind == kind]:
            color, symbol = STYLES[kind]
            chart.points(title, np.array([p.bytes / 1e3 for p in of_kind]), _tops(of_kind), color, symbol=symbol, size=9)
            chart.traces[-1] |= {
                "text": [p.title for p in of_kind],
                "hovertemplate": "%{text}: %{x:.1f} kB, %{y:.1f} %<extra></extra>",
            }
    return chart.film()


def _tops(points: Sequence[Point]) -> np.ndarray:
    return np.array([100 * p.top1.value for p in points])


def notice(front: Front, stop: int) -> str:
    """The sentences on the front, and on where this level of the slider lies."""
    best, whole = front.best, next(p for p in front.points if p.kind == "float32")
    close = [p for p in best if p.top1.high >= whole.top1.value]
    words = f"{len(front.points)} ways were tried; no other beats {len(best)} of them. "
    if close:
        p = close[0]
        words += f"The smallest file whose interval reaches the float network's {rounded_percent(whole.top1.value, 1)} takes "
        words += f"**{kilobytes(p.bytes, 1)}** ({p.title}: {rounded_percent(p.top1.value, 1)}). "
    if narrow := [p for p in best if p.kind == "narrow"]:
        words += f"Narrower networks, trained from nothing, hold {len(narrow)} of its places, up to {kilobytes(narrow[-1].bytes, 1)}. "
    here = front.at(stop)
    on = [p for p in here if p in best]
    name = f"{stop} % pruned" if front.request.scrub == "share" else f"{stop} bit{'s' * (stop > 1)}"
    if here:
        words += f"At {name}, {len(on) or 'none'} of {len(here)} ways {'lies' if len(on) == 1 else 'lie'} on the front."
    else:
        words += f"No way at {name} is among them."
    return words


def csv(front: Front) -> str:
    """The table of all points: kind, bytes, right answers from 0 to 1, whether on the front, the way."""
    best = set(pareto(front.points))
    lines = ["kind,pattern,share,bits,layer_bits,epochs,bytes,top1,top1_low,top1_high,images,front"]
    for i, p in enumerate(front.points):
        plan = " ".join(f"{layer}-{bits}" for layer, bits in p.way.layer_bits)
        way = f"{p.way.pattern},{p.way.share if p.way.prunes else 0},{p.way.bits or ''},{plan},{p.way.epochs}"
        ends = ",".join(f"{value:.6f}" for value in (p.top1.value, p.top1.low, p.top1.high))
        lines.append(f"{p.kind},{way},{p.bytes},{ends},{p.top1.n},{int(i in best)}")
    return "\n".join(lines) + "\n"
