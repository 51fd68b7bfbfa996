"""The loop of a training with rounding, epoch by epoch, each with its record.

AdamW under a cosine from ``rate`` to zero, batches of 100 (of 50 where images are few), one thread, seeds fixed: the order of images and the draws of
stochastic rounding follow from the seed. The float network is folded first, so that what is trained is what integers run.
"""

from __future__ import annotations

from typing import Any  # whatever has a state_dict

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import Network, tensor_of
from quantlab.networks.engine.training import checkpoint
from quantlab.networks.engine.training.layers import RoundedLayer, layers_of, rounded_network
from quantlab.networks.engine.training.record import Record
from quantlab.networks.store import Store
from quantlab.networks.training import LayerFilm, Training, TrainingRequest
from quantlab.progress import Steps

BATCH, SMALL_BATCH, FEW = 100, 50, 2000
DECAY = 1e-4
BINS = 80
TEST_BATCH = 250


def training_steps(
    network: Network, data: DataSet, request: TrainingRequest, store: Store | None = None, key: str = "", until: int | None = None
) -> Steps[Training]:
    """The training of a network with its batch norms, evaluating; yields (batches done, batches) at every batch.

    store, key : where a checkpoint is kept after each epoch, from which a training that was left goes on; none without a store.
    until : after which epoch it stops for now, where that is not the last: what it returns has only these epochs.
    """
    torch.manual_seed(request.seed)
    exact = fold(network)
    rounded = rounded_network(exact, data.calibration.pixels, request)
    layers, modules = layers_of(rounded), rounded.modules
    pixels, labels, size, batches = batches_of(data.training)
    total, last = request.epochs * batches, min(until or request.epochs, request.epochs)
    optimizer = torch.optim.AdamW(_groups(layers, request), lr=request.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    record, order = Record(), torch.Generator().manual_seed(request.seed)
    codes = {name: _codes(layer) for name, layer in layers.items()}
    parts: dict[str, Any] = {"modules": modules, "optimizer": optimizer, "schedule": schedule}
    draws = {"order": order} | {name: layer.draws for name, layer in layers.items()}
    found = checkpoint.find(store, key) if store is not None else None
    if found is not None:
        state, record = found
        for name, part in parts.items():
            part.load_state_dict(state[name])
        for name, generator in draws.items():
            generator.set_state(state["draws"][name])
        codes = {name: _codes(layer) for name, layer in layers.items()}
    else:
        with torch.no_grad():
            modules.eval()
            first = float(cross_entropy(rounded(pixels[:500]), labels[:500]))
        _note(record, first, rounded, data.test, layers, 0, 0)
    for epoch in range(len(record.loss) - 1, last):
        begun, flips, losses = codes, 0, 0.0
        places = torch.randperm(len(labels), generator=order)[: batches * size].split(size)
        for k, batch in enumerate(places):
            yield epoch * batches + k, total
            modules.train()
            optimizer.zero_grad()
            loss = cross_entropy(rounded(pixels[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            for layer in layers.values():
                layer.mend()
            now = {name: _codes(layer) for name, layer in layers.items()}
            flips += _differing(codes, now)
            codes, losses = now, losses + float(loss.detach())
        _note(record, losses / batches, rounded, data.test, layers, flips, _differing(begun, codes))
        if store is not None:
            state = {name: part.state_dict() for name, part in parts.items()}
            checkpoint.keep(store, key, state | {"draws": {name: generator.get_state() for name, generator in draws.items()}}, record)
    resorted = int((answers(rounded, data.test, np.argsort(data.test.labels, kind="stable")) != record.predicted[-1]).sum())
    by_float = answers(exact, data.test)
    return _training(request, record, data.test.labels, by_float, layers, resorted)


def batches_of(images: Images) -> tuple[torch.Tensor, torch.Tensor, int, int]:
    """Pixels, labels, how many make a batch, and how many batches an epoch has; what is left over is not seen in it."""
    pixels, labels = tensor_of(images.pixels).contiguous(memory_format=torch.channels_last), torch.from_numpy(images.labels)
    size = BATCH if len(labels) >= FEW else min(SMALL_BATCH, len(labels))
    return pixels, labels, size, len(labels) // size


def _groups(layers: dict[str, RoundedLayer], request: TrainingRequest) -> list[dict[str, object]]:
    """The optimizer's groups: weights, which alone decay; biases; steps and clips, with a rate of their own."""
    weights = [layer.layer.weight for layer in layers.values()]
    biases = [layer.layer.bias for layer in layers.values() if layer.layer.bias is not None]
    known = {id(p) for p in (*weights, *biases)}
    steps = [p for layer in layers.values() for p in layer.parameters() if id(p) not in known]
    groups: list[dict[str, object]] = [{"params": weights, "weight_decay": DECAY}, {"params": biases, "weight_decay": 0.0}]
    return [*groups, {"params": steps, "weight_decay": 0.0, "lr": request.rate * request.step_rate}] if steps else groups


@torch.no_grad()
def _codes(layer: RoundedLayer) -> torch.Tensor:
    """Which level each weight has: equal values of one channel are equal codes."""
    step = layer.weights.step
    used = layer.weights(layer.latent.detach())
    return used.sign().to(torch.int16) if not bool(torch.isfinite(step).all()) else (used / step).round().to(torch.int16)


def _differing(before: dict[str, torch.Tensor], now: dict[str, torch.Tensor]) -> int:
    return sum(int((before[name] != now[name]).sum()) for name in now)


@torch.no_grad()
def answers(network: Network, images: Images, order: np.ndarray | None = None) -> np.ndarray:
    """The class of each image, int64 (N,), whatever the order in which they come."""
    network.modules.eval()
    order = np.arange(len(images)) if order is None else order
    answers = np.empty(len(images), np.int64)
    for i in range(0, len(order), TEST_BATCH):
        places = order[i : i + TEST_BATCH]
        answers[places] = network(tensor_of(images.pixels[places])).argmax(1).numpy()
    return answers


@torch.no_grad()
def _note(record: Record, loss: float, network: Network, test: Images, layers: dict[str, RoundedLayer], flips: int, moved: int) -> None:
    record.loss.append(loss)
    record.predicted.append(answers(network, test))
    record.flips.append(flips)
    record.moved.append(moved)
    record.negative.append(sum(_negative(layer) for layer in layers.values()))
    record.latent.append({name: layer.latent.detach().numpy().copy().ravel() for name, layer in layers.items()})
    record.used.append({name: layer.used.detach().numpy().copy().ravel() for name, layer in layers.items()})
    record.step.append({name: float(layer.weights.step.mean()) for name, layer in layers.items()})
    record.clip.append({name: _clip(layer) for name, layer in layers.items()})


def _negative(layer: RoundedLayer) -> int:
    """Steps of the layer that are not above zero."""
    into = layer.flowing_in
    return sum(int((quantizer.step <= 0).sum()) for quantizer in (layer.weights, into) if quantizer is not None)


def _clip(layer: RoundedLayer) -> float:
    """The end of the range of what flows in; nan where it is float."""
    into = layer.flowing_in
    return float("nan") if into is None else float(into.step) * into.qmax


def _training(
    request: TrainingRequest, r: Record, labels: np.ndarray, by_float: np.ndarray, layers: dict[str, RoundedLayer], resorted: int
) -> Training:
    films = {name: _layer_film(r, name) for name in layers}
    state = {f"{name}.{key}": value.detach().numpy().copy() for name, layer in layers.items() for key, value in layer.state_dict().items()}
    state |= {f"{name}.used": layer.used.detach().numpy().copy() for name, layer in layers.items()}
    count = sum(layer.layer.weight.numel() for layer in layers.values())
    arrays = (np.array(r.loss), np.stack(r.predicted), labels, by_float, np.array(r.flips), np.array(r.moved))
    return Training(request, *arrays, count, np.array(r.negative), resorted, films, state)


def _layer_film(r: Record, name: str) -> LayerFilm:
    """Histograms of a layer's latent weights over one set of edges, and the values used: each its own bin where they are few."""
    latent, used = [epoch[name] for epoch in r.latent], [epoch[name] for epoch in r.used]
    reach = max(float(np.quantile(np.abs(w), 0.999)) for w in (*latent, *used)) * 1.05 or 1.0
    edges = np.linspace(-reach, reach, BINS + 1)
    counts = np.stack([np.histogram(w, edges)[0] for w in latent])
    after = np.stack([np.histogram(w, edges)[0] for w in used])
    centers = np.repeat(((edges[1:] + edges[:-1]) / 2)[None], len(used), axis=0).astype(np.float32)
    step, clip = (np.array([epoch[name] for epoch in values]) for values in (r.step, r.clip))
    return LayerFilm(edges, counts, centers, after, step, clip)
