"""Outliers of what a layer reads and of its weights: channels' largest magnitudes, histograms, and what they cost in few bits.

A channel whose values are large for every token takes the range of all others with it, since a token has one range. SmoothQuant moves
such channels into the weights, a rotation spreads them over all channels (``rotation.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.calibration import Place
from quantlab.language.few_bits import FewBits, Rounding
from quantlab.language.model import Hooks, Model, embedded, residual
from quantlab.metrics import sqnr_db

EDGES = np.linspace(-8, 8, 129)  # root mean squares


@dataclass(frozen=True, eq=False)
class Spread:
    """Numbers (T, K). largest : of each channel's magnitudes (K,), in falling order. shares : of all values in the bins between
    ``EDGES`` root mean squares, the outer ones with all beyond. peak : the largest over the root mean square of all."""

    largest: np.ndarray
    shares: np.ndarray
    peak: float

    @property
    def outlier(self) -> float:
        """The largest channel over the median one."""
        return float(self.largest[0] / np.median(self.largest))


def spread(x: np.ndarray) -> Spread:
    """The spread of rows (T, K).

    >>> s = spread(np.array([[1.0, -1.0, 7.0], [1.0, 1.0, -7.0]]))  # rms sqrt(102 / 6) = 4.123
    >>> s.largest, s.outlier, round(s.peak, 3), float(s.shares.sum())
    (array([7., 1., 1.]), 7.0, 1.698, 1.0)
    """
    size = np.abs(x)
    rms = float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) or 1.0
    counts = np.histogram(np.clip(x / rms, EDGES[0], EDGES[-1]), EDGES)[0]
    return Spread(np.sort(size.max(axis=0))[::-1], counts / x.size, float(size.max()) / rms)


class _Taking(Hooks):
    def __init__(self, wanted: Place) -> None:
        self.wanted = wanted
        self.taken: np.ndarray = np.empty(0, np.float32)

    def read(self, layer: int, place: str, x: np.ndarray) -> np.ndarray:
        if (layer, place) == self.wanted:
            self.taken = x.reshape(-1, x.shape[-1])
        return x


def reads(model: Model, tokens: np.ndarray, place: Place) -> np.ndarray:
    """What a place reads on the first tokens, at most one context of them: float32 (T, K)."""
    taking = _Taking(place)
    residual(model, embedded(model, tokens[None, : model.config.context]), range(place[0] + 1), taking)
    return taking.taken


def rounding_db(x: np.ndarray, bits: int) -> float:
    """SQNR in dB of activations (T, K) in few bits with a range for each token, as ``few_bits`` rounds them."""
    return float(sqnr_db(x, Rounding(FewBits(activations=bits)).read(0, "any", x)))
