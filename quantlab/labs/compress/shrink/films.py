"""Films of the first room: the file part by part, right answers against bytes, one layer's codebook, how much each layer minds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from quantlab.film import STILL, Strip, figures, numbers_film, words_film
from quantlab.film.figures import AWAY, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.compress.measure import PARTS, Level
from quantlab.labs.compress.shrink.frames import Frames
from quantlab.labs.compress.shrink.words import notice, tiles

VIEWS = {
    "parts": "the file after each part of the work",
    "tradeoff": "right answers against the bytes of the file",
    "numbers": "bytes, right answers, bits a weight",
    "words": "what to notice, in words",
    "codebook": "weights of one layer, before and after",
    "minds": "how much each layer minds being pruned",
}
TITLES = {"float32": "float32", "pruned": "pruned", "shared": "shared", "coded": "coded"}
COLORS = {"float32": ORIGINAL, "pruned": "#E69F00", "shared": "#CC79A7", "coded": QUANTIZED}
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7a8ba0", "#000000", "#999933", "#882255")
DASHES = ("solid", "dash", "dot", "dashdot")


def films(f: Frames) -> dict[str, bytes]:
    """All films of what is known so far."""
    strip = Strip(f.labels)
    views = {
        "parts": parts_film(strip, f),
        "tradeoff": tradeoff_film(strip, f),
        "numbers": numbers_film(strip, tiles(f), layout="pairs"),
        "words": words_film(strip, [notice(f, stop) for stop in f.request.stops]),
        "codebook": codebook_film(strip, f),
    }
    return views | ({"minds": minds_film(f)} if f.minds is not None else {})


def parts_film(strip: Strip, f: Frames) -> bytes:
    """kB after each part, one bar a part; a part that is left out has none."""
    levels = f.levels
    names = [name for name in PARTS if any(part.name == name for level in levels if level for part in level.parts)]
    most = f.whole.bytes / 1e3
    chart = Chart(strip, 300, "Bytes of the file after each part of the work, in kB", "", "kB on disk")
    ticks = {"tickvals": list(range(len(names))), "ticktext": [TITLES[name] for name in names]}
    chart.axes((-0.6, len(names) - 0.4), (0, 1.12 * most), xaxis=ticks)
    for at, name in enumerate(names):
        heights = [AWAY if level is None else _kilo(level, name) for level in levels]
        bars = [figures.stems(np.array([float(at)]), 0.0, np.array([height])) for height in heights]
        chart.line(TITLES[name], bars[0][0], [y for _, y in bars], COLORS[name], width=46, legend=False, hover=False)
        chart.points(TITLES[name], np.array([float(at)]), [np.array([h]) for h in heights], COLORS[name], size=1, rim=0, legend=False)
        chart.traces[-1]["hovertemplate"] = f"{TITLES[name]}: %{{y:.1f}} kB<extra></extra>"
    return chart.film()


def _kilo(level: Level, name: str) -> float:
    """kB of the file after this part; of a part that is left out those of the one before it."""
    known = {part.name: part.bytes for part in level.parts}
    before = [known[other] for other in PARTS[: PARTS.index(name) + 1] if other in known]
    return before[-1] / 1e3


def tradeoff_film(strip: Strip, f: Frames) -> bytes:
    """Top-1 against kB over all stops, without fine-tuning and with it; the level under the thumb is marked with its interval."""
    quick = [f.quick[stop] for stop in f.request.stops if stop in f.quick]
    sizes = np.array([level.last.bytes / 1e3 for level in quick])
    whole = f.whole
    ends = float(np.log10(sizes.min() * 0.8)), float(np.log10(whole.bytes / 1e3 * 1.25))
    alt = "Right answers against the bytes of the file, at every level of the slider; the dashed line is the float network"
    chart = Chart(strip, 300, alt, "kB on disk", "Top-1, %").axes(ends, (0, 103), xaxis_type="log", xaxis=kilobyte_ticks(*ends))
    top = 100 * whole.answers.top(1).value
    chart.line("float32", np.array([10 ** ends[0], whole.bytes / 1e3]), np.full(2, top), THEORY, dash="dash", width=1.4)
    chart.points("float32", np.array([whole.bytes / 1e3]), np.array([top]), ORIGINAL, symbol="diamond", size=10, legend=False)
    name = "batch norms follow" if f.request.untuned.base.norms else "nothing follows"
    chart.line(name, sizes, np.array([_top(level) for level in quick]), OTHER, dash="dot" if f.tuned else "solid", width=2)
    if f.tuned:
        known = [f.tuned[stop] for stop in f.request.stops if stop in f.tuned]
        chart.line(
            "fine-tuned", np.array([level.last.bytes / 1e3 for level in known]), np.array([_top(level) for level in known]), QUANTIZED
        )
        chart.points(
            "fine-tuned",
            np.array([level.last.bytes / 1e3 for level in known]),
            np.array([_top(level) for level in known]),
            QUANTIZED,
            size=6,
            legend=False,
        )
    whiskers = [_whisker(level) for level in f.levels]
    chart.line("interval", [x for x, _ in whiskers], [y for _, y in whiskers], QUANTIZED, width=3, legend=False, hover=False)
    at = [x[:1] for x, _ in whiskers]
    chart.points("now", at, [np.array([AWAY if level is None else _top(level)]) for level in f.levels], QUANTIZED, size=12, legend=False)
    return chart.film()


def _whisker(level: Level | None) -> tuple[np.ndarray, np.ndarray]:
    """kB twice, and the ends of the interval of right answers; away where the level is not known yet."""
    if level is None:
        return np.full(2, 1e-9), np.full(2, AWAY)  # kB are on a logarithmic axis
    span = level.last.answers.top(1)
    return np.full(2, level.last.bytes / 1e3), 100 * np.array([span.low, span.high])


def _top(level: Level) -> float:
    return 100 * level.last.answers.top(1).value


def kilobyte_ticks(low: float, high: float) -> Mapping[str, list[float] | list[str]]:
    """Ticks at 1, 2 and 5 times powers of ten between two exponents."""
    at = [step * 10.0**k for k in range(-1, 5) for step in (1, 2, 5) if 10**low <= step * 10.0**k <= 10**high]
    return {"tickvals": at, "ticktext": [f"{value:g}" for value in at]}


def codebook_film(strip: Strip, f: Frames) -> bytes:
    """The histogram of one layer's weights, and above it the values that are left, as high as they are frequent."""
    span = float(np.abs(f.original).max()) * 1.05
    counts, edges = np.histogram(f.original, 120, (-span, span))
    alt = f"Weights of {f.layer}: the histogram before, and the values that are left with their share of all weights"
    chart = Chart(strip, 260, alt, f"weights of {f.layer}", "share of weights, %").axes((-span, span), (0, 22))
    x, y = figures.steps(edges, 100 * counts / counts.sum())
    chart.line("before", x, y, ORIGINAL, fill=True, width=1.2, hover=False)
    strokes = [_strokes(level, f.layer, edges) for level in f.levels]
    chart.line("after", [x for x, _ in strokes], [y for _, y in strokes], QUANTIZED, width=2.4, hover=False)
    return chart.film()


def _strokes(level: Level | None, layer: str, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A stroke for each value of the codebook, or for each bin where weights are float32."""
    if level is None:
        return np.array([AWAY]), np.array([AWAY])
    (tensor,) = (t for t in level.small.tensors if t.name == f"{layer}.weight")
    values = tensor.array().ravel()
    if tensor.codebook is None:
        counts = np.histogram(values[values != 0], edges)[0]
        return figures.stems((edges[1:] + edges[:-1]) / 2, 0.0, 100 * counts / values.size)
    assert tensor.codes is not None
    if not tensor.codes.size:
        return np.array([AWAY]), np.array([AWAY])
    counts = np.bincount(tensor.codes, minlength=len(tensor.codebook))
    return figures.stems(tensor.codebook.astype(np.float64), 0.0, 100 * counts / values.size)


def minds_film(f: Frames) -> bytes:
    """Divergence of the answers against the share pruned, a line a layer, each pruned alone."""
    assert f.minds is not None
    layers, shares, bits = f.minds
    span = float(np.log10(max(bits.min(), 1e-4))) - 0.2, float(np.log10(max(bits.max(), 1e-3))) + 0.2
    alt = "How far the answers move when one layer alone is pruned, for each layer, against the share pruned"
    chart = Chart(STILL, 260, alt, "pruned of this layer alone, %", "divergence, bits")
    chart.axes((shares[0] - 3, shares[-1] + 3), span, yaxis_type="log", yaxis=figures.decades(*span), xaxis={"tickvals": list(shares)})
    for i, layer in enumerate(layers):
        line = np.maximum(bits[i], 1e-4)
        chart.line(layer, np.array(shares, float), line, LINES[i % len(LINES)], dash=DASHES[i % len(DASHES)], width=2)
    return chart.film()
