"""The tensor lab's films: arrays of all levels become charts whose axes stand still while the slider moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from quantlab.comparison import Curve
from quantlab.film import Strip, figures, image_film, numbers_film, words_film
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.tensor.frames import Frame, Frames
from quantlab.labs.tensor.labels import Box, Room, placed, sampled
from quantlab.labs.tensor.laws import about_zero, laws
from quantlab.labs.tensor.words import following, notice, tiles
from quantlab.labs.text import plain
from quantlab.schemes import SCHEMES
from quantlab.sweep import Point

_NONE = 1e-6  # where a logarithmic axis of counts draws a count of zero: far below its lower end


VIEWS = {
    "histogram": "the values before and after, with levels and borders",
    "curve": "SQNR at every level, beside other schemes and theory",
    "numbers": "SQNR, error, bits per value, entropy",
    "words": "what to notice, in words",
    "transfer": "what happens to each value",
    "error": "where the error comes from: rounding and clipping apart",
    "error-map": "where in a two-dimensional tensor the error lies",
    "following": "one value's way through the quantizer",
    "zero": "where zero lies in the followed value's group: symmetric, asymmetric, and a zero point that is not whole",
    "zero-lines": "the same in numbers",
    "channels": "every channel's magnitudes, and what one scale can tell apart",
    "channels-numbers": "one scale against a scale per channel",
    "table": "all schemes at every width: bits per value, SQNR, errors, use (rows, no film)",
}


def films(
    frames: Frames,
    shape: tuple[int, ...],
    views: Sequence[str],
    curves: tuple[Curve, ...] = (),
    sine: bool = False,
    axis: str = "value",
    more: tuple[Sequence[tuple[str, str, list[str]]], Sequence[str]] = ((), ()),
) -> dict[str, bytes]:
    """The films of these views that are made of frames; the map of the error only of a two-dimensional tensor.

    more : tiles beside the usual ones, and what the words of every level end with.
    """
    ends = more[1] or [""] * len(frames.labels)
    strip = Strip(frames.labels)
    makers: dict[str, Callable[[], bytes | None]] = {
        "histogram": lambda: _histogram(strip, frames),
        "curve": lambda: curve_film(frames, curves, sine, axis),
        "numbers": lambda: numbers_film(strip, [*tiles(frames), *more[0]]),
        "words": lambda: words_film(strip, [f"{notice(frames, i)} {end}".strip() for i, end in enumerate(ends)]),
        "transfer": lambda: _transfer(strip, frames),
        "error": lambda: _error(strip, frames),
        "error-map": lambda: _error_map(strip, frames),
        "following": lambda: numbers_film(strip, following(frames, shape), layout="lines"),
    }
    packed = {view: makers[view]() for view in views if view in makers}
    return {view: film for view, film in packed.items() if film is not None}


def _histogram(strip: Strip, f: Frames) -> bytes:
    most = max(max(frame.after.max() for frame in f.frames), max(b.max() for b in f.before))
    top = np.log10(most) + 0.25
    before = [figures.steps(f.edges, np.maximum(b, _NONE)) for b in f.before]
    after = [figures.steps(f.edges, np.maximum(frame.after, _NONE)) for frame in f.frames]
    levels = [figures.stems(frame.levels[_used(frame)], 10**-0.62, 10**-0.12) for frame in f.frames]
    idle = [figures.stems(frame.levels[~_used(frame)], 10**-0.62, 10**-0.37) for frame in f.frames]
    borders = [
        figures.stems(frame.borders[:64] if len(frame.borders) <= 64 else frame.borders[:0], 10**-0.05, 10**top) for frame in f.frames
    ]
    still = all(b is f.before[0] for b in f.before)
    chart = Chart(strip, 300, "Histogram of the values before and after quantization, with levels and borders", "value", "how many")
    chart.axes((float(f.edges[0]), float(f.edges[-1])), (-0.7, float(top)), yaxis_type="log", yaxis=figures.decades(0, top))
    chart.line("borders", [x for x, _ in borders], [y for _, y in borders], THEORY, width=0.8, opacity=0.45, hover=False)
    chart.line("original", before[0][0], before[0][1] if still else [y for _, y in before], ORIGINAL, fill=True, width=1.5)
    chart.line("quantized", after[0][0], [y for _, y in after], QUANTIZED, width=1.8)
    chart.line("levels", [x for x, _ in levels], [y for _, y in levels], QUANTIZED, width=1.4, hover=False, legend=False)
    chart.line("unused levels", [x for x, _ in idle], [y for _, y in idle], THEORY, width=1.4, hover=False)
    return chart.film()


def _used(frame: Frame) -> np.ndarray:
    """Which of the levels drawn are the level of a value, of any group, bool (L,)."""
    return frame.point.counts[: len(frame.levels)] > 0


def curve_film(f: Frames, curves: tuple[Curve, ...], sine: bool, axis: str = "value") -> bytes:
    """SQNR at every level, beside theory and (with a slider of bits) the curves of the other schemes.

    axis : what the bits are counted for, a ``value``, with its share of all that is stored, or a ``code``.
    """
    sqnr = np.array([frame.point.metrics["sqnr_db"] for frame in f.frames])
    sqnr = np.where(np.isfinite(sqnr), sqnr, np.nan)
    own = SCHEMES[f.frames[0].point.spec.scheme]
    alt = "Signal to quantization noise ratio at every level, beside other schemes and theory"
    title = {"bits": f"bits per {axis}", "format": "format", "clip": "clip range", "group_size": "group size"}.get(f.knob, f.knob)
    chart = Chart(Strip(f.labels), 300, alt, title, "SQNR in dB")
    if f.knob != "bits":
        at = figures.labels_at(f.labels)
        shown = slice(None, None, max(1, len(at) // 9, -(-len(at) * (6 + 7 * max(map(len, f.labels))) // _WIDTH)))  # none over another
        chart.axes(xaxis={"tickvals": at[shown].tolist(), "ticktext": list(f.labels[shown])})
        _frame_of(chart, at, [sqnr], [own.title])
    else:
        at = np.array([_cost(frame.point, axis) for frame in f.frames])
        theory = laws(np.arange(np.floor(at[0]), min(np.ceil(at[-1]), _MOST_BITS) + 1), sine, about_zero(f.mean, f.std))
        room, taken = _frame_of(chart, at, [sqnr, *(law for _, _, law in theory)], [own.title, *(name for name, _, _ in theory)])
        chart.axes(xaxis_dtick=2)
        for (name, bits, law), dash in zip(theory, ("dash", "dot"), strict=False):
            chart.line(name, bits, law, THEORY, dash=dash, width=1.5, legend=False)
        _beside(
            chart, room, taken, [c for c in curves if c.scheme != own.slug], axis, [(at, sqnr), *((bits, law) for _, bits, law in theory)]
        )
    chart.line(own.title, at, sqnr, QUANTIZED, width=2.5, legend=False)
    places = [at[i : i + 1] for i in range(len(at))]
    heights = [np.nan_to_num(sqnr[i : i + 1]) for i in range(len(at))]
    return chart.points("now", places, heights, QUANTIZED, size=13, legend=False).film()


_WIDTH = 290  # pixels of the curve's axis on a projector
_MOST_BITS = 16  # to which the laws are drawn
_LINES = (f'<span style="color:{QUANTIZED}">━━</span>', "- - -", "·····")


def _cost(point: Point, axis: str) -> float:
    return point.metrics["bits_per_value"] if axis == "value" else float(point.spec.bits)


def _frame_of(chart: Chart, at: np.ndarray, heights: Sequence[np.ndarray], names: Sequence[str]) -> tuple[Room, list[Box]]:
    """Axes that hold all heights, and above them a row for each name of what is drawn thick or of theory; the names' boxes."""
    every = np.concatenate(heights)
    low, high = float(np.nanmin(every, initial=0.0)), float(np.nanmax(every, initial=10.0))
    rows, plot = 16.0 * len(names) + 4, chart.height - 64.0
    top = low - 2 + (high - low + 4) * plot / (plot - rows)
    room = Room((float(at[0] - 0.3), float(at[-1] + 0.3)), (low - 2, top), height=plot)
    chart.axes(room.x, room.y)
    boxes = []
    for i, (mark, name) in enumerate(zip(_LINES, names, strict=False)):
        up = plot - 10 - 16.0 * i
        chart.note(f"{mark} {name}", *room.back(6, up), THEORY, size=12)
        boxes.append((6.0, up - 8, 6 + 6.5 * (len(name) + 6), up + 8))
    return room, boxes


def _beside(
    chart: Chart, room: Room, taken: list[Box], curves: Sequence[Curve], axis: str, drawn: Sequence[tuple[np.ndarray, np.ndarray]]
) -> None:
    """The other schemes: thin lines, and dots for formats of one width; a name where it has room, else at the pointer."""
    names, paths = [], [sampled(room, x, y) for x, y in drawn]
    for curve in sorted(curves, key=lambda curve: -len(curve.points)):
        x, y = np.array([_cost(point, axis) for point in curve.points]), curve.column("sqnr_db")
        y = np.where(np.isfinite(y), y, np.nan)
        if len(x) > 1:
            chart.line(curve.title, x, y, OTHER, width=1.2, legend=False)
        elif room.x[0] <= x[0] <= room.x[1]:
            chart.points(curve.title, x, y, OTHER, size=6, legend=False)
        paths.append(sampled(room, x, y))
        inside = np.flatnonzero((x <= room.x[1]) & (x >= room.x[0]) & (y <= room.y[1]) & (y >= room.y[0]))
        if len(inside):
            names.append((curve.title, float(x[inside[-1]]), float(y[inside[-1]])))
    for label in placed(room, names, paths, taken):
        chart.note(label.text, label.x, label.y, OTHER, label.anchor)
        if label.leader is not None:
            chart.line("", *label.leader, OTHER, width=0.7, legend=False, hover=False)


def _transfer(strip: Strip, f: Frames) -> bytes:
    span = (float(f.edges[0]), float(f.edges[-1]))
    chart = Chart(strip, 360, "Transfer curve from value to reconstruction, and below it the error", "value", "reconstruction")
    chart.axes(
        span,
        span,
        yaxis_domain=[0.42, 1.0],
        xaxis_anchor="y2",
        yaxis2={
            "domain": [0.0, 0.32],
            "title": {"text": "error", "standoff": 4},
            "gridcolor": figures.PALE,
            "zeroline": True,
            "zerolinecolor": figures.PALE,
        },
    )
    x = [frame.stairs[0] for frame in f.frames]
    errors = [frame.stairs[1] - frame.stairs[0] for frame in f.frames]
    worst = max(min(float(np.abs(e).max()) for e in errors[-1:] + errors[:1]), (span[1] - span[0]) / 8)
    chart.axes(yaxis2_range=[-worst, worst])
    chart.line("no quantization", np.array(span), np.array(span), THEORY, dash="dash", width=1.2)
    chart.line("reconstruction", x, [frame.stairs[1] for frame in f.frames], QUANTIZED)
    chart.line("error", x, errors, ERROR, axis="2")
    value = np.array([f.frames[0].followed.value])
    chart.points(
        "followed value", [value] * len(f.frames), [np.array([frame.followed.x_hat]) for frame in f.frames], ORIGINAL, symbol="diamond"
    )
    return chart.film()


def _error(strip: Strip, f: Frames) -> bytes:
    edges, n = f.error_edges, max(int(b.sum()) for b in f.before)
    filled = np.flatnonzero(sum(frame.rounding + frame.clipping for frame in f.frames))
    low, high = (edges[max(filled[0] - 2, 0)], edges[min(filled[-1] + 3, len(edges) - 1)]) if len(filled) else (edges[0], edges[-1])
    top = float(np.log10(n))
    chart = Chart(strip, 360, "Histogram of the error's magnitude, rounding and clipping apart", "size of the error", "how many")
    chart.axes(
        (float(np.log10(low)), float(np.log10(high))),
        (-0.3, top),
        xaxis_type="log",
        yaxis_type="log",
        xaxis=figures.decades(np.log10(low), np.log10(high)),
        yaxis=figures.decades(0, top),
    )
    for name, color, counts in (
        ("rounding", ERROR, [frame.rounding for frame in f.frames]),
        ("clipping", CLIPPED, [frame.clipping for frame in f.frames]),
    ):
        paths = [figures.steps(edges, np.maximum(c, _NONE)) for c in counts]
        chart.line(name, paths[0][0], [y for _, y in paths], color, fill=True, width=1.6)
    halves = [_half_step(frame.levels) for frame in f.frames]
    marks = [figures.stems(h, 10**-0.3, 10**top) for h in halves]
    chart.line("half a step", [x for x, _ in marks], [y for _, y in marks], THEORY, dash="dash", width=1.5, hover=False)
    return chart.film()


def _half_step(levels: np.ndarray) -> np.ndarray:
    """Half the step of an even grid, one number or none."""
    gaps = np.diff(levels)
    even = len(gaps) > 0 and gaps.min() > 0 and gaps.max() < 1.001 * gaps.min()
    return gaps[:1] / 2 if even else gaps[:0]


def _error_map(strip: Strip, f: Frames) -> bytes | None:
    maps = [frame.error_map for frame in f.frames if frame.error_map is not None]
    if not maps:
        return None
    most = max(float(m.max()) for m in maps) or 1.0
    decades = 3.0
    shades = np.stack([np.clip(1 + np.log10(np.maximum(m / most, 1e-12)) / decades, 0, 1) * 255 for m in maps])
    alt = "Map of the error over rows and columns of the tensor: bright where it is large"
    return image_film(strip, shades.round().astype(np.uint8), figures.magma(), alt, f"error {plain(most / 10**decades, 2)}", plain(most, 2))
