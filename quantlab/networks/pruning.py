"""Magnitude pruning: which weights stay, in four patterns.

    layer     of every layer the share with the smallest |w| goes
    global    of all layers together the share with the smallest |w| goes
    channel   of every layer the share of output channels with the smallest ||w||_2 goes; the last layer, a row a class, stays whole
    2-4       of every four neighbours along a row the two with the smallest |w| go, whatever the share

Weights are matrices (out, everything else). Of equal magnitudes the earlier ones go.
Sources: Han et al. 2015, arXiv:1506.02626; Li et al. 2017, arXiv:1608.08710; Mishra et al. 2021, arXiv:2104.08378 (2:4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Weights = Mapping[str, np.ndarray]  # layer -> float32 of any shape, the first axis the output channels
Masks = dict[str, np.ndarray]  # layer -> bool of the same shape, True where the weight stays


@dataclass(frozen=True)
class Pattern:
    """A pattern of pruning. masks : of weights and a share from 0 to below 1. shared : whether the share is free."""

    title: str
    masks: Callable[[Weights, float], Masks]
    shared: bool = True


def pruned_masks(weights: Weights, pattern: str, share: float) -> Masks:
    """The weights that stay, bool as each layer's shape; ValueError where nothing would stay.

    >>> masks = pruned_masks({"a": np.array([[3.0, -1, 2, 0.5]])}, "layer", 0.5)
    >>> masks["a"].tolist()
    [[True, False, True, False]]
    """
    if pattern not in PATTERNS:
        raise ValueError(f"there is no pattern {pattern!r}; choose one of {', '.join(PATTERNS)}")
    if not 0 <= share < 1:
        raise ValueError(f"a share of {share} cannot be pruned: choose one from 0 to below 1, so that something stays")
    if not any(np.any(weight) for weight in weights.values()):
        raise ValueError("nothing is left to prune: every weight is 0 already; start from weights that are not")
    return PATTERNS[pattern].masks(weights, share)


def smallest(scores: np.ndarray, share: float) -> np.ndarray:
    """bool as ``scores``: False at the round(share N) smallest, the earlier of equals first."""
    mask = np.ones(scores.size, bool)
    mask[np.argsort(scores, axis=None, kind="stable")[: round(share * scores.size)]] = False
    return mask.reshape(scores.shape)


def _each_layer(weights: Weights, share: float) -> Masks:
    return {name: smallest(np.abs(weight), share) for name, weight in weights.items()}


def _all_layers(weights: Weights, share: float) -> Masks:
    together = smallest(np.concatenate([np.abs(weight).ravel() for weight in weights.values()]), share)
    cuts = np.cumsum([weight.size for weight in weights.values()])[:-1]
    return {name: part.reshape(weights[name].shape) for name, part in zip(weights, np.split(together, cuts), strict=True)}


def _channels(weights: Weights, share: float) -> Masks:
    masks = {}
    for i, (name, weight) in enumerate(weights.items()):
        norms = np.sqrt((weight.reshape(len(weight), -1).astype(np.float64) ** 2).sum(axis=1))  # (out,)
        stays = smallest(norms, share if i < len(weights) - 1 else 0.0)
        masks[name] = np.broadcast_to(stays.reshape(-1, *[1] * (weight.ndim - 1)), weight.shape).copy()
    return masks


def _two_of_four(weights: Weights, share: float) -> Masks:
    return {name: two_of_four(weight) for name, weight in weights.items()}


def two_of_four(weight: np.ndarray) -> np.ndarray:
    """bool as ``weight``: in each row the two largest of every four neighbours; of a last group of one or two all.

    >>> two_of_four(np.array([[1.0, 4, -3, 2, 5]])).tolist()
    [[False, True, True, False, True]]
    """
    rows = np.abs(weight.reshape(len(weight), -1))
    width = rows.shape[1]
    padded = np.pad(rows, ((0, 0), (0, -width % 4)), constant_values=-1).reshape(len(rows), -1, 4)  # (out, groups, 4)
    order = np.argsort(padded, axis=2, kind="stable")
    mask = np.zeros(padded.shape, bool)
    np.put_along_axis(mask, order[:, :, 2:], True, axis=2)
    return mask.reshape(len(rows), -1)[:, :width].reshape(weight.shape)


PATTERNS: dict[str, Pattern] = {
    "layer": Pattern("the smallest of each layer", _each_layer),
    "global": Pattern("the smallest of all layers", _all_layers),
    "channel": Pattern("whole output channels", _channels),
    "2-4": Pattern("two of every four (2:4)", _two_of_four, shared=False),
}
