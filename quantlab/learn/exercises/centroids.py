"""One step of k-means."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    values = np.sort(np.round(np.concatenate((rng.uniform(0, 3, 3), rng.uniform(5, 9, 3))), 1))
    low, high = float(np.round(rng.uniform(1, 3), 0)), float(np.round(rng.uniform(6, 8), 0))
    near = np.abs(values - low) <= np.abs(values - high)
    parts = values[near], values[~near]
    means = tuple(float(p.mean()) for p in parts)
    return Problem(
        f"The values {listed(values)} are clustered with the centroids **{n(low)}** and **{n(high)}**. Where do the centroids lie after one step of "
        "k-means?",
        (Asked("Lower", means[0], 0.02), Asked("Upper", means[1], 0.02)),
        (
            "To which centroid is each value nearer?",
            "A centroid moves to the mean of its values.",
            f"The lower one has {listed(parts[0])}.",
        ),
        f"{listed(parts[0])} go to the lower, {listed(parts[1])} to the upper one; their means are **{n(means[0], 4)}** and **{n(means[1], 4)}**.",
        {"mean-of-all": (float(values.mean()),) * 2, "middle-of-ends": tuple(float((p[0] + p[-1]) / 2) for p in parts)},
    )


EXERCISE = Exercise("centroids", "One step of k-means", "Levels", 510, make, "tensor?scheme=kmeans&method=lloyd&bits=2")
