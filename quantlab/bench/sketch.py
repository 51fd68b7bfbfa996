"""Sketches: small charts as inline SVG, for a file that fetches nothing and is printed.

A chart has two axes and marks on them. Text takes the page's colour; each kind of mark has a colour and a shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 30, 40  # pixels around the axes


@dataclass(frozen=True)
class Axis:
    """An axis. low, high : its ends. ticks : places and their words. log : whether decades are evenly apart."""

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def share(self, value: float) -> float:
        """The place of a value, 0 at the low end and 1 at the high one.

        >>> Axis("", 1, 100, [], log=True).share(10)
        0.5
        """
        low, high, at = (math.log10(v) if self.log else v for v in (self.low, self.high, max(value, self.low)))
        return min((at - low) / (high - low), 1.0)


@dataclass
class Sketch:
    """A chart under construction. title : also its text for who does not see it."""

    title: str
    x: Axis
    y: Axis
    marks: list[str] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        right, down = self.x.share(x) * (WIDTH - LEFT - RIGHT), (1 - self.y.share(y)) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + right, 1), round(TOP + down, 1)

    def points(self, name: str, color: str, points: Iterable[tuple[float, float]], diamond: bool = False) -> Sketch:
        """Circles or diamonds; points that are no numbers are left out."""
        for x, y in points:
            if math.isfinite(x) and math.isfinite(y):
                self.marks.append(_mark(*self.at(x, y), color, diamond))
        self._name(name, color, diamond)
        return self

    def dashed(self, name: str, points: Sequence[tuple[float, float]]) -> Sketch:
        """A dashed line: theory."""
        path = " ".join(f"{x},{y}" for x, y in (self.at(*point) for point in points))
        self.marks.append(f'<polyline points="{path}" fill="none" stroke="#888888" stroke-width="1.5" stroke-dasharray="5 4"/>')
        at = self._next()
        self.legend.append(f'<path d="M{at - 8} 14h16" stroke="#888888" stroke-width="1.5" stroke-dasharray="5 4"/>')
        self.legend.append(_text(at + 12, 18, name))
        return self

    def svg(self) -> str:
        """The chart."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(self.title)}" '
            f'font-size="12" fill="currentColor">{self._axes()}{"".join(self.marks)}{"".join(self.legend)}</svg>'
        )

    def _name(self, name: str, color: str, diamond: bool) -> None:
        at = self._next()
        self.legend += [_mark(at, 14, color, diamond), _text(at + 9, 18, name)]

    def _next(self) -> int:
        return LEFT + 10 + 150 * (len(self.legend) // 2)

    def _axes(self) -> str:
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        parts = [f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="currentColor" stroke-opacity=".4"/>']
        for value, word in self.y.ticks:
            y = self.at(self.x.low, value)[1]
            parts.append(f'<path d="M{LEFT} {y}H{right}" stroke="currentColor" stroke-opacity=".12"/>')
            parts.append(_text(LEFT - 5, y + 4, word, "end"))
        parts += [_text(self.at(value, self.y.low)[0], bottom + 15, word, "middle") for value, word in self.x.ticks]
        parts.append(_text((LEFT + right) / 2, HEIGHT - 6, self.x.title, "middle"))
        middle = (TOP + bottom) / 2
        parts.append(f'<text transform="translate(13 {middle}) rotate(-90)" text-anchor="middle">{escape(self.y.title)}</text>')
        return "".join(parts)


def _mark(x: float, y: float, color: str, diamond: bool) -> str:
    if diamond:
        return f'<path d="M{x} {y - 5}l5 5l-5 5l-5 -5z" fill="{color}"/>'
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{color}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def decades(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten between two positive numbers, at most six; their double and fivefold too where there are fewer than three.

    >>> decades(0.002, 3)
    [(0.01, '0.01'), (0.1, '0.1'), (1.0, '1')]
    >>> [word for _, word in decades(0.03, 0.7)]
    ['0.05', '0.1', '0.2', '0.5']
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 2:
        ticks = [m * 10.0**e for e in range(first - 1, last + 1) for m in (1, 2, 5)]
        return [(tick, f"{tick:g}") for tick in ticks if low <= tick <= high]
    every = max(1, math.ceil((last - first + 1) / 6))
    return [(10.0**e, f"{10.0**e:g}") for e in range(first, last + 1, every)]
