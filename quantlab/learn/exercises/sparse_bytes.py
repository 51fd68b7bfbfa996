"""Bytes of a sparse layer: values and gaps."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.bit_packing import pack


def make(rng: np.random.Generator) -> Problem:
    count, share = 1000 * int(rng.integers(2, 10)), int(rng.choice([60, 70, 80, 90]))
    bits, gap = int(rng.choice([2, 4])), int(rng.choice([3, 5]))
    kept = count * (100 - share) // 100
    stream = np.zeros(kept, np.int64)
    right = len(pack(stream, bits)) + len(pack(stream, gap))
    return Problem(
        f"A layer has **{count} weights**; **{share} %** are pruned. Each kept weight is stored as a code of **{bits} bits** and a gap of "
        f"**{gap} bits** that says how many zeros stand before it; no gap is too long for that. How many bytes are codes and gaps together?",
        (Asked("Bytes", float(right), 1.0, "bytes"),),
        ("How many weights are kept?", f"Each of them takes {bits} + {gap} bits.", "A byte has eight bits."),
        f"{kept} weights are kept: {kept} · ({bits} + {gap}) / 8 = **{n(right)} bytes**.",
        {
            "places-forgotten": (kept * bits / 8,),
            "places-of-all": ((kept * bits + count * gap) / 8,),
            "all-weights-coded": (count * (bits + gap) / 8,),
        },
    )


EXERCISE = Exercise("sparse-bytes", "Bytes of a sparse layer", "Sizes", 462, make, "compress?scrub=share&bits=80")
