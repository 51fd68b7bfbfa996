"""Evaluations of a network under many settings, on the same test images.

``evaluation_steps`` is a generator that yields (done, total) and returns one ``Evaluation`` a setting, in the order
asked for but computed nearest first; ``on_result`` hears of each as it comes. Logits are kept on disk, named by weights, images
and setting, so that the same question is answered at once the next time.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import torch
from cachetools import FIFOCache, cached

from quantlab.cache_folder import cache_folder
from quantlab.networks.engine.runner import Runner
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.settings import FLOAT, Setting, nearest_first
from quantlab.networks.store import Store
from quantlab.progress import Steps

REMEMBERED = 400  # logits, 160 kB each for 2000 images of 20 classes


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
        self._logits_once = cached(FIFOCache(REMEMBERED), _remembered_by, condition=threading.Condition())(self._logits)

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
        key = hashlib.sha256(f"{program()} {self.digest} {setting!r}".encode()).hexdigest()[:40]
        logits = self.store.get(key)
        if logits is None or logits.dtype != np.float32 or logits.ndim != 2 or len(logits) != len(self.runner.test):
            logits = self.runner.logits(setting, base)
            self.store.put(key, logits)
        logits.flags.writeable = False
        return logits

    def evaluate(self, setting: Setting, base: Setting | None = None) -> Evaluation:
        """The answers under a setting, beside those of the float network, folded or not as the setting says."""
        reference = self.logits(FLOAT.replace(folded=setting.folded))
        return Evaluation(setting, self.logits(setting, base), reference, self.runner.test.labels)


def evaluation_steps(
    evaluator: Evaluator,
    settings: Mapping[int, Setting],
    current: int | None = None,
    on_result: Callable[[int, Evaluation], None] | None = None,
) -> Steps[dict[int, Evaluation]]:
    """Every setting's evaluation under its label; yields (done, total), the current label first, then its neighbours."""
    order = nearest_first(list(settings), current)
    evaluations: dict[int, Evaluation] = {}
    for done, label in enumerate(order):
        yield done, len(order)
        evaluations[label] = evaluator.evaluate(settings[label], base=settings[order[0]])
        if on_result is not None:
            on_result(label, evaluations[label])
    return {label: evaluations[label] for label in settings}
