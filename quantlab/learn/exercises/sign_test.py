"""McNemar's exact test on the pictures whose answer changed."""

from __future__ import annotations

from math import comb

import numpy as np
from scipy.stats import binomtest

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    changed = int(rng.integers(5, 10))
    gained = int(rng.integers(0, 2))
    tail = sum(comb(changed, k) for k in range(gained + 1))
    p = float(binomtest(gained, changed).pvalue)
    return Problem(
        f"Quantized, a model loses **{changed - gained}** right answers and gains **{gained}**. If quantization had no effect, each of the "
        f"{changed} changes would be a loss or a gain with even chances. What is the two-sided p value of McNemar's exact test?",
        (Asked("p", p, 0.0006),),
        (
            f"{changed} throws of a coin have 2^{changed} equally likely outcomes.",
            f"How many of them have at most {gained} gains?",
            "Two-sided: as uneven the other way counts too.",
        ),
        f"{tail} of {2**changed} outcomes are as uneven, and as many the other way: 2 · {tail}/{2**changed} = **{n(p, 4)}**.",
        {"one-sided": (p / 2,), "unchanged-counted": (gained / changed,)},
    )


EXERCISE = Exercise("sign-test", "Is the loss more than chance?", "Testing", 805, make, "bench?source=small&bits=5")
