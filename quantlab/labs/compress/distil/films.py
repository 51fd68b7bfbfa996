"""Films of the room of distillation: the softened answer, and the students of every seed."""

from __future__ import annotations

import numpy as np

from quantlab.distillation import TEMPERATURES
from quantlab.film import STILL, Strip, figures, numbers_film, words_film
from quantlab.film.figures import ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.compress.distil.frames import DistilFrames
from quantlab.labs.compress.distil.words import notice, tiles

VIEWS = {
    "softened": "the teacher's answer to one picture at the slider's temperature",
    "students": "right answers of every student, seed by seed",
}


def films(f: DistilFrames) -> dict[str, bytes]:
    """All films of what is known so far."""
    strip = Strip(f.labels)
    views = {
        "softened": softened_film(strip, f),
        "numbers": numbers_film(strip, tiles(f), layout="pairs"),
        "words": words_film(strip, [notice(f, temperature) for temperature in TEMPERATURES]),
    }
    return views | ({"students": students_film(f)} if f.trained is not None else {})


def softened_film(strip: Strip, f: DistilFrames) -> bytes:
    """A bar for each class, the softened probability; diamonds: those at temperature 1."""
    at = figures.labels_at(f.classes)
    alt = "The teacher's probability of each class, softened, beside those at temperature 1"
    chart = Chart(strip, figures.height_of_names(f.classes), alt, "probability, %", "")
    chart.names([name if len(name) < 13 else f"{name[:11]}…" for name in f.classes], (0, 103)).axes(xaxis_dtick=25)
    bars = [figures.bars(at, 0, 100 * f.probabilities(temperature)) for temperature in TEMPERATURES]
    chart.line("softened", [x for x, _ in bars], bars[0][1], QUANTIZED, width=12, hover=False)
    chart.points("at temperature 1", 100 * f.probabilities(1), at, ORIGINAL, symbol="diamond", size=8)
    return chart.film()


def students_film(f: DistilFrames) -> bytes:
    """A pair of points for each seed, joined: labels alone and distilled; the teacher as a dashed line."""
    assert f.trained is not None
    alone, distilled = 100 * np.array(f.trained.alone), 100 * np.array(f.trained.distilled)
    at = np.arange(len(alone), dtype=float)
    low = float(min(alone.min(), distilled.min())) - 4
    chart = Chart(STILL, 280, "Right answers of each seed's students: labels alone and distilled", "seed", "Top-1, %")
    chart.axes((-0.6, len(at) - 0.4), (max(low, 0), min(100 * f.teacher + 4, 101)), xaxis={"tickvals": at.tolist()})
    chart.line("teacher", np.array([-0.6, len(at) - 0.4]), np.full(2, 100 * f.teacher), THEORY, dash="dash", width=1.4)
    gap = np.full(len(at), np.nan)
    chart.line("pair", np.repeat(at, 3), np.stack([alone, distilled, gap], axis=1).ravel(), OTHER, width=1.6, legend=False, hover=False)
    chart.points("labels alone", at, alone, ORIGINAL, symbol="diamond", size=10)
    chart.points("distilled", at, distilled, QUANTIZED, size=10)
    return chart.film()
