"""The image lab's films: arrays of all levels become charts whose axes stand still, and pictures that come by URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab.film import Strip, figures, numbers_film, pack
from quantlab.film.figures import ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.images import DITHERS
from quantlab.images.spectra import frequencies
from quantlab.labs.image.seen import Compared, DitherCurve, Seen
from quantlab.labs.image.words import level_title, tiles, uniform_law

_DASHES = ("dash", "dot", "dashdot", "longdash")
VIEWS = {"original": "Original", "plain": "No dither", "error": "Error", "ssim": "SSIM map"}


@dataclass(frozen=True)
class Films:
    """The bytes of the films that stand at once."""

    wipe: bytes
    histogram: bytes
    spectrum: bytes
    swatches: bytes


def views_of(dithered: bool) -> list[str]:
    """What the canvas can show: without a dither there is none to leave out."""
    return [slug for slug in VIEWS if dithered or slug != "plain"]


def films(seen: Seen, plain: Seen | None, url: str, plain_url: str) -> Films:
    """All films of a state but the slow ones; ``plain`` is the same recipe without its dither.

    url, plain_url : where the pictures lie: ``url`` + "/original", and "/3" for level number 3. The wipe's header wants
        two entries more: ``view``, one of its views, and ``ssim``, the URLs of the SSIM maps, none as long as they are not known.
    """
    strip = Strip(seen.labels)
    return Films(_wipe(strip, seen, plain, url, plain_url), _histogram(strip, seen), _spectrum(strip, seen, plain), _swatches(strip, seen))


def tiles_film(seen: Seen, compared: Compared | None) -> bytes:
    return numbers_film(Strip(seen.labels), tiles(seen, compared), layout="tight")


def _wipe(strip: Strip, seen: Seen, plain: Seen | None, url: str, plain_url: str) -> bytes:
    payload, sides = b"", {}
    for slug, one, base in (("quantized", seen, url), ("plain", plain, plain_url)):
        if one is not None:
            sides[slug] = _side(one, base, len(payload))
            payload += b"" if one.tables is None else one.tables.tobytes()
    height, width = seen.size
    header: dict[str, Any] = {
        "group": strip.group,
        "labels": list(strip.labels),
        "words": [level_title(seen, i) for i in range(len(seen.labels))],
        "width": width,
        "height": height,
        "original": f"{url}/original",
        "sides": sides,
        "views": [[slug, VIEWS[slug]] for slug in views_of(plain is not None)],
        "quantized": DITHERS[seen.recipe.dither].title if plain is not None else "Quantized",
        "alt": "The picture before and after quantization, split by a divider that moves",
    }
    return pack(header, payload)


def _side(seen: Seen, base: str, offset: int) -> dict[str, Any]:
    """Pictures by URL, or where in the payload the tables (levels, 256, C) lie that make them of the original."""
    if seen.tables is None:
        return {"urls": [f"{base}/{i}" for i in range(len(seen.labels))]}
    return {"offset": offset, "channels": seen.tables.shape[2]}


def _histogram(strip: Strip, seen: Seen) -> bytes:
    channels = 1 if seen.recipe.what.startswith("grey") else 3
    edges = np.arange(257) - 0.5
    before = np.maximum(seen.original_counts[:channels].sum(axis=0), 1e-6)
    after = [np.maximum(frame.histogram[:channels].sum(axis=0), 1e-6) for frame in seen.frames]
    top = float(np.log10(max(before.max(), *(a.max() for a in after)))) + 0.15
    name = "grey values" if channels == 1 else "values of all three channels"
    chart = Chart(strip, 300, f"Histogram of the {name} before and after", "value of a byte", "how many")
    chart.axes((-1, 256), (-0.3, top), yaxis_type="log", yaxis_dtick=1, xaxis_dtick=32)
    chart.line("original", *figures.steps(edges, before), ORIGINAL, fill=True, width=1.4)
    paths = [figures.steps(edges, a) for a in after]
    chart.line("quantized", paths[0][0], [y for _, y in paths], QUANTIZED, width=1.7)
    return chart.film()


def _spectrum(strip: Strip, seen: Seen, plain: Seen | None) -> bytes:
    f = frequencies()
    shown = [seen.spectra] + ([plain.spectra] if plain is not None else [])
    low, high = min(float(np.nanmin(s)) for s in shown), max(float(np.nanmax(s)) for s in shown)
    chart = Chart(strip, 300, "Spectrum of the error over spatial frequency", "cycles a pixel: coarse to fine", "error power in dB")
    chart.axes((0, 0.5), (max(low, -20) - 2, high + 4))
    white = [np.full(2, 10 * np.log10(np.nanmean(10 ** (s / 10)))) for s in seen.spectra]
    chart.line("as much, but white", np.array([0.0, 0.5]), white, THEORY, dash="dash", width=1.3)
    if plain is not None:
        chart.line("no dither", f, list(plain.spectra), OTHER, dash="dot", width=1.8)
    chart.line(DITHERS[seen.recipe.dither].title if plain is not None else "error", f, list(seen.spectra), ERROR, width=2.4)
    return chart.film()


def _swatches(strip: Strip, seen: Seen) -> bytes:
    payload, places = b"", []
    for colours in seen.swatches:
        places.append([len(payload), 0 if colours is None else len(colours)])
        payload += b"" if colours is None else colours.tobytes()
    texts = [f"{frame.colours:,} colours".replace(",", " ") for frame in seen.frames]
    header = {
        "group": strip.group,
        "labels": list(strip.labels),
        "places": places,
        "texts": texts,
        "alt": "The colours that occur in the picture",
    }
    return pack(header, payload)


def curves_film(seen: Seen, plain: Seen | None, compared: Compared | None) -> bytes:
    """PSNR, PSNR from afar and SSIM at every level, one above the other, for the dithers that are known."""
    curves = compared.curves if compared is not None else tuple(_quick(s) for s in (plain, seen) if s is not None)
    at = figures.labels_at(seen.labels)
    panes = (("PSNR, dB", [0.72, 1.0]), ("from afar", [0.38, 0.66]), ("SSIM", [0.0, 0.3]))
    values = [[_finite(v) for v in (c.psnr_db, c.afar_db, c.ssim)] for c in curves]
    chart = Chart(Strip(seen.labels), 284, "PSNR, PSNR seen from afar and SSIM at every level, with and without dither", _title(seen), "")
    chart.axes((float(at[0] - 0.2), float(at[-1] + 0.2)))
    law = uniform_law(seen.recipe)
    for i, (title, domain) in enumerate(panes):
        axis = f"yaxis{i + 1 if i else ''}"
        every = [v[i] for v in values] + ([law] if law is not None and i == 0 else [])
        span = (0.0, 1.03) if i == 2 else _span(every)
        look: dict[str, Any] = {"domain": domain, "range": span, "title": {"text": title, "standoff": 4}}
        chart.axes(None, None, **{axis: look | {"gridcolor": figures.PALE, "nticks": 4, "zeroline": False}})
    shown = slice(None, None, max(1, len(at) // 9))
    chart.axes(
        xaxis={"anchor": "y3", "tickvals": at[shown].tolist(), "ticktext": list(seen.labels[shown]), "tickangle": 0},
        margin={"l": 52, "r": 8, "t": 24, "b": 36},
    )
    if law is not None:
        chart.line("Δ²/12", at, law, THEORY, dash="dash", width=1.2)
    for k, (curve, of_curve) in enumerate(zip(curves, values, strict=True)):
        own = curve.dither == seen.recipe.dither
        style: dict[str, Any] = {"width": 2.4} if own else {"width": 1.7, "dash": _DASHES[k % len(_DASHES)]}
        for i, heights in enumerate(of_curve):
            chart.line(
                curve.title if len(curves) > 1 else "quantized",
                at,
                heights,
                QUANTIZED if own else OTHER,
                axis=str(i + 1 if i else ""),
                legend=i == 0,
                **style,
            )
            if own:
                now = [heights[j : j + 1] for j in range(len(at))]
                places = [at[j : j + 1] for j in range(len(at))]
                chart.points("now", places, now, QUANTIZED, size=11, legend=False, axis=str(i + 1 if i else ""))
    return chart.film()


def _quick(seen: Seen) -> DitherCurve:
    return DitherCurve(
        seen.recipe.dither,
        np.array([frame.psnr_db for frame in seen.frames]),
        np.array(seen.afar_db),
        np.full(len(seen.labels), np.nan),
    )


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _span(every: Sequence[np.ndarray]) -> tuple[float, float]:
    both = np.concatenate(every)
    low, high = (float(np.nanmin(both)), float(np.nanmax(both))) if np.isfinite(both).any() else (0.0, 1.0)
    room = 0.08 * (high - low) + 0.5
    return low - room, high + room


def _title(seen: Seen) -> str:
    return {"palette": "colours", "dct": "JPEG quality"}.get(seen.recipe.what, "bits a channel")
