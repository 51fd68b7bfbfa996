"""How much each layer minds being pruned: the divergence of the answers when it alone loses a share of its weights.

Measured on the calibration images, in bits, so that no share is chosen by looking at the test; the batch norms follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from quantlab.networks.engine.compress.shrink import Answers, Shrinker, alone_pruned
from quantlab.networks.engine.layer_costs import divergence
from quantlab.networks.shrinking import ALONE_SHARES
from quantlab.progress import Steps


def pruning_cost_steps(of: Shrinker, shares: Sequence[int] = ALONE_SHARES) -> Steps[np.ndarray]:
    """Divergence in bits, float64 (layers, shares); yields (done, total)."""
    answers = Answers(of.network, replace(of.data, test=of.data.calibration), len(of.data.calibration))
    costs = np.zeros((len(of.magnitudes), len(shares)))
    for row, name in enumerate(of.magnitudes):
        for column, share in enumerate(shares):
            yield row * len(shares) + column, costs.size
            costs[row, column] = divergence(answers.reference, answers.evaluate(alone_pruned(of, name, share)).logits)
    return costs
