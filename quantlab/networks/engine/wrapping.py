"""torchvision's networks as lists of steps: module by module, skip connections as what a step reads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any  # torchvision's classes, whose parts go by names that only they have

import torch
from torch import nn

from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.preprocessing import fold_normalization


class Add(nn.Module):
    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a + b


class Steps:
    """Steps as they are added; each reads the one before unless told otherwise."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    @property
    def last(self) -> int:
        return len(self.steps) - 1

    def add(self, name: str, module: nn.Module, *reads: int) -> None:
        self.steps.append(Step(name, module, reads or (self.last,)))

    def add_first_convolution(self, name: str, conv: nn.Conv2d, mean: Sequence[float], std: Sequence[float]) -> None:
        """The first convolution, which learnt on normalized pictures and here gets them from 0 to 1."""
        border, new = fold_normalization(conv, mean, std)
        self.add("border", border)
        self.add(name, new)


def mobilenet_v2(model: Any, mean: Sequence[float], std: Sequence[float]) -> list[Step]:
    """Inverted residuals: 1 x 1 up, 3 x 3 in each channel, 1 x 1 down, and round them where the shape stays."""
    steps = Steps()
    first, *blocks, final = model.features
    steps.add_first_convolution("conv1", first[0], mean, std)
    _norm_relu(steps, "conv1", first[1], nn.ReLU6)
    for i, block in enumerate(blocks, 1):
        before = steps.last
        *activated, project, norm = block.conv
        for name, part in zip(("expand", "depth")[-len(activated) :], activated, strict=True):
            steps.add(f"block{i}_{name}", part[0])
            _norm_relu(steps, f"block{i}_{name}", part[1], nn.ReLU6)
        steps.add(f"block{i}_project", project)
        steps.add(f"block{i}_project_norm", norm)
        if block.use_res_connect:
            steps.add(f"block{i}_sum", Add(), before, steps.last)
    steps.add("conv2", final[0])
    _norm_relu(steps, "conv2", final[1], nn.ReLU6)
    return _headed(steps, model.classifier[-1])


def resnet18(model: Any, mean: Sequence[float], std: Sequence[float]) -> list[Step]:
    """Blocks of two 3 x 3 convolutions, round which the input goes: as it is, or through a 1 x 1 convolution."""
    steps = Steps()
    steps.add_first_convolution("conv1", model.conv1, mean, std)
    _norm_relu(steps, "conv1", model.bn1, nn.ReLU)
    steps.add("pool1", model.maxpool)
    for i, layer in enumerate((model.layer1, model.layer2, model.layer3, model.layer4), 1):
        for j, block in enumerate(layer, 1):
            name, before = f"block{i}_{j}", steps.last
            steps.add(f"{name}_conv1", block.conv1)
            _norm_relu(steps, f"{name}_conv1", block.bn1, nn.ReLU)
            steps.add(f"{name}_conv2", block.conv2)
            steps.add(f"{name}_conv2_norm", block.bn2)
            main = steps.last
            if block.downsample is not None:
                steps.add(f"{name}_round", block.downsample[0], before)
                steps.add(f"{name}_round_norm", block.downsample[1])
                before = steps.last
            steps.add(f"{name}_sum", Add(), main, before)
            steps.add(f"{name}_relu", nn.ReLU())
    return _headed(steps, model.fc)


def wrap(
    slug: str, title: str, model: nn.Module, as_steps: Callable[..., list[Step]], mean: Sequence[float], std: Sequence[float]
) -> Network:
    """The model as a network, evaluating; it reads pictures from 0 to 1. ``as_steps`` : one of the functions above."""
    steps = as_steps(copy.deepcopy(model), mean, std)
    for step in steps:
        step.module.eval().requires_grad_(False)
    return Network(slug, title, tuple(steps))


def _norm_relu(steps: Steps, name: str, norm: nn.Module, relu: Callable[[], nn.Module]) -> None:
    """Batch norm and a ReLU of its own: torchvision's work in place, and what a step gave may be read again."""
    steps.add(f"{name}_norm", norm)
    steps.add(f"{name}_relu", relu())


def _headed(steps: Steps, answer: nn.Module) -> list[Step]:
    steps.add("mean", nn.AdaptiveAvgPool2d(1))
    steps.add("flat", nn.Flatten())
    steps.add("answer", answer)
    return steps.steps
