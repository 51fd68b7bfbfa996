"""Fine-tuning of a network whose weights are made of fewer numbers: pruned ones, or centroids.

    W = mask * values        or        W = mask * codebook[codes]

Gradients reach what W is made of: a pruned weight none, a centroid the sum of those of all its weights (Han et al. 2016,
section 3.3). Biases and batch norms learn too. Adam under a one-cycle learning rate, fixed seeds, one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from quantlab.networks.data import Images
from quantlab.networks.engine.models import Network, tensor_of
from quantlab.progress import Steps

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]  # of logits, labels, places of the images among all


class Form(Protocol):
    """What a weight is made of: the numbers that learn, and the weight that follows from them."""

    @property
    def numbers(self) -> nn.Parameter: ...
    def weight(self) -> torch.Tensor: ...


@dataclass(frozen=True, eq=False)
class Kept:
    """Weights under a mask. numbers, mask : of the weight's shape."""

    numbers: nn.Parameter
    mask: torch.Tensor

    def weight(self) -> torch.Tensor:
        return self.numbers * self.mask


@dataclass(frozen=True, eq=False)
class Shared:
    """Weights that are centroids. numbers : (K,). codes : int64 (kept,). mask : bool of the weight's shape."""

    numbers: nn.Parameter
    codes: torch.Tensor
    mask: torch.Tensor

    def weight(self) -> torch.Tensor:
        dense = torch.zeros(self.mask.shape)
        return dense.masked_scatter(self.mask, self.numbers[self.codes])


@dataclass(frozen=True)
class Tuning:
    """How long and how fast. rate : the largest learning rate. batch : images a step. seed : of the order of images."""

    epochs: int
    rate: float = 2e-3
    batch: int = 100
    seed: int = 0


def right_answers(logits: torch.Tensor, labels: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The cross-entropy of the labels, the loss of ordinary training."""
    return cross_entropy(logits, labels)


def tune_steps(network: Network, forms: Mapping[str, Form], images: Images, tuning: Tuning, loss: Loss = right_answers) -> Steps[None]:
    """Changes the numbers of ``forms``, biases and batch norms in place; yields (batches done, batches).

    forms : state name of a weight -> what it is made of. The weights of the network itself stay as they are.
    """
    modules = network.modules.train()
    learns = [*(form.numbers for form in forms.values()), *(p for name, p in modules.named_parameters() if name not in forms)]
    pixels, labels = tensor_of(images.pixels).contiguous(memory_format=torch.channels_last), torch.from_numpy(images.labels)
    batches = max(len(labels) // tuning.batch, 1)
    total = tuning.epochs * batches
    for p in learns:
        p.requires_grad_(True)
    optimizer = torch.optim.Adam(learns, lr=tuning.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, tuning.rate, total_steps=total)
    draw = torch.Generator().manual_seed(tuning.seed)
    for epoch in range(tuning.epochs):
        order = torch.randperm(len(labels), generator=draw)
        for i, batch in enumerate(order[: batches * tuning.batch].split(tuning.batch)):
            yield epoch * batches + i, total
            optimizer.zero_grad()
            logits = answers(network, {name: form.weight() for name, form in forms.items()}, pixels[batch])
            loss(logits, labels[batch], batch).backward()
            optimizer.step()
            schedule.step()
    modules.eval()
    for p in learns:
        p.requires_grad_(False)


def answers(network: Network, weights: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The network's logits with these weights, state name -> tensor, in place of its own."""
    results: list[torch.Tensor] = []
    for step in network.steps:
        own, inputs = f"{step.name}.weight", tuple(x if i < 0 else results[i] for i in step.reads)
        results.append(functional_call(step.module, {"weight": weights[own]}, inputs) if own in weights else step.module(*inputs))
    return results[-1]


def weight_names(network: Network) -> Sequence[str]:
    """The state names of the weights of all layers, from first to last."""
    return [f"{layer}.weight" for layer in network.layers]
