"""Calibration: what the linear layers read on a text, as sums: second moments, largest and mean magnitudes of every channel.

    H = X Xᵀ / n,   largest_j = max |x_j|,   mean_j = mean |x_j|

Layers that read the same (q, k, v; gate, up) share one observation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.evaluation import BATCH
from quantlab.language.model import READS, Hooks, Model, embedded, residual
from quantlab.progress import Steps

WINDOW = 256  # tokens
MANY = 20_000_000
Place = tuple[int, str]  # (layer, what of it reads)


@dataclass(frozen=True, eq=False)
class Observation:
    """moments : float64 (K, K), X Xᵀ / n; float32 of a model of more than ``MANY`` weights. largest, mean : (K,), of magnitudes. tokens : n."""

    moments: np.ndarray
    largest: np.ndarray
    mean: np.ndarray
    tokens: int

    def averaged(self) -> Observation:
        """Sums over tokens as means, all of one type."""
        largest, mean = (x.astype(self.moments.dtype) for x in (self.largest, self.mean / self.tokens))
        return Observation(self.moments / self.tokens, largest, mean, self.tokens)


Calibration = dict[Place, Observation]


class _Watching(Hooks):
    def __init__(self, dtype: type[np.floating], only: Place | None) -> None:
        self.dtype, self.only = dtype, only
        self.seen: dict[Place, Observation] = {}

    def read(self, layer: int, place: str, x: np.ndarray) -> np.ndarray:
        if self.only not in (None, (layer, place)):
            return x
        rows = x.reshape(-1, x.shape[-1])
        size = np.abs(rows)
        new = Observation((rows.T @ rows).astype(self.dtype), size.max(axis=0), size.sum(axis=0, dtype=np.float64), len(rows))
        old = self.seen.get((layer, place))
        if old is not None:
            largest = np.maximum(old.largest, new.largest)
            new = Observation(old.moments + new.moments, largest, old.mean + new.mean, old.tokens + new.tokens)
        self.seen[layer, place] = new  # sums until the end
        return x


def calibrate(model: Model, tokens: np.ndarray, only: Place | None = None) -> Steps[Calibration]:
    """What each place reads on these tokens, in windows of the context, of 256 tokens at most; yields (windows, windows).

    only : the one place that is watched; layers behind it are not computed.
    """
    context = min(model.config.context, WINDOW, len(tokens))
    parts = np.stack([tokens[i : i + context] for i in range(0, len(tokens) - context + 1, context)])
    many = model.config.weights > MANY
    watching = _Watching(np.float32 if many else np.float64, only)
    layers, batch = range(model.config.layers if only is None else only[0] + 1), 1 if many else BATCH
    for i in range(0, len(parts), batch):
        yield i, len(parts)
        residual(model, embedded(model, parts[i : i + batch]), layers, watching)
    return {place: o.averaged() for place, o in watching.seen.items()}


def place_of(layer: int, kind: str) -> Place:
    """Where a linear layer reads.

    >>> place_of(1, "up")
    (1, 'mlp')
    """
    return layer, READS[kind]


def output_error(change: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Mean squared error of each output, (out,), that a change of the weights (out, K) makes: the diagonal of Δ H Δᵀ."""
    return np.maximum(((change @ moments) * change).sum(axis=1), 0)
