"""The largest number of a small float format."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    exponent, fraction = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    bias = 2 ** (exponent - 1) - 1
    top = 2**exponent - 2 - bias
    largest = (2 - 2.0**-fraction) * 2.0**top
    return Problem(
        f"A float format has a sign, **{exponent} bits of exponent** and **{fraction} of fraction**; the bias is 2 to the power of {exponent - 1}, less one. As in IEEE 754 "
        "the exponent of ones alone stands for infinity and not-a-number. Which is its largest finite number?",
        (Asked("Largest", largest, 1e-6 * largest),),
        (
            f"The largest exponent that is left is stored as 2^{exponent} − 2.",
            f"Less the bias of {bias} that is {top}.",
            "The fraction is all ones, behind a one that is not stored.",
        ),
        f"The exponent is {2**exponent - 2} − {bias} = {top}; 1 plus the fraction is 2 − 2^−{fraction} = {n(2 - 2.0**-fraction)}. "
        f"Together {n(2 - 2.0**-fraction)} · 2^{top} = **{n(largest)}**.",
        {
            "hidden-one-forgotten": ((1 - 2.0**-fraction) * 2.0**top,),
            "bias-forgotten": ((2 - 2.0**-fraction) * 2.0 ** (2**exponent - 2),),
            "exponent-up": ((2 - 2.0**-fraction) * 2.0 ** (top + 1),),
        },
    )


EXERCISE = Exercise("largest-float", "The largest number of a small float", "Formats", 225, make, "reference?room=bits-of")
