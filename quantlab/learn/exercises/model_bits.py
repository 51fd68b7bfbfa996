"""Bits a weight of a whole model."""

from __future__ import annotations

import numpy as np

from quantlab.grouping import per_group
from quantlab.language.config import Config
from quantlab.language.quantized import Plan
from quantlab.learn.exercises._numbers import n
from quantlab.learn.exercises.base import Asked, Exercise, Problem


def make(rng: np.random.Generator) -> Problem:
    group, bits, share = int(rng.choice([32, 64, 128])), int(rng.integers(2, 6)), int(rng.choice([10, 20, 25, 40]))
    config = Config(width=256, inner=512, layers=1, heads=4, key_heads=4, vocabulary=256, context=256)
    linear = Plan("nearest", str(bits), "int-symmetric", per_group(group)).bits(config, "model.layers.0.self_attn.q_proj.weight")
    right = linear * (100 - share) / 100 + 16 * share / 100
    return Problem(
        f"The linear layers of a model are rounded to **{bits} bits** with a scale of 32 bits for each group of **{group}** weights. Embedding and head, "
        f"**{share} %** of all weights, stay at 16 bits. How many bits does a weight take on average?",
        (Asked("Bits a weight", right, 0.01, "bits"),),
        ("Scales first.", "A linear weight takes its code and its part of a scale.", "Then the mean of both kinds, by their shares."),
        f"{bits} + 32 / {group} = {n(linear)}; {n(linear)} · {100 - share} % + 16 · {share} % = **{n(right, 5)} bits**.",
        {"scales-left-out": (bits * (100 - share) / 100 + 16 * share / 100,), "linear-layers-alone": (linear,)},
    )


EXERCISE = Exercise("model-bits", "Bits a weight of a whole model", "Language", 630, make, "language?bits=4")
