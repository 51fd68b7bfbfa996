"""The codes of three values."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    bits = int(rng.choice([3, 4]))
    scale, top = float(rng.choice([0.2, 0.25, 0.5])), 2 ** (bits - 1) - 1
    exact = np.array([rng.uniform(0.6, top - 0.6), -rng.uniform(0.6, top - 0.6), (top + rng.uniform(1.0, 3.0)) * rng.choice([-1, 1])])
    exact = np.round(exact, 1)
    exact[:2] += 0.05 * np.sign(exact[:2])  # no ties
    values = np.round(exact * scale, 4)
    rounded = np.rint(values / scale)
    codes = np.clip(rounded, -top, top)
    asked = tuple(Asked(f"Code of {n(v)}", float(c), 0.3) for v, c in zip(values, codes, strict=True))
    return Problem(
        f"A symmetric grid of **{bits} bits** has the scale **{n(scale)}** and the codes −{top} to {top}. Which codes do {listed(values)} get?",
        asked,
        ("Divide every value by the scale.", "Round to the nearest whole number.", f"No code is beyond ±{top}."),
        f"Divided by the scale: {listed(np.round(values / scale, 3))}; rounded and clipped: **{listed(codes)}**.",
        {"truncated": tuple(map(float, np.clip(np.trunc(values / scale), -top, top))), "not-clipped": tuple(map(float, rounded))},
    )


EXERCISE = Exercise("quantize-row", "The codes of three values", "Scale and zero point", 30, make, "tensor?source=paste&bits=4")
