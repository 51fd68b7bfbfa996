"""Batch-norm folding: the norm moves into the weights of the convolution before it.

    y = g (W x + b - m) / sqrt(v + eps) + c   =   (k W) x + (k (b - m) + c),     k = g / sqrt(v + eps)

with m and v the running mean and variance and k one factor an output channel: channels whose variance is small get
large weights, and with one scale a tensor they set the step for all.
Source: Jacob et al. 2018, arXiv:1712.05877, section 3.2.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

from quantlab.networks.engine.models import Network, Step, Weighted


def fold(network: Network) -> Network:
    """The same network without the batch norms that follow a convolution or linear layer alone."""
    readers = [[i for i, s in enumerate(network.steps) if place in s.reads] for place in range(len(network.steps))]
    moved: dict[int, int] = {-1: -1}  # place before -> place after
    steps: list[Step] = []
    for place, step in enumerate(network.steps):
        source = step.reads[0]
        if isinstance(step.module, nn.BatchNorm1d | nn.BatchNorm2d) and source >= 0 and readers[source] == [place]:
            before = moved[source]
            if steps[before].weighted:
                steps[before] = steps[before].with_module(fold_norm(steps[before].layer, step.module))
                moved[place] = before
                continue
        steps.append(Step(step.name, step.module, tuple(moved[i] for i in step.reads)))
        moved[place] = len(steps) - 1
    return Network(network.slug, network.title, tuple(steps))


@torch.no_grad()
def fold_norm(layer: Weighted, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> Weighted:
    """A copy of the layer that does what it and the norm (in evaluation) do; computed in float64."""
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError(
            "this batch norm keeps no running mean and variance, so there is nothing fixed to fold; train with track_running_stats"
        )
    new = copy.deepcopy(layer)
    weight, mean, variance = new.weight.double(), norm.running_mean.double(), norm.running_var.double()
    gain = norm.weight.double() if norm.affine else torch.ones_like(mean)
    shift = norm.bias.double() if norm.affine else torch.zeros_like(mean)
    bias = new.bias.double() if new.bias is not None else torch.zeros_like(mean)
    k = gain / torch.sqrt(variance + norm.eps)  # (out,)
    new.weight = nn.Parameter((weight * k.reshape(-1, *[1] * (weight.ndim - 1))).float(), requires_grad=False)
    new.bias = nn.Parameter((k * (bias - mean) + shift).float(), requires_grad=False)
    return new
