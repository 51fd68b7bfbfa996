"""Batch norms after the weights before them have changed: their statistics estimated anew, and moved into two numbers a channel.

    y = g (x - m) / sqrt(v + eps) + c   =   g' x / sqrt(1 + eps) + c'        g' = g sqrt((1 + eps) / (v + eps)),  c' = c - g m / sqrt(v + eps)

A file then holds g' and c', and a norm with mean 0 and variance 1 says the rest. Estimating needs images and no labels.
Source: Sun et al. 2019, Hybrid 8-bit training (appendix), arXiv:1805.11046 for re-estimation after quantization.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from quantlab.networks.data import Images
from quantlab.networks.engine.models import Network, release, tensor_of
from quantlab.networks.engine.states import with_state

IMAGES = 200  # that statistics are measured on
Norm = nn.BatchNorm1d | nn.BatchNorm2d


def norms_of(network: Network) -> dict[str, Norm]:
    """name -> batch norm."""
    return {step.name: step.module for step in network.steps if isinstance(step.module, Norm)}


def estimate_norms(network: Network, images: Images) -> None:
    """Changes means and variances in place to those of what now flows into each norm, the first norm first."""
    _walk(network, images, _measure)


def open_norms(network: Network, images: Images) -> None:
    """The same function with means and variances measured on these images, and gains and shifts that make up for it.

    So norms can follow a change of the weights that comes after: without one, ``estimate_norms`` changes nothing.
    """

    def opened(norm: Norm, x: torch.Tensor) -> None:
        gain, shift = _line(norm)
        _measure(norm, x)
        mean, spread = _statistics(norm)
        norm.weight.copy_(gain * spread)
        norm.bias.copy_(shift + gain * mean)

    _walk(network, images, opened)


@torch.no_grad()
def _walk(network: Network, images: Images, at_norm: Callable[[Norm, torch.Tensor], None]) -> None:
    """Sends the images through the network; each norm and what flows into it are shown before it answers."""
    last, results = network.last_reader(), {-1: tensor_of(images.first(IMAGES).pixels).contiguous(memory_format=torch.channels_last)}
    for place, step in enumerate(network.steps):
        inputs = tuple(results[i] for i in step.reads)
        if isinstance(step.module, Norm):
            at_norm(step.module, inputs[0])
        results[place] = step.module(*inputs)
        release(results, last, place)


def _measure(norm: Norm, x: torch.Tensor) -> None:
    """Sets the mean and variance of each channel of x (N, C, ...)."""
    assert norm.running_mean is not None and norm.running_var is not None
    rows = x.movedim(1, 0).reshape(x.shape[1], -1)
    mean = rows.mean(dim=1, keepdim=True)
    norm.running_mean.copy_(mean[:, 0])
    norm.running_var.copy_((rows - mean).square_().mean(dim=1))  # torch.var_mean takes three to ten times as long


def _statistics(norm: Norm) -> tuple[torch.Tensor, torch.Tensor]:
    """m and sqrt(v + eps), float64 (C,)."""
    assert norm.running_mean is not None and norm.running_var is not None
    return norm.running_mean.double(), torch.sqrt(norm.running_var.double() + norm.eps)


def _line(norm: Norm) -> tuple[torch.Tensor, torch.Tensor]:
    """Factor and addend of what it does to a channel, float64 (C,)."""
    mean, spread = _statistics(norm)
    factor = norm.weight.detach().double() / spread
    return factor, norm.bias.detach().double() - factor * mean


def settled_state(network: Network) -> dict[str, np.ndarray]:
    """The network's state as a file holds it: float32 arrays, norms as g' and c' alone."""
    norms = norms_of(network)
    state = {name: value.numpy().copy() for name, value in network.modules.state_dict().items() if name.rpartition(".")[0] not in norms}
    for name, norm in norms.items():
        factor, addend = _line(norm)
        state[f"{name}.weight"] = (factor * (1 + norm.eps) ** 0.5).float().numpy()
        state[f"{name}.bias"] = addend.float().numpy()
    return {name: state[name] for name in network.modules.state_dict() if name in state}


def with_settled(like: Network, state: dict[str, np.ndarray], name: str = "the file") -> Network:
    """The network of a settled state, in the shape of ``like``; ValueError in one sentence where it does not fit."""
    tensors = {key: torch.from_numpy(value) for key, value in state.items()}
    for norm, module in norms_of(like).items():
        tensors[f"{norm}.running_mean"] = torch.zeros(module.num_features)
        tensors[f"{norm}.running_var"] = torch.ones(module.num_features)
    return with_state(like, tensors, name)
