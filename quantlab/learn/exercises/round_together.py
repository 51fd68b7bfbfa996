"""Which way two weights go whose inputs move together."""

from __future__ import annotations

import itertools

import numpy as np

from quantlab.learn.exercises._numbers import listed, n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    while True:
        low = rng.integers(-2, 3, 2)
        weights = np.round(low + rng.uniform(0.55, 0.75, 2), 2)
        if rng.random() < 0.5:
            weights = np.round(low + rng.uniform(0.25, 0.45, 2), 2)
        inputs = rng.choice([1.0, 2.0, 3.0], 2)
        ways = [np.floor(weights) + np.array(way) for way in itertools.product((0, 1), repeat=2)]
        errors = [abs(float((way - weights) @ inputs)) for way in ways]
        order = np.argsort(errors)
        best, nearest = ways[order[0]], np.rint(weights)
        if errors[order[1]] > errors[order[0]] + 0.1 and (best != nearest).any():
            break
    return Problem(
        f"Two weights, {listed(weights)}, may go to the whole number below or above. Their inputs are always {listed(inputs)}. "
        "Which levels leave the least error in the output?",
        (Asked("First", float(best[0]), 0.01), Asked("Second", float(best[1]), 0.01)),
        (
            "There are four ways: down or up for each.",
            f"The output's error is {n(inputs[0])} times the first error plus {n(inputs[1])} times the second.",
            "Errors of opposite sign cancel.",
        ),
        f"The output should be {n(float(weights @ inputs), 4)}. The four ways leave {listed(np.round(errors, 3))}: the least has **{n(best[0])}** and **{n(best[1])}**, "
        f"not the nearest levels {listed(nearest)}.",
        {"each-for-itself": (float(nearest[0]), float(nearest[1]))},
    )


EXERCISE = Exercise("round-together", "Rounded for the output", "Repair", 730, make, "repair?room=rounding&bits=4")
