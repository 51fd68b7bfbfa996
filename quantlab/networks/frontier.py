"""The Pareto frontier of plans: those beaten by no other in both bytes and loss; of many layers a part of them.

A plan of the first layers that another one beats can lead to no best plan, since bytes and losses only add. Where the
unbeaten ones become too many, the corners of their lower hull stand for them: each is the best plan of its bytes.
"""

from __future__ import annotations

import numpy as np

from quantlab.networks.budget import LayerCosts
from quantlab.networks.hulls import undominated

MOST = 20_000


def frontier(costs: LayerCosts, most: int = MOST) -> tuple[np.ndarray, np.ndarray]:
    """Bytes (rising) and losses (falling) of the unbeaten plans; of their lower hull's corners where there are more than ``most``.

    >>> costs = LayerCosts(("a", "b"), (2, 4), np.array([[10, 20], [10, 25]]), np.array([[5.0, 0], [6, 0]]))
    >>> [x.tolist() for x in frontier(costs)]
    [[20, 30, 35, 45], [11.0, 6.0, 5.0, 0.0]]
    """
    sizes, losses = np.zeros(1, np.int64), np.zeros(1)
    for row in range(len(costs.layers)):
        more, less = (sizes[:, None] + costs.bytes[row]).ravel(), (losses[:, None] + costs.loss[row]).ravel()
        best = undominated(more, less)
        sizes, losses = more[best], less[best]
        if len(sizes) > most:
            return costs.bounds[0]
    return sizes, losses
