"""Small gradients and small updates in few bits: rounded to the nearest they vanish or stick, rounded by chance their mean survives.

The same rule as ``engine.training.gradients`` in numpy, for a curve instead of a training; a test holds both together.

    g_hat = 2 m (r((g / (2 m) + 1/2)(2^k - 1)) / (2^k - 1) - 1/2)

Source: Zhou et al. 2016, arXiv:1606.06160; Gupta et al. 2015, arXiv:1502.02551.
"""

from __future__ import annotations

import numpy as np

from quantlab.formats import FORMATS, FloatFormat

DRAWS = 400
UPDATES = 400
UPDATE = 2.0**-10  # of a weight of 1, whose neighbour in bf16 is 2^-7 away


def rounded_gradients(g: np.ndarray, bits: int, rng: np.random.Generator | None = None) -> np.ndarray:
    """g float64 (N,) in 2^bits levels from -max|g| to max|g|: to the nearest, or by the draws of ``rng``.

    >>> rounded_gradients(np.array([1.0, 0.1, -0.6]), 1).tolist()
    [1.0, 1.0, -1.0]
    """
    top, reach = 2**bits - 1, 2 * np.abs(g).max()
    place = (g / reach + 0.5) * top
    codes = np.rint(place) if rng is None else np.floor(place + rng.uniform(size=g.shape))
    values: np.ndarray = (np.clip(codes, 0, top) / top - 0.5) * reach
    return values


def mean_by_chance(g: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    """The mean of ``DRAWS`` roundings by chance, float64 (N,)."""
    rng = np.random.default_rng(seed)
    values: np.ndarray = np.mean([rounded_gradients(g, bits, rng) for _ in range(DRAWS)], axis=0)
    return values


def bf16_walks(seed: int = 0) -> dict[str, np.ndarray]:
    """A weight of 1 that gets ``UPDATES`` equal updates: in float32, in bf16 to the nearest, in bf16 by chance; float64 (UPDATES + 1,).

    >>> ends = {name: float(walk[-1]) for name, walk in bf16_walks().items()}
    >>> ends["float32 master"], ends["bf16, nearest"]
    (1.390625, 1.0)
    """
    bf16, rng = FORMATS["bf16"], np.random.default_rng(seed)
    assert isinstance(bf16, FloatFormat)
    master, nearest, chance = [1.0], [1.0], [1.0]
    for draw in rng.uniform(size=UPDATES):
        master.append(master[-1] + UPDATE)
        nearest.append(float(bf16.cast(nearest[-1] + UPDATE)))
        step = 2.0 ** (np.floor(np.log2(chance[-1])) - bf16.mantissa_bits)
        place = (chance[-1] + UPDATE) / step
        chance.append(float((np.floor(place) + (draw < place - np.floor(place))) * step))
    return {"float32 master": np.array(master), "bf16, nearest": np.array(nearest), "bf16, by chance": np.array(chance)}
