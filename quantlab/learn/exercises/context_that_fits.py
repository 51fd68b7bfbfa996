"""Tokens of context that fit into memory."""

from __future__ import annotations

import numpy as np

from quantlab.language.few_bits import FewBits, cache_bytes
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    layers, heads, width, bits = int(rng.choice([16, 24, 32])), int(rng.choice([4, 8])), int(rng.choice([64, 128])), int(rng.choice([4, 8]))
    gigabytes = int(rng.integers(1, 7))
    one = cache_bytes(layers, heads, width, 1, FewBits(keys=bits, values=bits))
    right = gigabytes * 1e9 / one
    bare = gigabytes * 1e9 / (2 * layers * heads * width * bits / 8)
    return Problem(
        f"**{gigabytes} GB** (10⁹ bytes) are left for the cache of a model with **{layers} layers** and **{heads} heads** of keys and values, each "
        f"**{width}** numbers wide. Keys and values take **{bits} bits** a number; a token's head also stores a scale and a low end in 16 bits each. How "
        "many tokens fit?",
        (Asked("Tokens", right, 0.005 * right),),
        (
            "How many bytes does one token leave?",
            "A head of one token has its numbers, and 32 bits beside them.",
            f"2 · {layers} · {heads} · ({width} · {bits} + 32) / 8 bytes",
        ),
        f"2 · {layers} · {heads} · ({width} · {bits} + 32) / 8 = {n(one)} bytes a token: **{n(right, 6)} tokens**.",
        {"scales-left-out": (bare,), "keys-alone": (2 * right,)},
    )


EXERCISE = Exercise("context-that-fits", "Tokens of context that fit", "Language", 650, make, "language?keys=4&values=4")
