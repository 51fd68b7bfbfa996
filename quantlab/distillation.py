"""Distillation in numbers, without torch: softened probabilities, and what it wins over several seeds.

    p_i(T) = exp(z_i / T) / sum_j exp(z_j / T)        loss = (1 - mix) CE(z, label) + mix T² KL(p_teacher(T) || p(T))

T² keeps the gradient's size whatever T: d loss / d z = mix T (p(T) - p_teacher(T)) / N of the second part.
Source: Hinton, Vinyals, Dean 2015, arXiv:1503.02531.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit  # Student's quantile; scipy.stats takes half a second to load

TEMPERATURES = (1, 2, 4, 8, 16)


def softened(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities float64 (..., C) of logits divided by a temperature above 0.

    >>> softened(np.log([4.0, 1.0]), 1).round(3).tolist(), softened(np.log([4.0, 1.0]), 2).round(3).tolist()
    ([0.8, 0.2], [0.667, 0.333])
    """
    if temperature <= 0:
        raise ValueError(f"a temperature of {temperature} softens nothing; choose one above 0")
    z = np.asarray(logits, np.float64) / temperature
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """Entropy in bits along the last axis, from 0 to log2 C.

    >>> float(entropy(np.array([0.5, 0.5])))
    1.0
    """
    p = np.asarray(probabilities, np.float64)
    return np.asarray(-(p * np.log2(np.where(p > 0, p, 1))).sum(axis=-1)) + 0.0


@dataclass(frozen=True)
class Gain:
    """The mean of paired differences and the ends of its 95 % interval; n pairs, one a seed. In the unit of the differences."""

    value: float
    low: float
    high: float
    n: int

    @property
    def seen(self) -> bool:
        """Whether the interval leaves 0 out; else no gain is seen, which does not prove that there is none."""
        return self.low > 0 or self.high < 0


def paired_gain(before: Sequence[float], after: Sequence[float]) -> Gain:
    """The gain over pairs of the same seed: mean ± t s / sqrt(n), t of Student's distribution with n - 1 degrees of freedom.

    >>> gain = paired_gain([0.80, 0.82, 0.81], [0.83, 0.84, 0.85])
    >>> round(gain.value, 3), round(gain.low, 3), round(gain.high, 3), gain.seen  # s = 0.01, t = 4.303
    (0.03, 0.005, 0.055, True)
    """
    differences = [b - a for a, b in zip(before, after, strict=True)]
    n = len(differences)
    if n < 3:
        raise ValueError(f"{n} seeds show no gain: train with at least 3")
    mean, half = statistics.mean(differences), float(stdtrit(n - 1, 0.975)) * statistics.stdev(differences) / sqrt(n)
    return Gain(mean, mean - half, mean + half, n)
