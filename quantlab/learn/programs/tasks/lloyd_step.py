"""One step of k-means."""

from __future__ import annotations

import numpy as np

from quantlab.learn.programs.base import Arguments, Program


def arguments(rng: np.random.Generator) -> Arguments:
    levels = np.array([-2.0, 0.0, 2.0, 9.0][: int(rng.integers(3, 5))])
    return np.round(rng.uniform(-3.4, 3.4, 9), 1) + 0.03, levels


def _groups(x: np.ndarray, levels: np.ndarray) -> list[np.ndarray]:
    nearest = np.abs(x[:, None] - levels).argmin(axis=1)
    return [x[nearest == k] for k in range(len(levels))]


def right(x: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return np.array([group.mean() if group.size else level for group, level in zip(_groups(x, levels), levels, strict=True)])


def _middle(x: np.ndarray, levels: np.ndarray) -> np.ndarray:
    return np.array(
        [(group.min() + group.max()) / 2 if group.size else level for group, level in zip(_groups(x, levels), levels, strict=True)]
    )


PROGRAM = Program(
    "lloyd-step",
    "One step of k-means",
    40,
    "Write step(x, levels): each level moves to the mean of the values that are nearest to it; a level that none is nearest\nto stays where it is.",
    'def step(x, levels):\n    """The new levels, as many and in the same order."""\n    raise NotImplementedError\n',
    "step",
    right,
    arguments,
    {"middle-of-ends": _middle, "mean-of-all": lambda x, levels: np.full(len(levels), x.mean())},
)
