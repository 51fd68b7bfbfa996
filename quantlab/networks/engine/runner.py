"""Runs of a quantized network on many images that do no work twice.

In batches on two threads, each with one of torch's. A run may leave a checkpoint: for each batch the results that are still
to be read when a weighted layer begins. The next run starts before the first step whose quantization differs from one.
"""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from cachetools import FIFOCache

from quantlab.networks.data import DataSet
from quantlab.networks.engine.calibration import Observer
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import Network, release, tensor_of
from quantlab.networks.engine.quantized import QuantizedStep, prepare
from quantlab.networks.settings import FLOAT, Setting

BATCH = 100  # images; the activations of a batch stay in the cache
BUDGET = 96 << 20  # bytes of results that a checkpoint may hold
CHECKPOINTS = 3
THREADS = min(2, os.cpu_count() or 1)

Results = dict[int, torch.Tensor]  # place of a step -> what it gave; -1 is the input


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Results of a run to start another from: the steps' keys of a run, and for each batch the results at its cuts (places of weighted steps)."""

    keys: list[tuple[Hashable, ...]]
    cuts: list[int]
    batches: list[Results]


class Runner:
    """One network on one set of test images. Safe to use from several threads: they take turns.

    >>> from quantlab.networks.engine import shipped
    >>> runner = Runner(*shipped("small"), images=100)
    >>> runner.logits(Setting(weights=4)).shape
    (100, 10)
    """

    def __init__(self, network: Network, data: DataSet, images: int | None = None):
        self.data = data
        self.test = data.test.first(images or len(data.test))
        self.networks = {False: _fast(network), True: _fast(fold(network))}
        self.observers = {f: Observer(n, data.calibration.pixels) for f, n in self.networks.items()}
        self._inputs = _batches(self.test.pixels)
        self._checkpoints: FIFOCache[Setting, Checkpoint] = FIFOCache(CHECKPOINTS)
        self._lock = threading.RLock()

    def on(self, data: DataSet, images: int | None = None) -> Runner:
        """The same network, folded and observed already, asked about the first test images of ``data``."""
        other = copy.copy(self)
        other.data, other.test = data, data.test.first(images or len(data.test))
        other._inputs = _batches(other.test.pixels)
        other._checkpoints, other._lock = FIFOCache(CHECKPOINTS), threading.RLock()
        return other

    def network(self, setting: Setting) -> Network:
        """The network whose weights the setting quantizes: folded or not."""
        return self.networks[setting.folded]

    def prepare(self, setting: Setting) -> list[QuantizedStep]:
        return prepare(self.network(setting), setting, self.observers[setting.folded])

    def logits(self, setting: Setting = FLOAT, base: Setting | None = None) -> np.ndarray:
        """float32 (N, classes). base : a setting whose run is to leave a checkpoint, since others like this one start from it."""
        keep = setting == base
        with self._lock:
            if base is not None and not keep and base not in self._checkpoints:
                self.logits(base, base)
            steps = self.prepare(setting)
            keys = [(setting.folded, *step.key) for step in steps]
            start, checkpoint = self._best_start(keys)
            cuts = self._cuts(self.network(setting)) if keep else []

            def one(i: int) -> tuple[torch.Tensor, Results]:
                before = {-1: self._inputs[i]} | (checkpoint.batches[i] if checkpoint else {})
                return _run(steps, self.network(setting), before, start, cuts)

            with ThreadPoolExecutor(THREADS, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                answers = list(pool.map(one, range(len(self._inputs))))
            if keep:
                self._checkpoints[setting] = Checkpoint(keys, cuts, [held for _, held in answers])
        return torch.cat([logits for logits, _ in answers]).numpy()

    def answers(self, steps: list[QuantizedStep], network: Network) -> np.ndarray:
        """float32 (N, classes) of this network's steps, which were prepared elsewhere."""

        def one(x: torch.Tensor) -> torch.Tensor:
            return _run(steps, network, {-1: x}, 0, [])[0]

        with self._lock, ThreadPoolExecutor(THREADS, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return torch.cat(list(pool.map(one, self._inputs))).numpy()

    def _best_start(self, keys: list[tuple[Hashable, ...]]) -> tuple[int, Checkpoint | None]:
        """The furthest step to begin with, and the checkpoint whose results stand before it."""
        best: tuple[int, Checkpoint | None] = (0, None)
        for checkpoint in self._checkpoints.values():
            if len(checkpoint.keys) == len(keys):
                same = next((i for i, (a, b) in enumerate(zip(keys, checkpoint.keys, strict=True)) if a != b), len(keys) - 1)
                place = max((cut for cut in checkpoint.cuts if cut <= same), default=0)
                best = max(best, (place, checkpoint), key=lambda start: start[0])
        return best

    def _cuts(self, network: Network) -> list[int]:
        """The weighted steps before which results are kept: the last ones, as many as the budget allows."""
        cuts, held = [], set[int]()
        sizes = _sizes(network, self._inputs[0][:1])
        for place in reversed([i for i, step in enumerate(network.steps) if step.weighted and i > 0]):
            held |= live(network, place)
            if sum(sizes[i] for i in held) * len(self.test) > BUDGET:
                break
            cuts.append(place)
        return cuts


def live(network: Network, place: int) -> set[int]:
    """The results from before ``place`` that are read there or later, the input aside."""
    return {i for i, last in enumerate(network.last_reader()) if i < place <= last}


@torch.inference_mode()
def _run(steps: list[QuantizedStep], network: Network, results: Results, start: int, cuts: list[int]) -> tuple[torch.Tensor, Results]:
    last = network.last_reader()
    held = set().union(*(live(network, cut) for cut in cuts)) if cuts else set()
    kept = {i: x for i, x in results.items() if i in held}
    for place in range(start, len(steps)):
        results[place] = steps[place](*(results[i] for i in steps[place].step.reads))
        if place in held:
            kept[place] = results[place]
        release(results, last, place)
    return results[len(steps) - 1], kept


@torch.inference_mode()
def _sizes(network: Network, x: torch.Tensor) -> list[int]:
    """Bytes of each step's result for one image."""
    results: Results = {-1: x}
    for place, step in enumerate(network.steps):
        results[place] = step.module(*(results[i] for i in step.reads))
    return [results[i].numel() * 4 for i in range(len(network.steps))]


def _fast(network: Network) -> Network:
    """Evaluating, overwriting nothing that is kept, in the memory layout that convolutions of few channels are fastest in."""
    for step in network.steps:
        if hasattr(step.module, "inplace"):
            step.module.inplace = False  # type: ignore[assignment]
        step.module.eval().requires_grad_(False)
        step.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _batches(pixels: np.ndarray) -> list[torch.Tensor]:
    """The images as the network reads them, some at a time, and work for every thread."""
    size = max(1, min(BATCH, -(-len(pixels) // THREADS)))
    return [tensor_of(pixels[i : i + size]).contiguous(memory_format=torch.channels_last) for i in range(0, len(pixels), size)]
