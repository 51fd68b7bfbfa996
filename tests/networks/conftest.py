"""Networks to test with: the shipped ones on few images, and one with a skip connection."""

import pytest
import torch
from torch import nn

from quantlab.networks.engine import shipped
from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.runner import Runner


class Add(nn.Module):
    def forward(self, a, b):
        return a + b


def skipping() -> Network:
    """Convolutions around which a connection skips; its batch norms have seen something."""
    torch.manual_seed(3)
    parts = [
        Step("a", nn.Conv2d(1, 8, 3, padding=1, bias=False), (-1,)),
        Step("a_norm", nn.BatchNorm2d(8), (0,)),
        Step("relu", nn.ReLU(), (1,)),
        Step("b", nn.Conv2d(8, 8, 3, padding=1), (2,)),
        Step("b_norm", nn.BatchNorm2d(8), (3,)),
        Step("sum", Add(), (4, 2)),
        Step("c", nn.Conv2d(8, 8, 1), (5,)),
        Step("both", Add(), (6, 5)),
        Step("mean", nn.AdaptiveAvgPool2d(1), (7,)),
        Step("flat", nn.Flatten(), (8,)),
        Step("answer", nn.Linear(8, 10), (9,)),
    ]
    network = Network("skipping", "Skipping", tuple(parts))
    network.modules.train()
    for _ in range(5):
        network(torch.rand(50, 1, 8, 8))
    for step in parts:
        if isinstance(step.module, nn.BatchNorm2d):
            nn.init.uniform_(step.module.weight, -2, 2)
            nn.init.normal_(step.module.bias)
    network.modules.eval().requires_grad_(False)
    return network


@pytest.fixture(scope="session")
def small():
    return Runner(*shipped("small"), images=200)


@pytest.fixture(scope="session")
def plain():
    return Runner(*shipped("plain"), images=400)


@pytest.fixture(scope="session")
def depthwise():
    return Runner(*shipped("depthwise"), images=400)


@pytest.fixture
def skip():
    return Runner(skipping(), shipped("small")[1], images=150)
