"""Which plans are beaten by no other in both bytes and loss? All of them, layer after layer; of many layers a part.

A plan of the first layers that another one beats can lead to no best plan, since bytes and losses only add. Where the
unbeaten ones become too many, the corners of their lower hull stand for them: each is the best plan of its bytes.
"""

from __future__ import annotations

import numpy as np

from quantlab.networks.budget import Table
from quantlab.networks.hulls import undominated

MOST = 20_000


def frontier(table: Table, most: int = MOST) -> tuple[np.ndarray, np.ndarray]:
    """Bytes (rising) and losses (falling) of the unbeaten plans; of their lower hull's corners where there are more than ``most``.

    >>> table = Table(("a", "b"), (2, 4), np.array([[10, 20], [10, 25]]), np.array([[5.0, 0], [6, 0]]))
    >>> [x.tolist() for x in frontier(table)]
    [[20, 30, 35, 45], [11.0, 6.0, 5.0, 0.0]]
    """
    sizes, losses = np.zeros(1, np.int64), np.zeros(1)
    for row in range(len(table.layers)):
        more, less = (sizes[:, None] + table.bytes[row]).ravel(), (losses[:, None] + table.loss[row]).ravel()
        kept = undominated(more, less)
        sizes, losses = more[kept], less[kept]
        if len(sizes) > most:
            return table.bounds[0]
    return sizes, losses
