"""How much each layer minds being pruned: the divergence of the answers when it alone loses a share of its weights.

Measured on the calibration images, in bits, so that no share is chosen by looking at the test; the batch norms follow. Kept on
disk, named by what was measured and the code that did it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from quantlab.networks.engine.compress.shrink import Answers, Shrinker, alone_pruned
from quantlab.networks.engine.layer_costs import divergence
from quantlab.networks.shrinking import ALONE_SHARES, WHOLE
from quantlab.progress import Steps


def known_pruning_costs(of: Shrinker, shares: Sequence[int] = ALONE_SHARES) -> np.ndarray | None:
    """What ``pruning_cost_steps`` found before and kept; None where there is nothing that fits."""
    costs = of.store.get(_key(of, shares))
    fits = costs is not None and costs.dtype == np.float64 and costs.shape == (len(of.magnitudes), len(shares))
    return costs if fits else None


def pruning_cost_steps(of: Shrinker, shares: Sequence[int] = ALONE_SHARES) -> Steps[np.ndarray]:
    """Divergence in bits, float64 (layers, shares); yields (done, total). What is known already is read from disk."""
    yield 0, 1
    if (known := known_pruning_costs(of, shares)) is not None:
        return known
    answers = Answers(of.network, replace(of.data, test=of.data.calibration), len(of.data.calibration))
    costs = np.zeros((len(of.magnitudes), len(shares)))
    for row, name in enumerate(of.magnitudes):
        for column, share in enumerate(shares):
            yield row * len(shares) + column, costs.size
            costs[row, column] = divergence(answers.reference, answers.evaluate(alone_pruned(of, name, share)).logits)
    of.store.put(_key(of, shares), costs)
    return costs


def _key(of: Shrinker, shares: Sequence[int]) -> str:
    return hashlib.sha256(f"pruning costs {of.key(WHOLE)} {list(shares)}".encode()).hexdigest()[:40]
