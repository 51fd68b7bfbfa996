"""Training with rounding: what is asked, and what each epoch leaves behind. ``engine`` runs it.

An epoch's record holds what a film of epochs shows: loss, right answers, the learned steps, how the latent weights lie and which
levels they become, and how many codes changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from quantlab.networks.statistics import Difference, Interval, difference, wilson

NETWORKS = ("small", "plain", "depthwise")
WEIGHTS = {
    "lsq": "learned steps (LSQ)",
    "ste": "the range of each moment (STE)",
    "ternary": "three levels (TWN)",
    "binary": "two levels (BinaryConnect)",
}
ACTIVATIONS = {"lsq": "learned steps (LSQ)", "pact": "a learned clip (PACT)", "observed": "observed ranges", "float": "float"}
CURES = {"floor": "held above zero", "log": "its logarithm learns", "none": "none"}
ROUNDINGS = {"float": "float", "nearest": "to the nearest", "stochastic": "by chance"}
PRECISIONS = {"float32": "float32", "bf16": "bf16, float32 master", "bf16-only": "bf16 alone"}
SEEDS = (0, 1, 2)
MIN_WIDTH, MAX_WIDTH = 2, 8


@dataclass(frozen=True)
class TrainingRequest:
    """A training with rounding, from the weights that are shipped; frozen and hashable.

    width : bits of weights and activations, 2 to 8; the picture has 8. weights, activations, cure, gradient, precision : of the
    tables above. gradient_bits : where ``gradient`` rounds. observing : whether the observers of ``observed`` go on while
    the network answers, which is a bug. rate : the largest learning rate, of AdamW. step_rate : by how much
    faster steps learn than weights (Adam's moves do not depend on a gradient's size, so that LSQ's factor alone changes little). sharing : steps of the weights, one for a tensor or for each output channel.
    """

    network: str = "small"
    width: int = 2
    weights: str = "lsq"
    activations: str = "lsq"
    sharing: Literal["tensor", "channel"] = "channel"
    cure: str = "floor"
    gradient: str = "float"
    gradient_bits: int = 4
    precision: str = "float32"
    observing: bool = False
    epochs: int = 8
    rate: float = 2e-3
    step_rate: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        tables = (("network", NETWORKS), ("weights", WEIGHTS), ("activations", ACTIVATIONS), ("cure", CURES), ("gradient", ROUNDINGS))
        for name, table in (*tables, ("precision", PRECISIONS)):
            if getattr(self, name) not in table:
                raise ValueError(f"there is no {name} {getattr(self, name)!r}; choose one of {', '.join(table)}")
        if not MIN_WIDTH <= self.width <= MAX_WIDTH:
            raise ValueError(f"{self.width} bits are not trained here; choose {MIN_WIDTH} to {MAX_WIDTH}, or weights of two levels")
        if self.epochs < 1:
            raise ValueError(f"{self.epochs} epochs train nothing; choose 1 or more")

    @property
    def in_float(self) -> TrainingRequest:
        """What the control of this training depends on: all but what happens only while rounding trains."""
        return self.replace(cure="floor", gradient="float", gradient_bits=4, precision="float32", observing=False, step_rate=1.0)

    def replace(self, **changes: Any) -> TrainingRequest:
        """The same but for the fields named, of whatever types they have."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class LayerFilm:
    """One layer after each epoch. edges : (B + 1,), the same in all. latent : int64 (E + 1, B), counts of latent weights.

    levels, counts : float32 (E + 1, L) and int64 (E + 1, L), the values that the forward pass uses and how many weights have each.
    step : float64 (E + 1,), the mean of the layer's steps. clip : float64 (E + 1,), the end of the range of what flows in.
    """

    edges: np.ndarray
    latent: np.ndarray
    levels: np.ndarray
    counts: np.ndarray
    step: np.ndarray
    clip: np.ndarray


@dataclass(frozen=True, eq=False)
class Training:
    """A training of E epochs, finished where that is as many as it asks for; place 0 of each array is before the first: the network rounded after training.

    loss : float64 (E + 1,), mean over the epoch (before the first: over one batch pass without learning). predicted : int64
    (E + 1, N), answers to the test images. labels : (N,). predicted_by_float : (N,). flips : int64 (E + 1,), how often a code
    changed from one batch to the next. moved : int64 (E + 1,), codes that differ from an epoch before. weights : how many there
    are. negative : int64 (E + 1,), steps at zero or below. resorted : test images whose answer changes when they come in another order, after the last.
    state : the trained weights and steps, name -> array; under ``<layer>.used`` the weights that the forward pass uses.
    """

    request: TrainingRequest
    loss: np.ndarray
    predicted: np.ndarray
    labels: np.ndarray
    predicted_by_float: np.ndarray
    flips: np.ndarray
    moved: np.ndarray
    weights: int
    negative: np.ndarray
    resorted: int
    layers: Mapping[str, LayerFilm]
    state: Mapping[str, np.ndarray]

    @property
    def epochs(self) -> int:
        return len(self.loss) - 1

    @property
    def finished(self) -> bool:
        """Whether it has all the epochs that were asked for."""
        return self.epochs == self.request.epochs

    def right(self, epoch: int) -> np.ndarray:
        """bool (N,)."""
        answers: np.ndarray = self.predicted[epoch] == self.labels
        return answers

    @property
    def right_in_float(self) -> np.ndarray:
        """bool (N,), of the network before rounding."""
        return self.predicted_by_float == self.labels

    def top1(self, epoch: int) -> Interval:
        """Share of right answers with its 95 % interval."""
        return _share(self.right(epoch))

    @property
    def top1_float(self) -> Interval:
        return _share(self.right_in_float)

    def gain(self, epoch: int) -> Difference:
        """The change from rounding after training, on the same images."""
        return difference(self.right(0), self.right(epoch))

    def loss_from_float(self, epoch: int) -> Difference:
        """The change from the float network, on the same images."""
        return difference(self.right_in_float, self.right(epoch))


@dataclass(frozen=True, eq=False)
class Control:
    """The same epochs in float, for a training with rounding to be held against: same seed, batches, learning rates.

    predicted : int64 (E + 1, N), answers of the float network after each epoch, place 0 before the first. rounded : the same of
    this network rounded after training, at the training's width, with least-error ranges. labels : (N,).
    """

    request: TrainingRequest
    predicted: np.ndarray
    rounded: np.ndarray
    labels: np.ndarray

    def top1(self, epoch: int) -> Interval:
        """Share of right answers in float."""
        return _share(self.predicted[epoch] == self.labels)

    def top1_rounded(self, epoch: int) -> Interval:
        """Share of right answers, rounded after training."""
        return _share(self.rounded[epoch] == self.labels)

    def gain(self, training: Training, epoch: int) -> Difference:
        """What training with rounding wins over as many epochs in float and rounding then, on the same images."""
        return difference(self.rounded[epoch] == self.labels, training.right(epoch))


def _share(right: np.ndarray) -> Interval:
    return wilson(int(right.sum()), len(right))
