"""A network shrunk step by step: pruned, fine-tuned, its weights shared, the centroids fine-tuned, ready for a file.

Which weights go is read off the network with its batch norms folded, where a weight's magnitude is what it does; what
stays keeps its own value, and the norms stay, so that they can follow. Fine-tuned results are kept on disk by their content,
as the files that they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import torch
from cachetools import cached
from torch import nn

import quantlab as ql
from quantlab.cache_folder import cache_folder
from quantlab.caching import cached_property
from quantlab.memory import Cache
from quantlab.networks import compressed
from quantlab.networks.compressed import CompressedNetwork, DamagedFile, Tensor
from quantlab.networks.data import DataSet
from quantlab.networks.engine.compress.norms import estimate_norms, open_norms, settled_state, with_settled
from quantlab.networks.engine.compress.tune import Form, Kept, Loss, Shared, Tuning, right_answers, tune_steps, weight_names
from quantlab.networks.engine.evaluate import program
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import MODELS, Network
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.states import with_state
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.narrow import LIKE
from quantlab.networks.pruning import pruned_masks
from quantlab.networks.settings import FLOAT
from quantlab.networks.shrinking import PRUNED_ALONE, Shrinking
from quantlab.networks.store import Store
from quantlab.progress import Steps, finish
from quantlab.types import QuantSpec

UNFOLDED = FLOAT.replace(folded=False)


@dataclass(frozen=True, eq=False)
class Shrinker:
    """A network to be shrunk, and the data that it learns from. loss : of fine-tuning, by its own name."""

    network: Network
    data: DataSet
    store: Store
    loss: Loss = right_answers
    loss_name: str = "labels"

    @cached_property
    def magnitudes(self) -> dict[str, np.ndarray]:
        """state name -> the weights of each layer, its batch norm folded into them."""
        state = fold(self.network).modules.state_dict()
        return {name: state[name].numpy() for name in weight_names(self.network)}

    @cached_property
    def digest(self) -> bytes:
        """A name for these weights and these images."""
        state = self.network.modules.state_dict()
        content = b"".join(name.encode() + value.contiguous().numpy().tobytes() for name, value in sorted(state.items()))
        return hashlib.sha256(content + self.data.digest.encode()).digest()

    def key(self, shrinking: Shrinking) -> str:
        """A name for the file that follows from them and this way to shrink them."""
        said = f"shrunk {program()} {self.loss_name} {shrinking.replace(huffman=True)!r}"
        return hashlib.sha256(self.digest + said.encode()).hexdigest()[:40]

    def known(self, shrinking: Shrinking) -> CompressedNetwork | None:
        """The network that was fine-tuned before and kept."""
        kept = self.store.get(self.key(shrinking))
        if kept is None or kept.dtype != np.uint8:
            return None
        try:
            return compressed.read(kept.tobytes())
        except DamagedFile:  # as good as absent
            return None

    def keep(self, shrinking: Shrinking, small: CompressedNetwork) -> None:
        """Keep what was fine-tuned."""
        self.store.put(self.key(shrinking), np.frombuffer(compressed.write(small), np.uint8))


def shrinker(network: Network, data: DataSet, store: Store | None = None) -> Shrinker:
    """A network to be shrunk; results are kept in the user's cache folder where no store is named."""
    return Shrinker(network, data, Store(cache_folder()) if store is None else store)


def shrink_steps(of: Shrinker, shrinking: Shrinking) -> Steps[CompressedNetwork]:
    """The network shrunk; yields (done, total). What was fine-tuned before is read from disk."""
    yield 0, 1
    if (known := of.known(shrinking) if shrinking.epochs else None) is not None:
        return known
    small = yield from pruned_steps(of, shrinking)
    if not shrinking.shares_weights:
        return small
    small = yield from _followed_steps(of, small, shared(small, shrinking), shrinking)
    if shrinking.epochs:
        of.keep(shrinking, small)
    return small


def pruned_steps(of: Shrinker, shrinking: Shrinking) -> Steps[CompressedNetwork]:
    """The network after its first part, weights still float32; yields (done, total)."""
    alone = shrinking.replace(**PRUNED_ALONE)
    if not shrinking.prunes:
        return _whole(of)
    if not shrinking.epochs:
        return _pruned(of, alone)
    if (known := of.known(alone)) is not None:
        return known
    masks = pruned_masks(of.magnitudes, shrinking.pattern, shrinking.share / 100)
    small = yield from _followed_steps(of, _whole(of), held(of.network, masks), shrinking)
    of.keep(alone, small)
    return small


@cached(Cache(8), lock=Lock())
def _whole(of: Shrinker) -> CompressedNetwork:
    return held(of.network)


def held(network: Network, masks: Mapping[str, np.ndarray] | None = None) -> CompressedNetwork:
    """The network as a file holds it, its weights where the masks leave them."""
    masks, state = masks or {}, settled_state(network)
    tensors = (Tensor(n, v.shape, masks.get(n), (v[masks[n]] if n in masks else v.ravel()).copy()) for n, v in state.items())
    return CompressedNetwork(network.slug, tuple(tensors))


def shared(small: CompressedNetwork, shrinking: Shrinking) -> CompressedNetwork:
    """The same with a codebook for each layer's kept weights, by k-means; biases and norms stay."""
    return replace(small, tensors=tuple(_shared(tensor, shrinking) for tensor in small.tensors))


def _shared(tensor: Tensor, shrinking: Shrinking) -> Tensor:
    layer, _, part = tensor.name.rpartition(".")
    bits = shrinking.bits_of(layer)
    if part != "weight" or len(tensor.shape) < 2 or bits is None or not tensor.kept:
        return tensor
    assert tensor.values is not None
    q = ql.quantize(tensor.values, QuantSpec("kmeans", bits=bits, method="lloyd"))
    assert q.qparams.codebook is not None
    used, codes = np.unique(q.codes, return_inverse=True)  # levels without weights take no place
    return Tensor(tensor.name, tensor.shape, tensor.mask, codebook=q.qparams.codebook.ravel()[used], codes=codes.ravel())


def _followed_steps(of: Shrinker, before: CompressedNetwork, small: CompressedNetwork, shrinking: Shrinking) -> Steps[CompressedNetwork]:
    """The same places and codes once norms, or all numbers, have followed the change from ``before``; yields (done, total)."""
    if not shrinking.epochs and not shrinking.norms:
        return small
    opened, forms = _opened(of, before), dict[str, Form]()
    network = with_state(opened, opened.modules.state_dict())
    network.modules.load_state_dict({name: torch.from_numpy(small.state[name]) for name in of.magnitudes}, strict=False)
    if shrinking.epochs:
        forms = {tensor.name: _form(tensor) for tensor in small.tensors if tensor.name in of.magnitudes}
        yield from tune_steps(network, forms, of.data.training, Tuning(shrinking.epochs, seed=shrinking.seed), of.loss)
    else:
        estimate_norms(network, of.data.calibration)
    state = settled_state(network)
    return replace(small, tensors=tuple(_followed(tensor, forms.get(tensor.name), state[tensor.name]) for tensor in small.tensors))


@cached(Cache(8), lock=Lock())
def _opened(of: Shrinker, before: CompressedNetwork) -> Network:
    """The network before a change, its norms ready to follow; the levels of a slider share it."""
    network = network_of(of.network, before)
    open_norms(network, of.data.calibration)
    return network


@cached(Cache(8), lock=Lock())
def _pruned(of: Shrinker, alone: Shrinking) -> CompressedNetwork:
    """The network pruned without fine-tuning; the levels of a slider share it."""
    masks = pruned_masks(of.magnitudes, alone.pattern, alone.share / 100)
    return finish(_followed_steps(of, _whole(of), held(of.network, masks), alone))


def alone_pruned(of: Shrinker, name: str, share: int) -> CompressedNetwork:
    """The network with one layer, by its state name, pruned by so many per cent, the norms following."""
    masks = pruned_masks({name: of.magnitudes[name]}, "layer", share / 100)
    return finish(_followed_steps(of, _whole(of), held(of.network, masks), Shrinking(bits=None)))


def _form(tensor: Tensor) -> Form:
    mask = torch.ones(tensor.shape, dtype=torch.bool) if tensor.mask is None else torch.from_numpy(tensor.mask)
    if tensor.codebook is None:
        return Kept(nn.Parameter(torch.from_numpy(tensor.array())), mask)
    return Shared(nn.Parameter(torch.from_numpy(tensor.codebook.copy())), torch.from_numpy(np.asarray(tensor.codes, np.int64)), mask)


def _followed(tensor: Tensor, form: Form | None, value: np.ndarray) -> Tensor:
    if tensor.codebook is not None:
        return tensor if form is None else replace(tensor, codebook=form.numbers.detach().numpy())
    dense = value if form is None else form.weight().detach().numpy()
    return replace(tensor, values=(dense.ravel() if tensor.mask is None else dense[tensor.mask]).copy())


def network_of(like: Network, small: CompressedNetwork) -> Network:
    """The network that a file holds, in the shape of ``like``; ValueError where it does not fit."""
    return with_settled(like, small.state)


def loaded(data: bytes) -> Network:
    """The network that a file holds, of an architecture that is known here; ValueError in one sentence where it is damaged."""
    small = compressed.read(data)
    if small.architecture not in MODELS:
        known = ", ".join(MODELS)
        raise DamagedFile(f"it holds the architecture {small.architecture[:40]!r}, and {known} are known here; choose one of those")
    return network_of(_like(small), small)


def _like(small: CompressedNetwork) -> Network:
    """A network of the architecture and the width that a file holds."""
    usual = MODELS[small.architecture].build()
    first = usual.modules.state_dict()[small.tensors[0].name].shape if small.tensors[0].name in usual.modules.state_dict() else ()
    if small.architecture != LIKE or not first or not small.tensors[0].shape or small.tensors[0].shape[0] >= first[0]:
        return usual
    return MODELS[LIKE].build(width=small.tensors[0].shape[0] / first[0])


class Answers:
    """Evaluations of shrunk networks on one set of test images, beside the float network."""

    def __init__(self, network: Network, data: DataSet, images: int):
        self.network, self.data, self.images = network, data, min(images, len(data.test))

    @cached_property
    def reference(self) -> np.ndarray:
        """The float network's logits, float32 (N, C)."""
        return self.logits(self.network)

    @property
    def labels(self) -> np.ndarray:
        """int64 (N,)."""
        return self.data.test.first(self.images).labels

    def logits(self, network: Network) -> np.ndarray:
        """float32 (N, C)."""
        return Runner(network, self.data, self.images).logits(UNFOLDED)

    def evaluate(self, small: CompressedNetwork) -> Evaluation:
        """The answers of the network that a file holds."""
        return Evaluation(UNFOLDED, self.logits(network_of(self.network, small)), self.reference, self.labels)
