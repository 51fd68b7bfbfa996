"""The networks shipped in ``assets/networks``, as ``train.py`` trained them."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from quantlab.caching import lru_cache
from quantlab.networks.data import DATA, DataSet
from quantlab.networks.engine.models import MODELS, Network
from quantlab.networks.engine.state_files import COUNTER
from quantlab.networks.engine.states import with_state
from quantlab.paths import ASSETS

FOLDER = ASSETS / "networks"


def file_of(name: str) -> Path:
    """The file of the weights of a shipped network."""
    return FOLDER / f"{name}.safetensors"


@lru_cache(maxsize=8)
def shipped(name: str) -> tuple[Network, DataSet]:
    """A trained network, evaluating, and the data it was trained for; ValueError where there is none of that name."""
    if name not in MODELS:
        raise ValueError(f"there is no network {name!r}; choose one of {', '.join(MODELS)}")
    model = MODELS[name]
    return with_state(model.build(), load_file(file_of(name))), DATA[model.data]()


@lru_cache(maxsize=8)
def state_of(network: Network) -> dict[str, torch.Tensor]:
    """The state of a network that a file keeps: all but the count of batches, in half precision."""
    return {key: value.half().contiguous() for key, value in network.modules.state_dict().items() if not key.endswith(COUNTER)}
