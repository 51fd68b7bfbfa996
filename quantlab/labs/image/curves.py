"""The film of the curves: PSNR, PSNR at a viewing distance and SSIM at every level, one above the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.film import Strip, figures
from quantlab.film.figures import OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.image.comparison import Comparison, curve_without_ssim
from quantlab.labs.image.levels import ImageLevels
from quantlab.labs.image.words import uniform_law

_DASHES = ("dash", "dot", "dashdot", "longdash")


def curves_film(levels: ImageLevels, plain: ImageLevels | None, comparison: Comparison | None) -> bytes:
    """All dithers that are known, the recipe's own on top. plain : the same recipe without its dither."""
    known = tuple(curve_without_ssim(one) for one in (plain, levels) if one is not None)
    curves = known if comparison is None else comparison.curves
    at = figures.labels_at(levels.labels)
    panes = (("PSNR, dB", [0.72, 1.0]), ("from afar", [0.38, 0.66]), ("SSIM", [0.0, 0.3]))
    values = [[_finite(v) for v in (c.psnr_db, c.distance_psnr_db, c.ssim)] for c in curves]
    chart = Chart(
        Strip(levels.labels), 284, "PSNR, PSNR seen from afar and SSIM at every level, with and without dither", _title(levels), ""
    )
    chart.axes((float(at[0] - 0.2), float(at[-1] + 0.2)))
    law = uniform_law(levels.recipe)
    for i, (title, domain) in enumerate(panes):
        axis = f"yaxis{i + 1 if i else ''}"
        every = [v[i] for v in values] + ([law] if law is not None and i == 0 else [])
        span = (0.0, 1.03) if i == 2 else _span(every)
        look = {"domain": domain, "range": span, "title": {"text": title, "standoff": 4}}
        chart.axes(None, None, **{axis: look | {"gridcolor": figures.PALE, "nticks": 4, "zeroline": False}})
    shown = slice(None, None, max(1, len(at) // 9))
    chart.axes(
        xaxis={"anchor": "y3", "tickvals": at[shown].tolist(), "ticktext": list(levels.labels[shown])},
        margin={"l": 52, "r": 8, "t": 24, "b": 36},
    )
    if law is not None:
        chart.line("Δ²/12", at, law, THEORY, dash="dash", width=1.2)
    for k, (curve, of_curve) in enumerate(zip(curves, values, strict=True)):
        this = curve.dither == levels.recipe.dither
        width, dash = (2.4, "solid") if this else (1.7, _DASHES[k % len(_DASHES)])
        for i, heights in enumerate(of_curve):
            chart.line(
                curve.title if len(curves) > 1 else "quantized",
                at,
                heights,
                QUANTIZED if this else OTHER,
                axis=str(i + 1 if i else ""),
                legend=i == 0,
                width=width,
                dash=dash,
            )
            if this:
                now = [heights[j : j + 1] for j in range(len(at))]
                places = [at[j : j + 1] for j in range(len(at))]
                chart.points("now", places, now, QUANTIZED, size=11, legend=False, axis=str(i + 1 if i else ""))
    return chart.film()


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _span(every: Sequence[np.ndarray]) -> tuple[float, float]:
    both = np.concatenate(every)
    low, high = (float(np.nanmin(both)), float(np.nanmax(both))) if np.isfinite(both).any() else (0.0, 1.0)
    room = 0.08 * (high - low) + 0.5
    return low - room, high + room


def _title(levels: ImageLevels) -> str:
    return {"palette": "colours", "dct": "JPEG quality"}.get(levels.recipe.what, "bits a channel")
