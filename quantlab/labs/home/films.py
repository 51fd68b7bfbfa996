"""Quantization in one picture: a full-scale sine at 2 to 8 bits, what is measured beside what theory says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from quantlab import theory
from quantlab.film import Strip, numbers_film, words_film
from quantlab.film.figures import ERROR, ORIGINAL, QUANTIZED, Chart
from quantlab.labs.text import decibels, fixed
from quantlab.quantizer import dequantize, fake_quantize, quantize
from quantlab.sweep import Point
from quantlab.types import QuantSpec

BITS = tuple(range(2, 9))
SPEC = QuantSpec("int-symmetric")
VIEWS = {
    "wave": "two periods of a sine before and after, with the error below",
    "numbers": "levels, step, and SQNR measured beside the rule of thumb",
    "words": "what to notice, in words",
}


def films(measured: Sequence[Point], views: Sequence[str]) -> dict[str, bytes]:
    """The films of these views. measured : a long sine at every one of ``BITS``."""
    strip = Strip(tuple(map(str, BITS)))
    makers: dict[str, Callable[[], bytes]] = {"wave": lambda: _wave(strip), "numbers": lambda: _numbers(strip, measured)}
    makers["words"] = lambda: words_film(strip, [notice(label) for label in strip.labels])
    return {view: makers[view]() for view in views}


def notice(label: str) -> str:
    """What happens at this level."""
    return (
        f"At **{label} bits** every value moves to the nearest of {2 ** int(label) - 1} levels. What is lost is the error: "
        "each bit more halves it, which is 6.02 dB. With few bits the rule is off, and the measurement says by how much."
    )


def _wave(strip: Strip) -> bytes:
    """Two periods to look at."""
    time = np.linspace(0, 2, 961)
    wave = np.sin(2 * np.pi * time)
    heard = [fake_quantize(wave, SPEC.replace(bits=b)) for b in BITS]
    chart = Chart(strip, 300, "Two periods of a sine, quantized, with the error below", "time in periods", "amplitude")
    chart.axes(
        (0, 2),
        (-1.08, 1.08),
        yaxis_domain=[0.36, 1.0],
        xaxis_anchor="y2",
        yaxis2={
            "domain": [0.0, 0.26],
            "title": {"text": "error", "standoff": 4},
            "range": [-0.52, 0.52],
            "gridcolor": "rgba(128,128,128,0.22)",
            "zeroline": False,
        },
    )
    chart.line("original", time, wave, ORIGINAL, width=2)
    chart.line("quantized", time, [h.astype(np.float64) for h in heard], QUANTIZED, width=2.4)
    chart.line("error", time, [h - wave for h in heard], ERROR, width=1.6, axis="2")
    return chart.film()


def _numbers(strip: Strip, measured: Sequence[Point]) -> bytes:
    spoken = [quantize(np.array([1.0, 0.3]), SPEC.replace(bits=b)) for b in BITS]
    entries = [
        ("Levels", "How many different values the codes can stand for", [str(len(p.levels)) for p in measured]),
        ("Step", "The distance between two levels", [fixed(float(p.levels[-1] - p.levels[-2]), 4) for p in measured]),
        ("0.3 becomes", "The level nearest to it", [fixed(float(dequantize(q)[1]), 4) for q in spoken]),
        ("SQNR measured", "On 65 536 values of this sine", [decibels(p.metrics["sqnr_db"]) for p in measured]),
        ("6.02 b + 1.76", "What the rule of thumb promises a full-scale sine", [decibels(theory.sine_sqnr_db(b)) for b in BITS]),
    ]
    return numbers_film(strip, entries)
