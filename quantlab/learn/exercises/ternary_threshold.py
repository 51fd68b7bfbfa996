"""The threshold and the level of ternary weights."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    while True:
        x = np.round(rng.uniform(0.05, 1.5, 6) * rng.choice([-1, 1], 6), 2)
        size = np.abs(x)
        threshold = 0.7 * float(size.mean())
        kept = size > threshold
        if 2 <= kept.sum() <= 5 and np.abs(size - threshold).min() > 0.03 and np.unique(np.sign(x[kept])).size == 2:
            break
    level = float(size[kept].mean())
    return Problem(
        f"Ternary weight networks take Δ = 0.7 · mean |x| as the threshold; what is beyond it becomes ±α, the rest 0. The weights are {listed(x)}. "
        "How large are Δ and α, with α the level of the least square error?",
        (Asked("Δ", threshold, 0.004), Asked("α", level, 0.004)),
        (
            "Signs do not matter for Δ: it takes magnitudes.",
            "α serves those beyond Δ alone.",
            "The level of the least square error is the mean of the magnitudes that it serves.",
        ),
        f"mean |x| = {n(size.mean(), 4)}, Δ = **{n(threshold, 4)}**. Beyond it lie {listed(size[kept])}; their mean is **{n(level, 4)}**.",
        {
            "mean-of-all": (threshold, float(size.mean())),
            "sign-lost": (0.7 * float(x.mean()), float(x[kept].mean())),
            "middle-of-ends": (threshold, float((size[kept].min() + size[kept].max()) / 2)),
        },
    )


EXERCISE = Exercise("ternary-threshold", "Three levels: where they begin", "Levels", 520, make, "tensor?scheme=ternary")
