"""A training that was left: all that it needs to go on, kept at the end of each epoch, bit for bit what an unbroken one has.

Weights, steps, optimizer, schedule, the generators of the order and of the roundings, and the records so far, as tensors: torch
reads them back without running anything. What cannot be read counts as absent, and the training begins anew.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import asdict
from typing import Any  # a state_dict holds what its owner likes

import numpy as np
import torch

from quantlab.networks.engine.training.record import Record
from quantlab.networks.sealed import opened, sealed
from quantlab.networks.store import Store

State = dict[str, Any]


def keep(store: Store, key: str, state: State, record: Record) -> None:
    """Keep the state and the records under this key; a full disk only means that a training that is left begins anew."""
    file = io.BytesIO()
    torch.save(state | {"record": _tensors(asdict(record))}, file)
    store.put(key, sealed(file.getvalue()))


def find(store: Store, key: str) -> tuple[State, Record] | None:
    """What was kept, or None."""
    content = opened(store.get(key))
    if content is None:
        return None
    try:
        state: State = torch.load(io.BytesIO(content), weights_only=True)
        return state, Record(**_arrays(state.pop("record")))
    except (
        RuntimeError,
        pickle.UnpicklingError,
        KeyError,
        TypeError,
        EOFError,
        ValueError,
        OSError,
    ):  # written by another version, under the same name
        return None


def _tensors(value: Any) -> Any:  # nested lists and dictionaries
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    if isinstance(value, dict):
        return {k: _tensors(v) for k, v in value.items()}
    return [_tensors(v) for v in value] if isinstance(value, list) else value


def _arrays(value: Any) -> Any:  # the same way back
    if isinstance(value, torch.Tensor):
        return value.numpy()
    if isinstance(value, dict):
        return {k: _arrays(v) for k, v in value.items()}
    return [_arrays(v) for v in value] if isinstance(value, list) else value
