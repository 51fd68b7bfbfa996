"""Bytes of a layer with shared weights: codes and codebook."""

from __future__ import annotations

import numpy as np

from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem
from quantlab.storage.bit_packing import pack


def make(rng: np.random.Generator) -> Problem:
    bits, count, share = int(rng.integers(3, 7)), 800 * int(rng.integers(1, 6)), int(rng.choice([50, 75]))
    kept = count * (100 - share) // 100
    right = len(pack(np.zeros(kept, np.int64), bits)) + np.zeros(2**bits, np.float32).nbytes
    return Problem(
        f"Of **{count} weights** of a layer **{share} %** are pruned. The others share a codebook of **{bits} bits**, kept as float32. How many bytes "
        "do the codes and the codebook take, the places of the zeros aside?",
        (Asked("Bytes", float(right), 0.6, "bytes"),),
        ("Only kept weights have a code.", f"The codebook has 2^{bits} values of 4 bytes.", "Add both."),
        f"{kept} · {bits} / 8 + {2**bits} · 4 = **{n(right)} bytes**.",
        {
            "codebook-forgotten": (kept * bits / 8,),
            "all-weights-coded": (count * bits / 8 + 2**bits * 4,),
            "codebook-for-each-weight": ((kept + 2**bits) * bits / 8,),
        },
    )


EXERCISE = Exercise("shared-bytes", "Bytes of shared weights", "Sizes", 470, make, "compress?pattern=none")
