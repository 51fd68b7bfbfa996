"""One weight, step by step: forward, gradient, the latent value creeping over a border, the code that jumps."""

from __future__ import annotations

from math import isclose

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import CLIPPED, ORIGINAL, QUANTIZED, THEORY, Chart, stems
from quantlab.labs.text import fixed
from quantlab.labs.train.result import TrainResult
from quantlab.networks.one_weight import LEAST, STEPS, Walk, walk
from quantlab.progress import Steps

LABELS = tuple(map(str, range(STEPS + 1)))


def steps(rule: str) -> Steps[TrainResult]:
    """The whole walk."""
    yield 0, 1
    w, strip = walk(rule), Strip(LABELS)
    tiles = [
        ("Latent", "The value in float that learns", [fixed(v, 3) for v in w.latent]),
        ("Code", "What is stored: the nearest whole number of steps", [str(c) for c in w.code]),
        ("Used", "What the forward pass sees", [fixed(v, 3) for v in w.used]),
        ("Gradient", "Used minus target, passed straight through; 0 where the code is clipped", [fixed(v, 3) for v in w.slope]),
        ("Step", "Distance of two levels", [fixed(v, 3) for v in w.step]),
    ]
    rows = [(k, w.latent[k], w.used[k], w.step[k], w.slope[k], w.code[k]) for k in range(STEPS + 1)]
    films = {"walk": _walk(strip, w), "line": _line(strip, w), "numbers": numbers_film(strip, tiles)}
    columns = ("step", "latent", "used", "scale", "gradient", "code")
    return TrainResult(LABELS, films, [_sentence(w, k, rule) for k in range(STEPS + 1)], columns, rows, lambda label: _program(rule, label))


def _walk(strip: Strip, w: Walk) -> bytes:
    low, high = min(w.used.min(), w.latent.min(), 0) - 0.08, max(w.used.max(), w.latent.max()) + 0.12
    chart = Chart(strip, 300, "Latent and quantized value of one weight over the steps of training", "step of training", "value")
    chart.axes((-1, STEPS + 1), (float(low), float(high)))
    at = np.arange(STEPS + 1.0)
    chart.line("target", np.array([-1.0, STEPS + 1.0]), np.full(2, w.target), THEORY, dash="dash")
    chart.line("quantized, all steps", np.repeat(at, 2)[1:], np.repeat(w.used, 2)[:-1], QUANTIZED, width=1, opacity=0.35, legend=False)
    chart.line("latent", [at[: k + 1] for k in range(STEPS + 1)], [w.latent[: k + 1] for k in range(STEPS + 1)], ORIGINAL, width=2.4)
    paths = [(np.repeat(at[: k + 1], 2)[1:], np.repeat(w.used[: k + 1], 2)[:-1]) for k in range(STEPS + 1)]
    chart.line("quantized", [x for x, _ in paths], [y for _, y in paths], QUANTIZED, width=2.4)
    chart.points(
        "now", [at[k : k + 1] for k in range(STEPS + 1)], [w.latent[k : k + 1] for k in range(STEPS + 1)], ORIGINAL, size=10, legend=False
    )
    return chart.film()


def _line(strip: Strip, w: Walk) -> bytes:
    """Levels and borders on a line, the latent value and its level."""
    chart = Chart(strip, 170, "The number line: levels, borders between them, the latent value and the level that it becomes", "value", "")
    chart.axes((-0.3, 1.3), (-0.2, 1.2), yaxis={"showticklabels": False, "showgrid": False})
    codes = np.arange(w.qmin, w.qmax + 1)
    levels = [stems(s * codes, 0.0, 0.55) for s in w.step]
    borders = [stems(s * (codes[:-1] + 0.5), 0.0, 0.3) for s in w.step]
    chart.line("levels", [x for x, _ in levels], [y for _, y in levels], QUANTIZED, width=1.6)
    chart.line("borders", [x for x, _ in borders], [y for _, y in borders], THEORY, dash="dot")
    chart.points("target", np.array([w.target]), np.array([0.9]), CLIPPED, symbol="diamond")
    chart.points("latent", [np.array([v]) for v in w.latent], [np.array([0.15])] * (STEPS + 1), ORIGINAL, size=12)
    chart.points("used", [np.array([v]) for v in w.used], [np.array([0.62])] * (STEPS + 1), QUANTIZED, symbol="square", size=11)
    return chart.film()


def _sentence(w: Walk, k: int, rule: str) -> str:
    """Forward, gradient, update, jump."""
    said = f"**Step {k}.** Forward: {fixed(w.latent[k], 3)} / {fixed(w.step[k], 3)} rounds to code {w.code[k]}, so the loss sees {fixed(w.used[k], 3)}. "
    if w.step[k] <= 0:
        return (
            said
            + "**The step is below zero**: every positive value lands on the far side of zero and is clipped to code 0, so neither the weight nor the step gets a gradient. It stays so for good."
        )
    if isclose(w.slope[k], 0, abs_tol=5e-4):
        said += "The gradient is 0 to three decimals. "
    else:
        said += (
            f"Gradient: {fixed(w.used[k], 3)} − {fixed(w.target, 3)} = {fixed(w.slope[k], 3)}, which passes the rounding straight through. "
        )
    if k == STEPS:
        return said + f"The code changed {w.jumps} times in {STEPS} steps."
    said += f"The latent value goes to {fixed(w.latent[k + 1], 3)}"
    if w.code[k + 1] != w.code[k]:
        return said + f" and crosses a border: **the code jumps from {w.code[k]} to {w.code[k + 1]}**."
    held = f" The cure holds the step at {fixed(LEAST, 2)}." if rule == "cured" and isclose(w.step[k + 1], LEAST) else ""
    return said + f"; the code stays {w.code[k]}.{held}"


def _program(rule: str, label: str) -> str:
    return f"""from quantlab.networks.one_weight import walk

w, k = walk("{rule}"), {label}
print(w.latent[k], w.step[k], w.code[k], w.used[k], w.slope[k])
"""
