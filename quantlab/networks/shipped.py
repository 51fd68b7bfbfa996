"""Which networks need no training? Those in ``assets/networks``, as ``train.py`` made them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import torch
from safetensors.torch import load_file

from quantlab.networks.data import DATA, DataSet
from quantlab.networks.models import MODELS, Network

_COUNTER = "num_batches_tracked"  # of a batch norm; nothing reads it
FOLDER = Path(__file__).parents[2] / "assets" / "networks"


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"


@lru_cache(maxsize=8)
def shipped(name: str) -> tuple[Network, DataSet]:
    """A trained network, evaluating, and the data it was trained for; ValueError where there is none of that name."""
    if name not in MODELS:
        raise ValueError(f"there is no network {name!r}; choose one of {', '.join(MODELS)}")
    model = MODELS[name]
    return with_state(model.build(), load_file(file_of(name))), DATA[model.data]()


def with_state(network: Network, state: Mapping[str, torch.Tensor]) -> Network:
    """The network with these weights, evaluating; ValueError where names or shapes are not its own."""
    own = {key: value for key, value in network.modules.state_dict().items() if not key.endswith(_COUNTER)}
    given = {key: value for key, value in state.items() if not key.endswith(_COUNTER)}
    if missing := own.keys() - given.keys():
        raise ValueError(
            f"{sorted(missing)[0]} and {len(missing) - 1} more of {network.title} are missing from this state; export all of it"
        )
    if strange := given.keys() - own.keys():
        raise ValueError(f"{sorted(strange)[0]} is no part of {network.title}; choose the architecture that the state was saved from")
    for key, value in given.items():
        if value.shape != own[key].shape:
            raise ValueError(f"{key} has shape {tuple(value.shape)}, and {network.title} wants {tuple(own[key].shape)}")
        if not bool(torch.isfinite(value).all()):
            raise ValueError(f"{key} holds NaN or infinity; a network with such weights answers nothing")
    network.modules.load_state_dict({key: value.float() for key, value in given.items()}, strict=False)
    network.modules.eval().requires_grad_(False)
    return network


def state_of(network: Network) -> dict[str, torch.Tensor]:
    """What a file keeps of a network: all but the count of batches, in half precision."""
    return {key: value.half().contiguous() for key, value in network.modules.state_dict().items() if not key.endswith(_COUNTER)}
