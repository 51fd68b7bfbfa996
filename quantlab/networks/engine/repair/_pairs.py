"""Channels that pass from one layer to the next, and scales that move between the two layers.

    W2 f(W1 x + b1) = (W2 S) f(S⁻¹ W1 x + S⁻¹ b1)     for a diagonal S > 0, as f(s x) = s f(x)

holds where nothing but ReLU, pooling and flattening stands between the layers, and nothing else reads what lies between.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from quantlab.networks.engine.models import Network, Step, Weighted

HOMOGENEOUS = (nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Dropout, nn.Identity)


@dataclass(frozen=True)
class Pair:
    """Two layers whose channels correspond one to one: places of their steps."""

    first: int
    second: int


def pairs(network: Network) -> tuple[Pair, ...]:
    """All pairs of a network, from the first layer on."""
    readers = [[i for i, s in enumerate(network.steps) if place in s.reads] for place in range(len(network.steps))]
    found = []
    for place, step in enumerate(network.steps):
        if step.weighted and (second := _next_layer(network, readers, place)) is not None:
            found.append(Pair(place, second))
    return tuple(found)


def _next_layer(network: Network, readers: Sequence[Sequence[int]], place: int) -> int | None:
    """The weighted step that alone reads this one, through steps that keep a channel's scale; None where there is none."""
    one_value = False  # a channel is one value by now, so that flattening keeps channels apart
    while len(readers[place]) == 1:
        place = readers[place][0]
        module = network.steps[place].module
        if network.steps[place].weighted:
            return place
        one_value = one_value or (isinstance(module, nn.AdaptiveAvgPool2d) and module.output_size in (1, (1, 1)))
        if not isinstance(module, HOMOGENEOUS) and not (isinstance(module, nn.Flatten) and one_value):
            return None
    return None


def rows(layer: Weighted) -> np.ndarray:
    """The weights of each output channel, float64 (out, K)."""
    return layer.weight.detach().double().flatten(1).numpy()


def columns(layer: Weighted) -> np.ndarray:
    """The weights that read each input channel, float64 (in, M): of a grouped convolution those of the channel's own group."""
    weight = layer.weight.detach().double().numpy()
    groups = layer.groups if isinstance(layer, nn.Conv2d) else 1
    per_group = weight.reshape(groups, len(weight) // groups, weight.shape[1], -1)  # (G, out/G, in/G, side²)
    return per_group.transpose(0, 2, 1, 3).reshape(groups * weight.shape[1], -1)  # (in, out/G * side²)


def rescaled(network: Network, pair: Pair, scale: np.ndarray) -> Network:
    """The network whose first layer's channels are divided by ``scale`` (channels,), and read times it by the second."""
    steps = list(network.steps)
    for place, change in ((pair.first, _divided), (pair.second, _multiplied)):
        steps[place] = change(steps[place], torch.from_numpy(scale))
    return Network(network.slug, network.title, tuple(steps))


def _divided(step: Step, scale: torch.Tensor) -> Step:
    layer = copy.deepcopy(step.layer)
    _set(layer.weight, layer.weight.double() / scale.reshape(-1, *[1] * (layer.weight.ndim - 1)))
    if layer.bias is not None:
        _set(layer.bias, layer.bias.double() / scale)
    return step.with_module(layer)


def _multiplied(step: Step, scale: torch.Tensor) -> Step:
    layer = copy.deepcopy(step.layer)
    weight = layer.weight.double()
    groups = layer.groups if isinstance(layer, nn.Conv2d) else 1
    per_group = scale.reshape(groups, 1, weight.shape[1]).expand(-1, len(weight) // groups, -1)  # (G, out/G, in/G)
    _set(layer.weight, weight * per_group.reshape(len(weight), weight.shape[1], *[1] * (weight.ndim - 2)))
    return step.with_module(layer)


@torch.no_grad()
def _set(parameter: torch.Tensor, value: torch.Tensor) -> None:
    parameter.copy_(value.float())
