"""A person's state_dict put into one of our networks; names, shapes and values are checked before."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import torch

from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.state_files import COUNTER, read_state
from quantlab.sources.upload import Refused, show


def with_file(network: Network, name: str, data: BinaryIO | bytes | Path) -> Network:
    """The network with the weights of a file from outside; ValueError in one sentence where they do not fit."""
    return with_state(network, read_state(name, data), name)


def with_state(network: Network, state: Mapping[str, torch.Tensor], name: str = "the state_dict") -> Network:
    """A copy of the network, evaluating, with these weights as float32. ``name`` is what messages call them."""
    new = Network(network.slug, network.title, tuple(Step(s.name, copy.deepcopy(s.module), s.reads) for s in network.steps))
    places = {key: value for key, value in new.modules.state_dict().items() if not key.endswith(COUNTER)}
    weights = _without_prefix({key: value for key, value in state.items() if not key.endswith(COUNTER)}, places)
    missing, unknown = [k for k in places if k not in weights], [k for k in weights if k not in places]
    if missing or unknown:
        what = [f"lacks {_listed(missing)}"] * bool(missing) + [f"holds {_listed(unknown)}, which it has no place for"] * bool(unknown)
        raise Refused(
            f"{show(name)} does not fit {show(network.title)} (it {' and '.join(what)}): choose the network that it was saved from."
        )
    for key, place in places.items():
        _check(name, key, weights[key], place)
    new.modules.load_state_dict({key: value.float() for key, value in weights.items()}, strict=False)
    new.modules.eval().requires_grad_(False)
    return new


def _without_prefix(weights: dict[str, torch.Tensor], places: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights without what stands before all their names: ``module.`` of DataParallel, ``_orig_mod.`` of torch.compile, ``model.``."""
    while weights and not weights.keys() & places.keys():
        before = {key.partition(".")[:2] for key in weights}
        if len(before) > 1 or "" in next(iter(before)):
            break
        weights = {key.partition(".")[2]: value for key, value in weights.items()}
    return weights


def _check(name: str, key: str, value: torch.Tensor, place: torch.Tensor) -> None:
    where = f"{show(key)} in {show(name)}"
    if value.shape != place.shape:
        shapes = f"the shape {tuple(value.shape)} where the network has {tuple(place.shape)}"
        raise Refused(f"{where} has {shapes}: choose the network that it was saved from, of as many classes.")
    if not value.is_floating_point():
        raise Refused(f"{where} is {str(value.dtype).removeprefix('torch.')}, and weights must be floating: save model.float().")
    wrong = int((~torch.isfinite(value.float())).sum())
    if wrong:
        raise Refused(f"{where} has {wrong} values that are NaN, infinite or too large for float32: save the network before it diverged.")
    if key.endswith("running_var") and float(value.min()) < 0:
        raise Refused(f"{where} has a variance below zero ({float(value.min()):.3g}): save the network again, this file is damaged.")


def _listed(names: list[str]) -> str:
    return ", ".join(show(one) for one in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
