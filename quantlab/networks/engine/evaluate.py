"""Evaluations of a network under many settings, on the same test images.

``evaluation_steps`` is a generator that yields (done, total) and returns one ``Evaluation`` a setting, in the order
asked for but computed nearest first; ``on_result`` hears of each as it comes. Logits are kept on disk, named by weights, images
and setting, so that the same question is answered at once the next time. Several settings at once are answered by a worker process,
which keeps the network and what it computed of it.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from cachetools import FIFOCache, cached

from quantlab import workers
from quantlab.cache_folder import cache_folder
from quantlab.caching import cache, cached_property
from quantlab.memory import Cache
from quantlab.networks.engine import sizes
from quantlab.networks.engine.runner import Runner
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import LayerSize, Size
from quantlab.networks.settings import FLOAT, Setting, nearest_first
from quantlab.networks.store import Store
from quantlab.progress import Steps

REMEMBERED = 400  # logits, 160 kB each for 2000 images of 20 classes
FEW = 2  # settings below which asking a worker costs more than it spares


@cache
def program() -> str:
    """A name for the code that computes: results of an older one count as absent."""
    root = Path(__file__).parents[2]
    files = [f for f in sorted(root.rglob("*.py")) if f.relative_to(root).parts[0] not in ("ui", "labs", "audio", "images", "cli", "_app")]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + f"{torch.__version__} {np.__version__}".encode()).hexdigest()


def _remembered_by(setting: Setting, base: Setting | None) -> Setting:
    """The key of remembered logits: where the runner starts changes nothing."""
    return setting


class Evaluator:
    """Answers settings on one runner's test images, from disk where they are known there."""

    def __init__(self, runner: Runner, store: Store | None = None):
        self.runner = runner
        self.store = Store(cache_folder()) if store is None else store
        self._memory: FIFOCache[Setting, np.ndarray] = FIFOCache(REMEMBERED)
        self._condition = threading.Condition()
        self._logits_once = cached(self._memory, _remembered_by, condition=self._condition)(self._logits)

    @cached_property
    def digest(self) -> str:
        """A name for these weights and these test and calibration images."""
        state = self.runner.network(FLOAT.replace(folded=False)).modules.state_dict()
        content = b"".join(k.encode() + v.contiguous().numpy().tobytes() for k, v in sorted(state.items()))
        return hashlib.sha256(content + f"{self.runner.data.digest} {len(self.runner.test)}".encode()).hexdigest()

    def logits(self, setting: Setting, base: Setting | None = None) -> np.ndarray:
        """float32 (N, C), read-only; computed once however many ask. base : as in ``Runner.logits``."""
        return self._logits_once(setting, base)

    def _logits(self, setting: Setting, base: Setting | None) -> np.ndarray:
        logits = self._kept(setting)
        if logits is None:
            logits = self.runner.logits(setting, base)
            self.store.put(self._key(setting), logits)
        logits.flags.writeable = False
        return logits

    def _kept(self, setting: Setting) -> np.ndarray | None:
        """A setting's answers on disk, None where there are none that fit."""
        logits = self.store.get(self._key(setting))
        fits = logits is not None and logits.dtype == np.float32 and logits.ndim == 2 and len(logits) == len(self.runner.test)
        return logits if fits else None

    def _key(self, setting: Setting) -> str:
        return hashlib.sha256(f"{program()} {self.digest} {setting!r}".encode()).hexdigest()[:40]

    def size(self, setting: Setting) -> Size:
        """The network's size under a setting, from disk where it is known there: to pack a layer takes longer than to answer with it."""
        key = f"size-{self._key(setting)}"
        names = [step.name for step in self.runner.network(setting).steps if step.weighted]
        rows = self.store.get(key)
        if rows is None or rows.dtype != np.float64 or rows.shape != (len(names) + 1, 5):
            size = sizes.size(self.runner, setting)
            rows = np.array(
                [(a.count, a.exact, a.memory, a.packed, a.huffman) for a in size.layers] + [(size.other, 0, 0, 0, 0)], np.float64
            )
            self.store.put(key, rows)
        *layers, (other, *_) = rows.tolist()
        whole = (
            LayerSize(name, int(n), int(exact), memory, int(packed), huffman)
            for name, (n, exact, memory, packed, huffman) in zip(names, layers, strict=True)
        )
        return Size(tuple(whole), int(other))

    def answer_steps(self, settings: Sequence[Setting], base: Setting | None = None) -> Steps[None]:
        """Answer several settings, each once, where they are not known: elsewhere if there are workers; yields (answered, of how many)."""
        missing = [setting for setting in dict.fromkeys(settings) if not self._known(setting)]
        if len(missing) < FEW or not workers.POOL.elsewhere:
            for done, setting in enumerate(missing):
                yield done, len(missing)
                self.logits(setting, base)
            return
        pieces = workers.shares(tuple(missing))
        found = yield from workers.each([partial(answering, self.given, piece, base) for piece in pieces], self.digest)
        with self._condition:
            for answers in found:
                for setting, logits in answers.items():
                    logits.flags.writeable = False
                    self._memory[setting] = logits

    def _known(self, setting: Setting) -> bool:
        """Whether a setting's answers are remembered, or kept on disk, from where they are then read."""
        with self._condition:
            if setting in self._memory:
                return True
        known = self._kept(setting) is not None
        if known:
            self.logits(setting)
        return known

    @cached_property
    def given(self) -> Given:
        """What a worker needs to answer for this evaluator."""
        data = replace(self.runner.data, training=self.runner.data.training.first(1), test=self.runner.test)
        network = self.runner.network(FLOAT.replace(folded=False))
        return Given(self.digest, pickle.dumps((network, data)), self.store.path)

    def evaluate(self, setting: Setting, base: Setting | None = None) -> Evaluation:
        """The answers under a setting, beside those of the float network, folded or not as the setting says."""
        reference = self.logits(FLOAT.replace(folded=setting.folded))
        return Evaluation(setting, self.logits(setting, base), reference, self.runner.test.labels)


@dataclass(frozen=True)
class Given:
    """A network and its images on the way to a worker. content : both, pickled by this server. path : of the store."""

    digest: str
    content: bytes
    path: Path | None


@cached(Cache(4), key=lambda given: (given.digest, given.path), lock=threading.Lock())
def evaluator_of(given: Given) -> Evaluator:
    """The evaluator of a worker, which keeps the last few."""
    network, data = pickle.loads(given.content)  # noqa: S301 (the server's own)
    evaluator = Evaluator(Runner(network, data), Store(given.path))
    evaluator.__dict__["digest"] = given.digest  # of the whole data: the pictures to train on stay behind
    return evaluator


def answering(given: Given, settings: Sequence[Setting], base: Setting | None) -> Steps[dict[Setting, np.ndarray]]:
    """The answers to settings, in a worker; yields (answered, of how many)."""
    yield 0, len(settings)
    evaluator = evaluator_of(given)
    answers = {}
    for done, setting in enumerate(settings):
        yield done, len(settings)
        answers[setting] = evaluator.logits(setting, base)
    return answers


def evaluation_steps(
    evaluator: Evaluator,
    settings: Mapping[int, Setting],
    current: int | None = None,
    on_result: Callable[[int, Evaluation], None] | None = None,
) -> Steps[dict[int, Evaluation]]:
    """Every setting's evaluation under its label; yields (done, total), the current label first, then its neighbours."""
    order = nearest_first(list(settings), current)
    evaluations: dict[int, Evaluation] = {}
    yield from evaluator.answer_steps([settings[label] for label in order], settings[order[0]] if order else None)
    for label in order:
        evaluations[label] = evaluator.evaluate(settings[label], base=settings[order[0]])
        if on_result is not None:
            on_result(label, evaluations[label])
    return {label: evaluations[label] for label in settings}
