"""The weights that a training ends with, as the state of the network that it began from.

The forward pass uses rounded weights, with the batch norms folded into them. Here each layer gets these weights, and its norm
adds the learned bias and changes nothing else: mean 0, variance 1, gain sqrt(1 + eps). So the state fits the architecture, and
folding the norm gives the rounded weights back, to the last bit or two of a float32.
"""

from __future__ import annotations

import numpy as np
from torch import nn

from quantlab.networks.engine.models import Network
from quantlab.networks.engine.state_files import COUNTER
from quantlab.networks.training import Training


def settled(network: Network, training: Training) -> dict[str, np.ndarray]:
    """State name -> float32 array. network : the one that the training began from, with its norms."""
    state = {name: value.numpy().copy() for name, value in network.modules.state_dict().items() if not name.endswith(COUNTER)}
    for step in network.steps:
        source = network.steps[step.reads[0]].name
        if step.weighted:
            state[f"{step.name}.weight"] = training.state[f"{step.name}.used"]
            if f"{step.name}.bias" in state:
                state[f"{step.name}.bias"] = training.state[f"{step.name}.layer.bias"]
        elif isinstance(step.module, nn.BatchNorm2d):
            bias = training.state[f"{source}.layer.bias"]
            gain = np.full_like(bias, np.sqrt(1 + step.module.eps))
            parts = {"weight": gain, "bias": bias, "running_mean": np.zeros_like(bias), "running_var": np.ones_like(bias)}
            state |= {f"{step.name}.{part}": value for part, value in parts.items()}
            if f"{source}.bias" in state:
                state[f"{source}.bias"] = np.zeros_like(bias)
    return state
