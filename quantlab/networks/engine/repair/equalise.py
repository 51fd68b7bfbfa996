"""Cross-layer equalisation: every channel gets the same range in the layer that writes it and in the one that reads it.

    r1_i = max |W1_i|  (row i),     r2_i = max |W2_i|  (column i),     s_i = sqrt(r1_i r2_i) / r2_i
    W1_i / s_i and W2_i s_i  then both have the range sqrt(r1_i r2_i)

A layer stands in two pairs, so the pairs are gone through until no scale moves. A channel that is all zero on one side
stays as it is. Source: Nagel et al. 2019, arXiv:1906.04721, section 4.1.
"""

from __future__ import annotations

import numpy as np

from quantlab.networks.engine.models import Network
from quantlab.networks.engine.repair._pairs import columns, pairs, rescaled, rows
from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import REPAIRS
from quantlab.progress import Steps

ROUNDS = 60
STILL = 1e-4  # a scale that differs from 1 by less moves nothing


def scales(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """s of every channel, float64 (channels,); first, second : ranges (channels,) in the two layers, 0 or more.

    >>> scales(np.array([8.0, 1.0, 0.0]), np.array([2.0, 4.0, 3.0])).tolist()  # sqrt(8 / 2), sqrt(1 / 4), and one that is empty
    [2.0, 0.5, 1.0]
    """
    alive = (first > 0) & (second > 0)
    return np.sqrt(np.divide(first, second, out=np.ones_like(first), where=alive))


def equalised(network: Network) -> Steps[Network]:
    """The network with equal ranges; yields (done, total)."""
    every = pairs(network)
    for turn in range(ROUNDS):
        yield turn, ROUNDS
        moved = 0.0
        for pair in every:
            first, second = network.steps[pair.first].layer, network.steps[pair.second].layer
            s = scales(np.abs(rows(first)).max(axis=1), np.abs(columns(second)).max(axis=1))
            network = rescaled(network, pair, s)
            moved = max(moved, float(np.abs(s - 1).max()))
        if moved < STILL:
            break
    return network


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece with equal ranges."""
    return piece.with_network((yield from equalised(piece.network)))


METHOD = Method(REPAIRS["equalise"], apply)
