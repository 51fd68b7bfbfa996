"""The bits that an accumulator needs."""

from __future__ import annotations

import numpy as np

from quantlab.integer.accumulate import bits_needed
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    channels, side = int(rng.choice([3, 8, 16, 24, 32, 48, 64])), int(rng.choice([1, 3, 5]))
    w_bits, x_bits = int(rng.choice([4, 6, 8])), int(rng.choice([4, 6, 8]))
    k, w, x = channels * side**2, 2 ** (w_bits - 1) - 1, 2**x_bits - 1
    most = k * w * x
    right = bits_needed(most)
    return Problem(
        f"A convolution reads {channels} channels under a window of {side} × {side}. Its weights have {w_bits} bits, codes from {n(-w)} to {w}; its inputs "
        f"{x_bits} bits, from 0 to {x}, with the zero point 0. How many bits must a signed accumulator have so that **no sum whatever** leaves it?",
        (Asked("Bits", float(right), 0.3, "bits"),),
        (
            f"How many products are there in a sum? {channels} · {side}²",
            "At worst all have the largest magnitude and one sign.",
            "A signed number of b bits reaches up to 2^(b−1) − 1.",
        ),
        f"{k} · {w} · {x} = {n(most, 9)}, which lies between 2^{right - 2} and 2^{right - 1}: with the sign **{right} bits**.",
        {
            "one-product": (float(bits_needed(w * x)),),
            "sign-bit-forgotten": (float(right - 1),),
        },
    )


EXERCISE = Exercise("accumulator-width", "The width of an accumulator", "Integers", 330, make, "integer?room=accumulator&source=small")
