"""Quantization in one picture: a full-scale sine at 1 to 8 bits, what is measured beside what theory says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab import theory
from quantlab.film import Strip, numbers_film
from quantlab.film.figures import ERROR, ORIGINAL, QUANTIZED, Chart
from quantlab.quantizer import dequantize, fake_quantize, quantize
from quantlab.sources import TENSOR_SOURCES
from quantlab.sweep import sweep
from quantlab.types import QuantSpec

BITS = tuple(range(2, 9))
_SPEC = QuantSpec("int-symmetric")


@dataclass(frozen=True)
class HomeFilms:
    """The films of the home page, and its labels."""

    labels: tuple[str, ...]
    wave: bytes
    numbers: bytes


def home_films() -> HomeFilms:
    """Two periods to look at, 65 536 values of a sine to measure."""
    strip = Strip(tuple(map(str, BITS)))
    time = np.linspace(0, 2, 961)
    wave = np.sin(2 * np.pi * time)
    specs = [_SPEC.replace(bits=b) for b in BITS]
    heard = [fake_quantize(wave, spec) for spec in specs]
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
    measured = sweep(TENSOR_SOURCES["sine"].make(65536, seed=0), _SPEC, values=BITS).points
    spoken = [quantize(np.array([1.0, 0.3]), spec) for spec in specs]
    entries = [
        ("Levels", "How many different values the codes can stand for", [str(len(p.levels)) for p in measured]),
        ("Step", "The distance between two levels", [f"{float(p.levels[-1] - p.levels[-2]):.4f}" for p in measured]),
        ("0.3 becomes", "The level nearest to it", [f"{dequantize(q)[1]:.4f}" for q in spoken]),
        ("SQNR measured", "On 65 536 values of this sine", [f"{p.metrics['sqnr_db']:.1f} dB" for p in measured]),
        ("6.02 b + 1.76", "What the rule of thumb promises a full-scale sine", [f"{theory.sine_sqnr_db(b):.1f} dB" for b in BITS]),
    ]
    return HomeFilms(strip.labels, chart.film(), numbers_film(strip, entries))
