"""Small gradients: in few bits to the nearest or by chance, and small updates in bf16 with and without a float32 master copy."""

from __future__ import annotations

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import ERROR, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.labs.text import fixed, plain
from quantlab.labs.train.result import TrainResult
from quantlab.networks import toy
from quantlab.networks.small_updates import DRAWS, UPDATE, UPDATES, bf16_walks, mean_by_chance, rounded_gradients
from quantlab.progress import Steps

LABELS = tuple(map(str, toy.WIDTHS))
GRADIENTS = np.linspace(-1, 1, 401)  # of the largest


def steps() -> Steps[TrainResult]:
    """All widths of gradients."""
    nearest, chance = [], []
    for k, bits in enumerate(toy.WIDTHS):
        yield k, len(toy.WIDTHS)
        nearest.append(rounded_gradients(GRADIENTS, bits))
        chance.append(mean_by_chance(GRADIENTS, bits))
    strip = Strip(LABELS)
    chart = Chart(
        strip, 320, "What a gradient becomes on average, against what it was", "gradient, share of the largest", "mean after rounding"
    )
    chart.axes((-1.03, 1.03), (-1.12, 1.12))
    chart.line("exact", GRADIENTS, GRADIENTS, THEORY, dash="dash")
    chart.line("to the nearest", GRADIENTS, nearest, QUANTIZED)
    chart.points(f"by chance, mean of {DRAWS}", GRADIENTS[::8], [c[::8] for c in chance], ORIGINAL, size=5)
    walks = bf16_walks()
    small = Chart(strip, 320, "A weight that gets many small updates, in float32 and in bf16", "updates", "weight")
    at = np.arange(UPDATES + 1.0)
    small.axes((0, UPDATES), (0.95, 1.45))
    looks = (("float32 master", THEORY, "dash"), ("bf16, nearest", QUANTIZED, "solid"), ("bf16, by chance", ORIGINAL, "solid"))
    for name, color, dash in looks:
        small.line(name, at, walks[name], color, dash=dash)
    small.note("to the nearest it never moves", 210, 0.98, ERROR)
    bias = [float(np.abs(n - GRADIENTS).mean()) for n in nearest]
    left = [float(np.abs(c - GRADIENTS).mean()) for c in chance]
    expected = [_of_mean(bits) for bits in toy.WIDTHS]
    tiles = [
        ("Levels", "Values that a gradient can have", [str(2**b) for b in toy.WIDTHS]),
        ("Bias, nearest", "Mean distance of the rounded gradient from the exact one; it does not average out", [plain(b) for b in bias]),
        ("Bias, by chance", f"The same, of the mean of {DRAWS} draws; it falls with the root of their number", [plain(b) for b in left]),
        ("Expected of chance", "What the draws' own variance explains", [plain(b) for b in expected]),
    ]
    sentences = [
        f"At **{b} bits** a gradient has {2**b} levels. To the nearest, it is {plain(bias[k])} of the largest gradient off on average, the same way in every batch. "
        f"By chance, the mean of {DRAWS} draws is only {plain(left[k])} off; their own scatter explains {plain(expected[k])}. In bf16 a weight of 1 that gets "
        f"{UPDATES} updates of {plain(UPDATE)} stays at **{fixed(walks['bf16, nearest'][-1], 3)}**; with a float32 master copy it reaches {fixed(walks['float32 master'][-1], 3)}, "
        f"by chance {fixed(walks['bf16, by chance'][-1], 3)}."
        for k, b in enumerate(toy.WIDTHS)
    ]
    rows = [(b, bias[k], left[k], expected[k]) for k, b in enumerate(toy.WIDTHS)]
    films = {"gradients": chart.film(), "bf16": small.film(), "numbers": numbers_film(strip, tiles)}
    return TrainResult(LABELS, films, sentences, ("bits", "bias_nearest", "bias_stochastic", "expected_stochastic"), rows, _program)


def _of_mean(bits: int) -> float:
    """The mean distance that unbiased draws of this scatter leave: a normal mean's, sqrt(2 / pi) sd / sqrt(draws)."""
    top = 2**bits - 1
    rest = ((GRADIENTS / 2 + 0.5) * top) % 1
    scatter = 2 / top * np.sqrt(rest * (1 - rest))
    return float(np.mean(scatter) * np.sqrt(2 / np.pi / DRAWS))


def _program(label: str) -> str:
    return f"""import numpy as np
from quantlab.networks.small_updates import mean_by_chance, rounded_gradients

g = np.linspace(-1, 1, 401)
print(np.abs(rounded_gradients(g, {label}) - g).mean(), np.abs(mean_by_chance(g, {label}) - g).mean())
"""
