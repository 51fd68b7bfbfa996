"""Migration of activations' outliers into the weights that read them, as SmoothQuant does.

    s_j = max |X_j|^a / max |W_j|^(1 - a),     X_j / s_j and W_j s_j,     a = 1/2

The division goes into the layer before, where one stands before. There it was meant for a norm, whose own scales are free;
here it changes the ranges of that layer's weights too, for better or worse.
Source: Xiao et al. 2023, arXiv:2211.10438, equation 4.
"""

from __future__ import annotations

import numpy as np

from quantlab.networks.engine.models import Network
from quantlab.networks.engine.repair._flow import channel_maxima
from quantlab.networks.engine.repair._pairs import columns, pairs, rescaled
from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import ALPHA, REPAIRS
from quantlab.progress import Steps


def scales(activations: np.ndarray, weights: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """s of every channel, float64 (channels,); the largest magnitudes (channels,) of what flows in and of what reads it.

    >>> scales(np.array([16.0, 1.0]), np.array([1.0, 4.0])).tolist()  # sqrt(16) / sqrt(1), sqrt(1) / sqrt(4)
    [4.0, 0.5]
    """
    alive = (activations > 0) & (weights > 0)
    a, w = np.where(alive, activations, 1.0), np.where(alive, weights, 1.0)
    return a**alpha / w ** (1 - alpha)


def migrated(network: Network, pixels: np.ndarray) -> Network:
    """The network with migrated outliers; ``pixels`` uint8 (N, H, W, C) show the activations."""
    maxima = channel_maxima(network, pixels)  # of the trained network: a pair's scale changes no other pair's activations
    for pair in pairs(network):
        step = network.steps[pair.second]
        s = scales(maxima[step.name], np.abs(columns(step.layer)).max(axis=1))
        network = rescaled(network, pair, s)
    return network


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece with migrated outliers."""
    yield 0, 1
    return piece.with_network(migrated(piece.network, piece.pixels[: piece.setting.calibration]))


METHOD = Method(REPAIRS["smooth"], apply)
