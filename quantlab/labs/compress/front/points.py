"""Points of the picture of all ways: size, right answers, and the address that restores each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.labs.compress.measure import Level
from quantlab.labs.compress.request import plan_text
from quantlab.networks.hulls import undominated
from quantlab.networks.narrow import NARROW
from quantlab.networks.shrinking import Shrinking
from quantlab.networks.statistics import Interval

KINDS = {
    "float32": "float32",
    "quick": "prune, share, code",
    "tuned": "fine-tuned",
    "greedy": "bits by layer, greedy",
    "knapsack": "bits by layer, knapsack",
    "hessian": "bits by layer, Hessian trace",
    "narrow": "narrower network, trained from nothing",
    "student": "narrower or 2-bit student, from labels",
    "distilled": "the same student, distilled",
}


@dataclass(frozen=True)
class Point:
    """One way that was tried. kind : of ``KINDS``. bytes : on disk. top1 : share with its interval. query : what restores it.

    name : of what is no way to shrink the network, a student."""

    kind: str
    way: Shrinking
    bytes: int
    top1: Interval
    query: Mapping[str, str]
    name: str = ""

    @property
    def title(self) -> str:
        """What a person calls it."""
        if self.name:
            return self.name
        if self.kind == "float32":
            return "float32"
        bits = "own bits by layer" if self.way.layer_bits else f"{self.way.bits} bits" if self.way.bits else "float32 weights"
        if self.kind == "narrow":
            bits = f"{NARROW[self.query['source']].title}, {bits}"
        tuned = f", {self.way.epochs} epoch{'s' * (self.way.epochs > 1)}" if self.way.epochs else ""
        pruned = f"{self.way.share} % pruned, " if self.way.prunes and self.way.pattern != "2-4" else ""
        return f"{pruned}{bits}{tuned}"


def point(kind: str, level: Level, source: str) -> Point:
    """The point of a measured way."""
    return Point(kind, level.way, level.last.bytes, level.last.answers.top(1), query_of(level.way, source))


def whole(level: Level, source: str) -> Point:
    """The float network, as it was before this way."""
    first = level.parts[0]
    way = level.way.replace(pattern="none", bits=None, layer_bits=(), huffman=False, epochs=0)
    return Point("float32", way, first.bytes, first.answers.top(1), {"source": source})


def query_of(way: Shrinking, source: str) -> dict[str, str]:
    """The address of the first room that shows this way; defaults may be among it."""
    query = {"room": "shrink", "source": source, "pattern": way.pattern, "coding": "huffman" if way.huffman else "none"}
    query["tune"] = str(way.epochs) if way.epochs else "norms" if way.norms else "none"
    if way.bits is None and not way.layer_bits:
        return query | {"sharing": "none", "scrub": "share", "bits": str(way.share)}
    return query | {"share": str(way.share), "layers": plan_text(way.layer_bits), "bits": str(way.bits or 4)}


def pareto(points: Sequence[Point]) -> list[int]:
    """Places of the points that no other beats in both bytes and right answers, the smallest first.

    >>> class P:
    ...     def __init__(self, b, v): self.bytes, self.top1 = b, Interval(v, v, v, 10)
    >>> pareto([P(30, 0.9), P(10, 0.5), P(20, 0.4)])
    [1, 0]
    """
    sizes = np.array([p.bytes for p in points])
    return [int(i) for i in undominated(sizes, np.array([-p.top1.value for p in points]))]


def nearest(points: Sequence[Point], kilobytes: float) -> Point:
    """The point that a click at so many kB means, on a logarithmic axis."""
    return min(points, key=lambda p: abs(np.log(p.bytes / 1e3) - np.log(max(kilobytes, 1e-9))))
