"""The image lab's films: arrays of all levels become charts whose axes stand still, and pictures that go by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from quantlab.film import Strip, figures, header_of, numbers_film, pack, words_film
from quantlab.film.figures import ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.images import DITHERS
from quantlab.images.spectra import frequencies
from quantlab.labs.image.comparison import Comparison
from quantlab.labs.image.curves import curves_film
from quantlab.labs.image.levels import ImageLevels
from quantlab.labs.image.wipe import wipe_film, with_maps
from quantlab.labs.image.words import notice, tiles

VIEWS = {
    "wipe": "two versions of the picture, split by a divider",
    "curves": "PSNR, PSNR from afar and SSIM at every level, beside other dithers",
    "numbers": "PSNR, SSIM, colours, entropy, sizes of files",
    "words": "what to notice, in words",
    "row": "one row of pixels before and after",
    "spectrum": "how fine the error is",
    "histogram": "which values occur before and after",
    "swatches": "which colours occur",
}


def films(levels: ImageLevels, plain: ImageLevels | None, views: Sequence[str]) -> dict[str, bytes]:
    """The films of these views as far as they are known at once. plain : the same recipe without its dither."""
    strip = Strip(levels.labels)
    makers: dict[str, Callable[[], bytes]] = {
        "wipe": lambda: wipe_film(levels, plain),
        "curves": lambda: curves_film(levels, plain, None),
        "numbers": lambda: tiles_film(levels, None),
        "words": lambda: words_film(strip, [notice(levels, plain, i) for i in range(len(levels.labels))]),
        "row": lambda: wipe_film(levels, plain, "row"),
        "spectrum": lambda: _spectrum(strip, levels, plain),
        "histogram": lambda: _histogram(strip, levels),
        "swatches": lambda: _swatches(strip, levels),
    }
    return {view: makers[view]() for view in views}


def with_comparison(first: Mapping[str, bytes], levels: ImageLevels, plain: ImageLevels | None, comparison: Comparison) -> dict[str, bytes]:
    """The films once the slower numbers are known too."""
    makers: dict[str, Callable[[], bytes]] = {
        "wipe": lambda: with_maps(first["wipe"], len(comparison.maps.files)),
        "curves": lambda: curves_film(levels, plain, comparison),
        "numbers": lambda: tiles_film(levels, comparison),
    }
    return dict(first) | {view: maker() for view, maker in makers.items() if view in first}


def tiles_film(levels: ImageLevels, comparison: Comparison | None) -> bytes:
    """The numbers; the slower ones are named and wait without a comparison."""
    return numbers_film(Strip(levels.labels), tiles(levels, comparison), layout="tight")


def _histogram(strip: Strip, levels: ImageLevels) -> bytes:
    channels = 1 if levels.recipe.what.startswith("grey") else 3
    edges = np.arange(257) - 0.5
    before = np.maximum(levels.original_counts[:channels].sum(axis=0), 1e-6)
    after = [np.maximum(frame.histogram[:channels].sum(axis=0), 1e-6) for frame in levels.frames]
    top = float(np.log10(max(before.max(), *(a.max() for a in after)))) + 0.15
    name = "grey values" if channels == 1 else "values of all three channels"
    chart = Chart(strip, 300, f"Histogram of the {name} before and after", "value of a byte", "how many")
    chart.axes((-1, 256), (-0.3, top), yaxis_type="log", xaxis_dtick=32)
    chart.line("original", *figures.steps(edges, before), ORIGINAL, fill=True, width=1.4)
    paths = [figures.steps(edges, a) for a in after]
    chart.line("quantized", paths[0][0], [y for _, y in paths], QUANTIZED, width=1.7)
    return chart.film()


def _spectrum(strip: Strip, levels: ImageLevels, plain: ImageLevels | None) -> bytes:
    f = frequencies()
    shown = [levels.spectra] + ([plain.spectra] if plain is not None else [])
    low, high = min(float(np.nanmin(s)) for s in shown), max(float(np.nanmax(s)) for s in shown)
    chart = Chart(strip, 300, "Spectrum of the error over spatial frequency", "cycles a pixel: coarse to fine", "error power in dB")
    chart.axes((0, 0.5), (max(low, -20) - 2, high + 4))
    white = [np.full(2, 10 * np.log10(np.nanmean(10 ** (s / 10)))) for s in levels.spectra]
    chart.line("as much, but white", np.array([0.0, 0.5]), white, THEORY, dash="dash", width=1.3)
    if plain is not None:
        chart.line("no dither", f, list(plain.spectra), OTHER, dash="dot", width=1.8)
    chart.line(DITHERS[levels.recipe.dither].title if plain is not None else "error", f, list(levels.spectra), ERROR, width=2.4)
    return chart.film()


def _swatches(strip: Strip, levels: ImageLevels) -> bytes:
    payload, places = b"", []
    for colours in levels.swatches:
        places.append([len(payload), 0 if colours is None else len(colours)])
        payload += b"" if colours is None else colours.tobytes()
    texts = [f"{frame.colours:,} colours".replace(",", " ") for frame in levels.frames]
    return pack(header_of(strip, "swatches") | {"places": places, "texts": texts, "alt": "The colours that occur in the picture"}, payload)
