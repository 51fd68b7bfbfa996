"""The control of a training with rounding: as many epochs in float, rounded after each, so that a gain is of the rounding and not of more epochs.

Seed, order of images, batches, optimizer and learning rates are those of the training. Before the first epoch both are the
network rounded after training.
"""

from __future__ import annotations

import copy
import hashlib

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from quantlab.networks.data import DataSet
from quantlab.networks.engine.evaluate import program
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.training.kept import key_of, user_store
from quantlab.networks.engine.training.layers import rounded_network
from quantlab.networks.engine.training.loop import DECAY, answers, batches_of
from quantlab.networks.store import Store
from quantlab.networks.training import Control, TrainingRequest
from quantlab.progress import Steps


def control_steps(network: Network, data: DataSet, request: TrainingRequest, store: Store | None = None) -> Steps[Control]:
    """The control from disk where it is known there, else trained and kept; yields (batches done, batches)."""
    store, asked = user_store() if store is None else store, request.in_float
    key = hashlib.sha256(f"control {program()} {key_of(network, data, asked)}".encode()).hexdigest()[:40]
    kept, shape = store.get(key), (2, request.epochs + 1, len(data.test))
    if kept is None or kept.shape != shape or kept.dtype != np.int64:
        kept = np.stack((yield from _answers_steps(network, data, asked)))
        store.put(key, kept)
    return Control(request, kept[0], kept[1], data.test.labels)


def _answers_steps(network: Network, data: DataSet, request: TrainingRequest) -> Steps[tuple[np.ndarray, np.ndarray]]:
    """Answers in float and rounded, int64 (E + 1, N) each."""
    torch.manual_seed(request.seed)
    exact = fold(network)
    learning = Network(exact.slug, exact.title, tuple(Step(s.name, copy.deepcopy(s.module), s.reads) for s in exact.steps))
    modules = learning.modules.requires_grad_(True)
    pixels, labels, size, batches = batches_of(data.training)
    total = request.epochs * batches
    named = dict(modules.named_parameters())
    groups = [
        {"params": [p for name, p in named.items() if name.endswith(".weight")], "weight_decay": DECAY},
        {"params": [p for name, p in named.items() if name.endswith(".bias")], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=request.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    order = torch.Generator().manual_seed(request.seed)
    predicted, rounded = [], []
    for epoch in range(request.epochs + 1):
        yield min(epoch * batches, total - 1), total
        predicted.append(answers(learning, data.test))
        rounded.append(answers(rounded_network(_still(learning), data.calibration.pixels, request), data.test))
        if epoch == request.epochs:
            break
        for k, batch in enumerate(torch.randperm(len(labels), generator=order)[: batches * size].split(size)):
            yield epoch * batches + k, total
            optimizer.zero_grad()
            cross_entropy(learning(pixels[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return np.stack(predicted), np.stack(rounded)


def _still(network: Network) -> Network:
    """A copy that does not learn."""
    steps = [Step(s.name, copy.deepcopy(s.module).requires_grad_(False), s.reads) for s in network.steps]
    return Network(network.slug, network.title, tuple(steps))
