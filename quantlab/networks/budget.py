"""Bit budgets: given bytes, how many bits does each layer get? By greedy search, and exactly, as a knapsack with one choice a layer.

Loss adds over layers (each measured alone), so the exact answer is the multiple-choice knapsack: one option of every
layer, the least sum of losses among the sums of bytes within the budget. It is found by dynamic programming over the
undominated (bytes, loss) pairs of the first layers. A pair is dropped where even the lower hull of what the remaining
layers can do (the knapsack whose options may be mixed) leads to no less than the best plan known.
Sources: Kellerer, Pferschy, Pisinger 2004, Knapsack Problems, chapter 11; Nemhauser and Ullmann 1969.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.caching import cached_property
from quantlab.networks.hulls import hull, sum_of_hulls, undominated
from quantlab.progress import Steps

ROUNDING = 1e-12  # of the losses' sum: the bound is a sum in another order


@dataclass(frozen=True, eq=False)
class LayerCosts:
    """Costs of each layer's options: bytes and loss. bits : (B,) their names. bytes : int64 (L, B). loss : float64 (L, B)."""

    layers: tuple[str, ...]
    bits: tuple[int, ...]
    bytes: np.ndarray
    loss: np.ndarray

    def __post_init__(self) -> None:
        shape = (len(self.layers), len(self.bits))
        if not all(shape) or self.bytes.shape != shape or self.loss.shape != shape:
            raise ValueError(f"bytes {self.bytes.shape} and loss {self.loss.shape} must be (layers, options), here {shape}, none of them 0")
        if self.bytes.dtype.kind not in "iu" or self.bytes.min() < 0 or not np.isfinite(self.loss).all():
            raise ValueError(f"bytes ({self.bytes.dtype}) must be whole and not negative, losses finite: round up, and measure again")

    @property
    def least(self) -> int:
        """Bytes below which no plan fits."""
        return int(self.bytes.min(axis=1).sum())

    def plan(self, choice: Sequence[int]) -> Plan:
        """The plan that takes option ``choice[i]`` of layer i."""
        rows, columns = np.arange(len(self.layers)), np.asarray(choice)
        bits = tuple((layer, self.bits[i]) for layer, i in zip(self.layers, choice, strict=True))
        return Plan(bits, int(self.bytes[rows, columns].sum()), float(self.loss[rows, columns].sum()))

    @cached_property
    def bounds(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Bytes and loss of the lower hull of the layers to come, for each number of layers done, mixtures allowed."""
        hulls = [hull(b, s) for b, s in zip(self.bytes, self.loss, strict=True)]
        return [sum_of_hulls(hulls[done:]) for done in range(len(hulls) + 1)]


@dataclass(frozen=True)
class Plan:
    """Bits of every layer, (layer, bits) pairs as ``Setting.layer_weights`` takes them; their bytes and added losses."""

    bits: tuple[tuple[str, int], ...]
    bytes: int
    loss: float


def greedy(costs: LayerCosts, budget: int) -> Plan:
    """A plan from the fewest bytes up: always the one change that fits and lowers the loss most for each byte it adds.

    >>> costs = LayerCosts(("a", "b"), (2, 4), np.array([[10, 20], [10, 25]]), np.array([[5.0, 0], [6, 0]]))
    >>> greedy(costs, 35)  # a gains 5 for 10 bytes, b 6 for 15; no room for both
    Plan(bits=(('a', 4), ('b', 2)), bytes=30, loss=6.0)
    """
    return costs.plan(_greedy(costs, _enough(costs, budget)))


def exact(costs: LayerCosts, budget: int) -> Plan:
    """The least loss within the budget, and of equal losses the fewest bytes.

    >>> costs = LayerCosts(("a", "b"), (2, 4), np.array([[10, 20], [10, 25]]), np.array([[5.0, 0], [6, 0]]))
    >>> exact(costs, 35)
    Plan(bits=(('a', 2), ('b', 4)), bytes=35, loss=5.0)
    """
    start = greedy(costs, budget)
    size, loss = np.zeros(1, np.int64), np.zeros(1)
    options = len(costs.bits)
    steps: list[tuple[np.ndarray, np.ndarray]] = []  # of each layer: which pair it extends, which option it takes
    for row in range(len(costs.layers)):
        sizes, losses = (size[:, None] + costs.bytes[row]).ravel(), (loss[:, None] + costs.loss[row]).ravel()
        places = _hopeful(costs, row + 1, sizes, losses, budget, start.loss)
        places = places[undominated(sizes[places], losses[places])]
        size, loss = sizes[places], losses[places]
        steps.append((places // options, places % options))
    if not len(size) or (loss[-1] >= start.loss and size[-1] >= start.bytes):
        return start
    at, choice = len(size) - 1, list[int]()
    for before, option in reversed(steps):
        choice.append(int(option[at]))
        at = int(before[at])
    return costs.plan(choice[::-1])


def curve_steps(costs: LayerCosts, budgets: Sequence[int], search: Callable[[LayerCosts, int], Plan] = exact) -> Steps[tuple[Plan, ...]]:
    """The plan of each budget; yields (done, total). With ``exact`` loss falls and bytes grow: a Pareto curve."""
    plans = []
    for done, budget in enumerate(budgets):
        yield done, len(budgets)
        plans.append(search(costs, budget))
    return tuple(plans)


def budgets(costs: LayerCosts, count: int = 25) -> tuple[int, ...]:
    """Budgets from the fewest bytes that a plan can have to the most, each larger by the same factor, rounded up."""
    most = int(costs.bytes.max(axis=1).sum())
    return tuple(int(b) for b in np.ceil(np.geomspace(max(costs.least, 1), max(most, 1), count) * (1 - ROUNDING)))


def _enough(costs: LayerCosts, budget: int) -> int:
    if budget < costs.least:
        raise ValueError(f"{budget} bytes are too few: the fewest bits offered take {costs.least}; choose that or more")
    return budget


def _greedy(costs: LayerCosts, budget: int) -> list[int]:
    rows = np.arange(len(costs.layers))
    choice = np.lexsort((costs.loss, costs.bytes), axis=1)[:, 0]
    while True:
        more = costs.bytes - costs.bytes[rows, choice][:, None]  # (L, B)
        gain = costs.loss[rows, choice][:, None] - costs.loss
        fits = (gain > 0) & (costs.bytes[rows, choice].sum() + more <= budget)
        if not fits.any():
            return choice.tolist()
        rate = np.where(fits, gain / np.maximum(more, ROUNDING), -np.inf)  # what costs no byte goes first
        layer, option = np.unravel_index(np.argmax(rate), rate.shape)
        choice[layer] = option


def _hopeful(costs: LayerCosts, done: int, sizes: np.ndarray, losses: np.ndarray, budget: int, best: float) -> np.ndarray:
    """Places of the pairs that fit and from which the remaining layers may still lead to less than ``best``."""
    hull_bytes, hull_loss = costs.bounds[done]
    slack = ROUNDING * (1 + np.abs(costs.loss).max() * len(costs.layers))
    bound = losses + np.interp(budget - sizes, hull_bytes, hull_loss)
    return np.flatnonzero((sizes + hull_bytes[0] <= budget) & (bound <= best + slack))
