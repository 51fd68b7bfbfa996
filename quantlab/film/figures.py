"""Charts from arrays: the look of every plotly figure, and the only place that knows plotly.

Figures are plain dicts in plotly's words, which plotly.js draws; the tests let plotly's own classes check each (building
them at run time cost more than quantizing). A figure chooses nothing: what is drawn, over which range, comes in. One colour a quantity everywhere (Okabe & Ito
2008): original blue, quantized vermilion, error purple, clipped orange; theory and bounds grey and dashed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Json, Strip, Tracks, plot_film

Series = np.ndarray | list[np.ndarray]  # the same at every level, or one array a level

ORIGINAL, QUANTIZED, ERROR, CLIPPED, THEORY = "#0072B2", "#D55E00", "#CC79A7", "#E69F00", "#888888"
OTHER = "#7a8ba0"  # what is drawn beside, for comparison
PINNED = "#009E73"  # a setting that is kept to compare with
PALE = "rgba(128,128,128,0.22)"
AWAY = -1000.0  # where what is not known yet is drawn: outside of the chart


def literal(text: str) -> str:
    """A name from outside for plotly, which reads tags and entities in every text: shown as it stands.

    >>> [hex(ord(c)) for c in literal("<b>") if not c.isascii()]  # a space of no width, after which < begins no tag
    ['0x200b']
    """
    return text.replace("<", "<\u200b").replace("&", "&\u200b")


_NAMES = 60  # along an upright axis, at most


@dataclass
class Chart:
    """A figure under construction: traces that stand and traces that move with the slider."""

    strip: Strip
    height: int
    alt: str
    x_title: str
    y_title: str

    def __post_init__(self) -> None:
        self.tracks = Tracks()
        self.traces: list[Json] = []
        axis = {"gridcolor": PALE, "zeroline": False, "linecolor": PALE, "ticks": "", "automargin": False, "fixedrange": False}
        axis["tickangle"] = 0  # names that do not fit beside each other are thinned by the browser, which knows the width
        self.layout: Json = {
            "height": self.height,
            "margin": {"l": 52, "r": 12, "t": 26, "b": 38},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "Source Sans, Source Sans Pro, sans-serif", "size": 12},
            "xaxis": axis | {"title": {"text": self.x_title, "standoff": 6}},
            "yaxis": axis | {"title": {"text": self.y_title, "standoff": 4}},
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 12}, "bgcolor": "rgba(0,0,0,0)"},
            "hovermode": "x",
            "dragmode": "pan",
            "uirevision": "keep",
            "annotations": [],
        }

    def axes(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None, **layout: object) -> Chart:
        """Fixed ranges (of a logarithmic axis: exponents) and any other layout, ``yaxis_type`` for the ``type`` of ``yaxis``.

        A logarithmic axis without ticks of its own has one at powers of ten.
        """
        ranges = {f"{name}_range": list(span) for name, span in (("xaxis", x), ("yaxis", y)) if span}
        for path, value in (ranges | layout).items():
            *parents, name = path.split("_", 1) if path.partition("_")[0] in self.layout else [path]
            inner = self.layout
            for parent in parents:
                inner = inner[parent]
            inner[name] = (inner[name] | value) if isinstance(value, dict) and name in inner else value
        for axis in (part for name, part in self.layout.items() if name[1:].startswith("axis")):
            if axis.get("type") == "log" and "range" in axis and "tickvals" not in axis:
                axis |= decades(*sorted(axis["range"]))
        return self

    def names(self, names: Sequence[str], ends: tuple[float, float]) -> Chart:
        """A name at each of 0, 1, 2, ... along the upright axis, the first on top: names of any length are read without turning the
        head. ends : of the lying axis."""
        every = -(-len(names) // _NAMES)
        ticks = {"tickvals": list(range(0, len(names), every)), "ticktext": [literal(name) for name in names[::every]]}
        return self.axes(ends, (len(names) - 0.4, -0.6), yaxis=ticks, margin={"l": 96}, hovermode="y")

    def line(
        self, name: str, x: Series, y: Series, color: str, *, dash: str = "solid", width: float = 2.0, fill: bool = False,
        opacity: float = 1.0, legend: bool = True, axis: str = "", hover: bool = True,
    ) -> Chart:  # fmt: skip
        """A curve; where x or y is a list of arrays, one for every level, it moves."""
        trace = {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "line": {"color": color, "width": width, "dash": dash},
            "opacity": opacity,
            "showlegend": legend,
            "hoverinfo": "x+y+name" if hover else "skip",
            "yaxis": f"y{axis}",
            "xaxis": "x",
        }
        if fill:
            trace |= {"fill": "tozeroy", "fillcolor": _pale(color)}
        return self._add(trace, x, y)

    def points(
        self,
        name: str,
        x: Series,
        y: Series,
        color: str,
        *,
        symbol: str = "circle",
        size: int = 9,
        legend: bool = True,
        axis: str = "",
        rim: float = 1,
    ) -> Chart:
        """Markers, moving like ``line``; ``rim``: width of their white edge."""
        marker = {"color": color, "size": size, "symbol": symbol, "line": {"width": rim, "color": "white"}}
        trace = {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "marker": marker,
            "showlegend": legend,
            "yaxis": f"y{axis}",
            "xaxis": "x",
        }
        return self._add(trace, x, y)

    def note(self, text: str, x: float, y: float, color: str, anchor: str = "left", size: int = 11) -> Chart:
        """A word at a place of the axes."""
        font = {"size": size, "color": color}
        self.layout["annotations"].append(
            {"text": text, "x": x, "y": y, "showarrow": False, "xanchor": anchor, "yanchor": "middle", "font": font}
        )
        return self

    def coming(self, text: str) -> Chart:
        """What is still to come, in the middle of a chart whose ranges are fixed; nothing where the text is empty."""
        x, y = (sum(self.layout[axis]["range"]) / 2 for axis in ("xaxis", "yaxis"))
        return self.note(text, x, y, THEORY, "center", 13) if text else self

    def film(self) -> bytes:
        """The chart as a film."""
        return plot_film(self.strip, {"data": self.traces, "layout": self.layout}, self.tracks, self.alt)

    def _add(self, trace: Json, x: Series, y: Series) -> Chart:
        if isinstance(x, list) or isinstance(y, list):
            self.tracks.add(len(self.traces), x if isinstance(x, list) else [x], y if isinstance(y, list) else [y])
        else:
            trace |= {"x": _plain(x), "y": _plain(y)}
        self.traces.append(trace)
        return self


def steps(edges: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A histogram as one stepped path: a fifth of the cost of as many bars."""
    return np.repeat(edges, 2), np.concatenate(([0], np.repeat(counts, 2), [0]))


def stems(x: np.ndarray, low: float | np.ndarray, high: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertical strokes at x from low to high as one path with gaps."""
    gap = np.full(len(x), np.nan)
    feet, tops = np.broadcast_to(low, x.shape), np.broadcast_to(high, x.shape)
    return np.repeat(x, 3), np.stack((feet, tops, gap), axis=1).ravel()


def bars(y: np.ndarray, low: float | np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lying strokes at y from low to high as one path with gaps, x and y; a bar without a length where ``high`` is not a number."""
    places, ends = stems(y, low, np.nan_to_num(high))
    return np.nan_to_num(ends), np.where(np.isnan(ends), np.nan, places)


def height_of_names(names: Sequence[str], least: int = 310) -> int:
    """The height of a chart with a name for each place of its upright axis, in pixels."""
    return max(least, 64 + 15 * min(len(names), _NAMES))


def decades(low: float, high: float, none: float | None = None) -> dict[str, list[float] | list[str]]:
    """Ticks of a logarithmic axis between two exponents, one style for all: powers of ten, at most six.

    none : the value in whose place a count of nothing is drawn.

    >>> decades(-1.2, 2.5)["ticktext"]
    ['10⁻¹', '1', '10', '10²']
    >>> decades(0, 3, none=0.4)["ticktext"]
    ['none', '1', '10', '10²', '10³']
    """
    exponents = range(math.ceil(low), math.floor(high) + 1)
    exponents = exponents[:: max(1, math.ceil(len(exponents) / 6))]
    superscript = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    ticks = {10.0**k: {0: "1", 1: "10"}.get(k, f"10{str(k).translate(superscript)}") for k in exponents}
    if none is not None:
        ticks = {none: "none"} | ticks
    return {"tickvals": [*ticks], "ticktext": [*ticks.values()]}


def magma() -> np.ndarray:
    """Plotly's Magma scale as uint8 (256, 3): dark is small, and it reads in grey too."""
    import plotly.colors as colors

    scale = [c if c.startswith("rgb") else f"rgb{colors.hex_to_rgb(c)}" for c in colors.sequential.Magma]
    stops = np.array([colors.unlabel_rgb(c) for c in scale])
    at = np.linspace(0, len(stops) - 1, 256)
    return np.stack([np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1).round().astype(np.uint8)


def _pale(color: str) -> str:
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},0.3)"


def _plain(values: np.ndarray) -> list[float | str | None]:
    """Values for JSON: what has no place on an axis is None, a gap."""
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in np.asarray(values).tolist()]


def labels_at(values: Sequence[object]) -> np.ndarray:
    """Places along an axis of labels: 0, 1, 2, ..."""
    return np.arange(len(values), dtype=float)
