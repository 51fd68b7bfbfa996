"""The shared exponent of a block."""

from __future__ import annotations

import numpy as np

from quantlab.labs.reference.bits import single_format
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    most = float(np.round(rng.uniform(0.6, 60), 1))
    reach = int(np.floor(np.log2(float(single_format("e2m1fn").max))))
    floor = int(np.floor(np.log2(most)))
    return Problem(
        f"The largest magnitude of an MXFP4 block is **{n(most)}**. Its elements are E2M1, whose largest power of two is 2^{reach}. The shared exponent "
        "is that of the largest power of two not above the maximum, less the elements' own. What is it?",
        (Asked("Exponent", float(floor - reach), 0.3),),
        (f"Between which powers of two does {n(most)} lie?", "Take the lower one.", f"Take off {reach}."),
        f"2^{floor} ≤ {n(most)} < 2^{floor + 1}: {floor} − {reach} = **{n(floor - reach)}**.",
        {"exponent-up": (float(floor + 1 - reach),), "element-forgotten": (float(floor),)},
    )


EXERCISE = Exercise("shared-exponent", "The shared exponent of a block", "Formats", 230, make, "tensor?scheme=mx&bits=MXFP4")
