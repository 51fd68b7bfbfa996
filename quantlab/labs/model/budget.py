"""Bytes for a whole model file, shared out over its tensors: one option each, the least summed error within the budget.

Up to ``EXACT`` tensors the plan is the knapsack's exact answer. Of more it is the greedy one, and how far it can be from the best is
told by the knapsack whose options may be mixed: its loss is no larger than any plan's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.model_file.measuring import Measured
from quantlab.model_file.options import Option
from quantlab.networks.budget import LayerCosts, exact, greedy

EXACT = 32


@dataclass(frozen=True)
class Shared:
    """A plan within a budget. loss : summed error. least : no plan within the budget has less. exact : whether loss is the least."""

    plan: dict[str, Option | None]
    nbytes: int
    loss: float
    least: float
    exact: bool


def share_out(measured: Sequence[Measured], choices: Sequence[Option], budget: int, kept: frozenset[str] = frozenset()) -> Shared:
    """The plan for all tensors that were measured. budget : bytes of the whole file. kept : tensors that a rule leaves as they are.

    Raises ValueError where even the fewest bits do not fit, with how many bytes they take.
    """
    free = [m for m in measured if m.errors and m.tensor.name not in kept]
    if not free:
        raise ValueError("No tensor of this file can be quantized under these rules; leave fewer of them.")
    fixed = sum(m.tensor.nbytes for m in measured) - sum(m.tensor.nbytes for m in free)
    sizes = np.array([[m.tensor.nbytes, *(o.nbytes(m.tensor.layout) for o in choices)] for m in free], np.int64)
    losses = np.array([[0.0, *(m.loss(o.slug) for o in choices)] for m in free])
    costs = LayerCosts(tuple(m.tensor.name for m in free), tuple(range(len(choices) + 1)), sizes, losses)
    if budget - fixed < costs.least:
        raise ValueError(f"{budget} bytes are too few: the fewest bits offered take {costs.least + fixed}; allow that or more.")
    found = (exact if len(free) <= EXACT else greedy)(costs, budget - fixed)
    least = float(np.interp(budget - fixed, *costs.bounds[0]))
    table: tuple[Option | None, ...] = (None, *choices)
    plan: dict[str, Option | None] = {name: table[i] for name, i in found.bits}
    return Shared(plan, found.bytes + fixed, found.loss, found.loss if len(free) <= EXACT else least, len(free) <= EXACT)
