"""Networks as lists of steps, each with a name, a torch module and the results it reads.

A step reads by default what the one before it gave; others name it by its place, so that skip connections fit too and
everything before a changed step can be reused. Steps take and give float32 (N, C, H, W) or (N, C); the first reads
pixels divided by 255.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import nn

Weighted = nn.Conv2d | nn.Linear

torch.set_num_threads(1)  # batches run on threads of ours: torch's own wait for each other after every operation


@dataclass(frozen=True, eq=False)
class Step:
    """``reads`` : places of the results it takes, -1 the network's input; result i is that of step i."""

    name: str
    module: nn.Module
    reads: tuple[int, ...]

    @property
    def weighted(self) -> bool:
        return isinstance(self.module, Weighted)

    @property
    def layer(self) -> Weighted:
        """The module of a weighted step."""
        return cast(Weighted, self.module)

    def with_module(self, module: nn.Module) -> Step:
        return replace(self, module=module)


@dataclass(frozen=True, eq=False)
class Network:
    """Steps in the order of computing; the last gives the logits (N, classes)."""

    slug: str
    title: str
    steps: tuple[Step, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the steps that have weights."""
        return tuple(step.name for step in self.steps if step.weighted)

    @property
    def modules(self) -> nn.ModuleDict:
        """All steps under their names: what is trained, saved and loaded."""
        return nn.ModuleDict({step.name: step.module for step in self.steps})

    @property
    def parameters(self) -> int:
        """The number of learnt numbers, batch norms among them."""
        return sum(p.numel() for p in self.modules.parameters())

    def last_reader(self) -> list[int]:
        """The place of the last step that reads each result; the logits outlive all steps."""
        last = [len(self.steps)] * len(self.steps)
        for place in range(len(self.steps) - 1):
            last[place] = max((i for i, step in enumerate(self.steps) if place in step.reads), default=place)
        return last

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        results: list[torch.Tensor] = []
        for step in self.steps:
            results.append(step.module(*(x if i < 0 else results[i] for i in step.reads)))
        return results[-1]


def release(results: dict[int, torch.Tensor], last: Sequence[int], place: int) -> None:
    """Drops what no step after ``place`` reads, by ``last_reader``; the input, at -1, stays."""
    for i in [i for i in results if 0 <= i <= place and last[i] <= place]:
        del results[i]


def chain(slug: str, title: str, parts: list[tuple[str, nn.Module]]) -> Network:
    """A network each of whose steps reads the one before it."""
    return Network(slug, title, tuple(Step(name, module, (i - 1,)) for i, (name, module) in enumerate(parts)))


def _conv(name: str, into: int, out: int, side: int = 3, stride: int = 1, groups: int = 1) -> list[tuple[str, nn.Module]]:
    """Convolution, batch norm, ReLU."""
    conv = nn.Conv2d(into, out, side, stride, side // 2, groups=groups, bias=False)
    return [(name, conv), (f"{name}_norm", nn.BatchNorm2d(out)), (f"{name}_relu", nn.ReLU())]


def _head(into: int, classes: int) -> list[tuple[str, nn.Module]]:
    return [("mean", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten()), ("answer", nn.Linear(into, classes))]


def plain(channels: int = 3, classes: int = 20, width: float = 1.0) -> Network:
    """Four convolutions of 3 x 3 and a linear layer, about three million multiplications an image. width : of all layers, as a factor.

    >>> plain().parameters, plain(width=0.5).parameters
    (62660, 16364)
    """
    a, b, c, d = (round(width * n) for n in (16, 32, 48, 96))
    parts: list[tuple[str, nn.Module]] = []
    for i, (into, out) in enumerate([(channels, a), (a, b), (b, c), (c, d)], 1):
        parts += _conv(f"conv{i}", into, out)
        parts += [(f"pool{i}", nn.MaxPool2d(2))] if i < 4 else []
    return chain("plain", "Plain CNN", parts + _head(d, classes))


def depthwise(channels: int = 3, classes: int = 20) -> Network:
    """One filter a channel, then 1 x 1 across the channels, as in MobileNet (Howard et al. 2017, arXiv:1704.04861).

    >>> depthwise().parameters
    37956
    """
    parts = _conv("conv1", channels, 24, stride=2)
    for i, (into, out, stride) in enumerate([(24, 48, 1), (48, 96, 2), (96, 96, 1), (96, 160, 2)], 2):
        parts += _conv(f"depth{i}", into, into, 3, stride, groups=into) + _conv(f"point{i}", into, out, 1)
    return chain("depthwise", "Depthwise CNN", parts + _head(160, classes))


def small(channels: int = 1, classes: int = 10) -> Network:
    """Two convolutions and a linear layer for digits of 8 x 8 pixels.

    >>> small().parameters
    5178
    """
    parts = _conv("conv1", channels, 16) + [("pool1", nn.MaxPool2d(2))] + _conv("conv2", 16, 32)
    return chain("small", "Small CNN", parts + _head(32, classes))


@dataclass(frozen=True)
class Model:
    """A shipped network: how to build it, also for other channels and classes, and the data it learnt (a slug of ``data.DATA``)."""

    slug: str
    build: Callable[..., Network]
    data: str


MODELS = {m.slug: m for m in (Model("plain", plain, "patches"), Model("depthwise", depthwise, "patches"), Model("small", small, "digits"))}


def tensor_of(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (N, H, W, C) as float32 (N, C, H, W) from 0 to 1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float() / 255
