"""Second moments of what a layer multiplies, and the error of its output that follows from them.

    H = X Xᵀ / n,     |(W - Wq) X|² / n = sum over rows d of (W - Wq) of  d H dᵀ

A convolution is a matrix (out, K) that reads patches of K values; one of G groups has a matrix and an H for each group.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.functional import unfold

from quantlab.networks.engine.models import Weighted

BATCH = 50  # images; their patches stay small


def groups_of(layer: Weighted) -> int:
    """The number of groups whose rows read channels of their own."""
    return layer.groups if isinstance(layer, nn.Conv2d) else 1


@torch.inference_mode()
def moments(layer: Weighted, x: torch.Tensor) -> np.ndarray:
    """H of each group, float64 (G, K, K); x (N, ...) is what the layer multiplies."""
    size = layer.weight[0].numel()
    total, count = torch.zeros(groups_of(layer), size, size, dtype=torch.float64), 0
    for batch in x.split(BATCH):
        patches = _patches(layer, batch)  # (n, G, K)
        total += torch.einsum("ngi,ngj->gij", patches, patches).double()
        count += len(patches)
    return (total / count).numpy()


def _patches(layer: Weighted, x: torch.Tensor) -> torch.Tensor:
    """Every patch that the layer multiplies, float32 (n, G, K)."""
    if isinstance(layer, nn.Linear):
        return x.reshape(-1, 1, x.shape[-1])
    spread = unfold(x, layer.kernel_size, layer.dilation, _padding(layer), layer.stride)  # (N, G K, places)
    return spread.transpose(1, 2).reshape(-1, layer.groups, spread.shape[1] // layer.groups)


def _padding(layer: nn.Conv2d) -> tuple[int, ...]:
    if isinstance(layer.padding, str) or layer.padding_mode != "zeros":
        raise ValueError(f"a convolution padded by {layer.padding!r}, {layer.padding_mode} is not supported; pad by numbers of zeros")
    return tuple(layer.padding)


def by_group(weight: np.ndarray, groups: int) -> np.ndarray:
    """A matrix (out, K) as (G, out / G, K)."""
    return weight.reshape(groups, -1, weight.shape[1])


def output_error(difference: np.ndarray, h: np.ndarray) -> np.ndarray:
    """The mean squared error of each row's output, float64 (out,); difference : W - Wq (out, K), h : (G, K, K).

    >>> output_error(np.array([[1.0, -1.0]]), np.array([[[2.0, 1.0], [1.0, 2.0]]])).tolist()  # 2 - 1 - 1 + 2
    [2.0]
    """
    d = by_group(difference.astype(np.float64), len(h))
    return np.einsum("gok,gkl,gol->go", d, h, d, optimize=True).ravel()
