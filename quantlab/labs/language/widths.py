"""The first room: one method at all its widths; perplexity and divergence against true bits a weight."""

from __future__ import annotations

from functools import partial

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import AWAY, ORIGINAL, QUANTIZED, THEORY, Chart, decades
from quantlab.labs.language.measure import EXACT, level_steps
from quantlab.labs.language.program import program
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import Frames, LanguageResult, words_of
from quantlab.labs.language.words import csv, notices, tiles
from quantlab.progress import Steps

VIEWS = {
    "perplexity": "perplexity against true bits a weight, with its paired interval",
    "divergence": "divergence of the next token's probabilities against true bits a weight",
    "numbers": "perplexity with its interval, bits per byte, divergence, same top, bytes",
    "words": "what to notice, in words",
}
LEAST = 1e-6  # nats: what is less is drawn there


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films of one stage."""
    wanted = nearest_first(request.labels, stop) if stage else [stop]
    found = yield from level_steps(request, [EXACT, *wanted])
    frames = Frames(request, found[EXACT], {s: found[s] for s in wanted})
    return result(frames, stage)


def nearest_first(labels: tuple[str, ...], stop: str) -> list[str]:
    """The stops in order of their distance on the slider.

    >>> nearest_first(("2", "3", "4"), "3")
    ['3', '2', '4']
    """
    at = labels.index(stop)
    return sorted(labels, key=lambda label: abs(labels.index(label) - at))


def result(f: Frames, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip, texts = Strip(f.request.labels), notices(f)
    films = {
        "perplexity": perplexity_film(strip, f),
        "divergence": divergence_film(strip, f),
        "numbers": numbers_film(strip, tiles(f), layout="pairs"),
        "words": words_of(texts),
    }
    return LanguageResult(f.request, films, texts, partial(csv, f), program, stage, f)


def perplexity_film(strip: Strip, f: Frames) -> bytes:
    """Perplexity at every stop with its interval, the model as it is dashed."""
    exact, bits = f.exact.perplexity, [f.bits(stop) for stop in f.request.labels]
    ratios = {s: f.levels[s].ratio(f.exact) for s in f.known}
    ends = {s: [exact * r.low, exact * r.value, exact * r.high] for s, r in ratios.items()}
    values = np.array([v for end in ends.values() for v in end if np.isfinite(v)])
    low, high = np.log10(min(exact, values.min()) * 0.97), np.log10(max(exact, values.max()) * 1.05)
    alt = "Perplexity against true bits a weight, at every stop of the slider, with its paired interval; the dashed line is the model as it is"
    chart = Chart(strip, 290, alt, "bits a weight, all tensors and scales", f"perplexity a {f.unit}")
    span = min(bits) - 0.6, max(bits) + 0.6
    chart.axes(span, (float(low), float(high)), yaxis_type="log", yaxis=perplexity_ticks(10.0**low, 10.0**high))
    chart.line("as it is", np.array(span), np.full(2, exact), THEORY, dash="dash", width=1.4)
    x = np.array([f.bits(s) for s in f.known])
    chart.line("all stops", x, np.array([ends[s][1] for s in f.known]), QUANTIZED, width=1.6, legend=False)
    chart.points("all stops", x, np.array([ends[s][1] for s in f.known]), QUANTIZED, size=6)
    whiskers = [_whisker(f, s, ends) for s in f.request.labels]
    chart.line("95 % interval", [a for a, _ in whiskers], [b for _, b in whiskers], QUANTIZED, width=4, hover=False)
    now = [np.array([ends[s][1] if s in ends else AWAY]) for s in f.request.labels]
    chart.points("now", [np.array([b]) for b in bits], now, QUANTIZED, size=13, legend=False)
    return chart.coming(f.coming).film()


def _whisker(f: Frames, stop: str, ends: dict[str, list[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Bits twice, and the ends of the interval; none where it is not known."""
    if stop not in ends or not np.isfinite(ends[stop]).all():
        return np.empty(0), np.empty(0)
    return np.full(2, f.bits(stop)), np.array([ends[stop][0], ends[stop][2]])


def perplexity_ticks(low: float, high: float) -> dict[str, list[float] | list[str]]:
    """Round numbers between two perplexities: at most six, or powers of ten.

    >>> perplexity_ticks(3.5, 6.3)["ticktext"]
    ['3.5', '4', '4.5', '5', '5.5', '6']
    >>> perplexity_ticks(3.5, 3.8)["ticktext"]
    ['3.5', '3.6', '3.7', '3.8']
    """
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0):
        first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
        if last - first < 6:
            ticks = np.arange(first, last + 1) * step
            return {"tickvals": ticks.tolist(), "ticktext": [f"{t:g}" for t in ticks.round(2)]}
    ticks = 10.0 ** np.arange(np.ceil(np.log10(low)), np.floor(np.log10(high)) + 1)
    return {"tickvals": ticks.tolist(), "ticktext": [f"{t:g}" for t in ticks]}


def divergence_film(strip: Strip, f: Frames) -> bytes:
    """Divergence at every stop, in nats a token, and its nine tenths point."""
    bits = [f.bits(stop) for stop in f.request.labels]
    mean = {s: max(f.levels[s].divergence.value, LEAST) for s in f.known}
    most = {s: max(float(np.quantile(f.levels[s].kld, 0.9)), LEAST) for s in f.known}
    low = np.floor(np.log10(min(*mean.values(), *most.values())))
    high = np.ceil(np.log10(max(*mean.values(), *most.values())))
    alt = f"Divergence of the next {f.unit}'s probabilities against true bits a weight: the mean, and what nine tenths of the places stay below"
    chart = Chart(strip, 290, alt, "bits a weight, all tensors and scales", f"divergence, nats a {f.unit}")
    ends = float(low), float(max(high, low + 1))
    chart.axes((min(bits) - 0.6, max(bits) + 0.6), ends, yaxis_type="log", yaxis=decades(*ends))
    x = np.array([f.bits(s) for s in f.known])
    chart.line("nine tenths stay below", x, np.array([most[s] for s in f.known]), ORIGINAL, dash="dot", width=1.6)
    chart.line("mean", x, np.array([mean[s] for s in f.known]), QUANTIZED, width=1.6)
    chart.points("mean", x, np.array([mean[s] for s in f.known]), QUANTIZED, size=6, legend=False)
    chart.points(
        "now", [np.array([b]) for b in bits], [np.array([mean.get(s, AWAY)]) for s in f.request.labels], QUANTIZED, size=13, legend=False
    )
    return chart.coming(f.coming).film()
