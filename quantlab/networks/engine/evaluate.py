"""How well does the network still answer at each bit width? A film of evaluations on the same test images.

``evaluation_steps`` is a generator that yields (done, total) and returns one ``Evaluation`` a setting, in the order
asked for but computed nearest first; ``arrived`` hears of each as it comes. Logits are kept on disk, named by weights, images
and setting, so that the same question is answered at once the next time.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator, Mapping
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import torch

from quantlab.networks.engine.quantized import FLOAT, Setting
from quantlab.networks.engine.runner import Runner
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.store import Store, folder
from quantlab.schemes import SCHEMES

WIDTHS = tuple(range(2, 17))
CURVES = {"both": ("weights", "activations"), "weights": ("weights",), "activations": ("activations",)}
REMEMBERED = 400  # logits, 160 kB each for 2000 images of 20 classes

Progress = tuple[int, int]


def widths_of(setting: Setting, curve: str = "both") -> tuple[int, ...]:
    """The bit widths from 2 to 16 that the schemes behind this curve can use; empty where they share none."""
    if curve not in CURVES:
        raise ValueError(f"there is no curve {curve!r}; choose one of {', '.join(CURVES)}")
    specs = {"weights": setting.weight_spec, "activations": setting.activation_spec}
    allowed = [SCHEMES[specs[what].scheme].bits_allowed(specs[what].knobs) for what in CURVES[curve]]
    return tuple(bits for bits in WIDTHS if all(bits in some for some in allowed))


def bit_settings(setting: Setting, curve: str = "both", widths: tuple[int, ...] | None = None) -> dict[int, Setting]:
    """The settings of one curve against bits: weights alone (activations float), activations alone, or both.

    widths : left out, all that the schemes can use.
    """
    widths = widths_of(setting, curve) if widths is None else widths
    base = setting.replace(weights=None, activations=None) if curve != "both" else setting
    return {bits: base.replace(**dict.fromkeys(CURVES[curve], bits)) for bits in widths}


@cache
def program() -> str:
    """A name for the code that computes: results of an older one count as absent."""
    root = Path(__file__).parents[2]
    files = [f for f in sorted(root.rglob("*.py")) if f.relative_to(root).parts[0] not in ("ui", "labs", "audio", "images", "cli", "_app")]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + f"{torch.__version__} {np.__version__}".encode()).hexdigest()


def nearest_first(labels: list, current: object) -> list:
    """The labels in the order of their distance from the current one; from the first where it is none of them.

    >>> nearest_first([2, 3, 4, 5], 4)
    [4, 3, 5, 2]
    """
    at = labels.index(current) if current in labels else 0
    return [labels[i] for i in sorted(range(len(labels)), key=lambda i: (abs(i - at), i))]


class Evaluator:
    """Answers settings on one runner's test images, from disk where they are known there."""

    def __init__(self, runner: Runner, store: Store | None = None):
        self.runner = runner
        self.store = Store(folder()) if store is None else store
        self._known: dict[Setting, np.ndarray] = {}  # the oldest first
        self._lock = threading.RLock()

    @cached_property
    def digest(self) -> str:
        """A name for these weights and these test and calibration images."""
        state = self.runner.network(FLOAT.replace(folded=False)).modules.state_dict()
        content = b"".join(k.encode() + v.contiguous().numpy().tobytes() for k, v in sorted(state.items()))
        return hashlib.sha256(content + f"{self.runner.data.digest} {len(self.runner.test)}".encode()).hexdigest()

    def logits(self, setting: Setting, base: Setting | None = None) -> np.ndarray:
        """float32 (N, C), read-only; computed once however many ask. base : as in ``Runner.logits``."""
        if (known := self._known.get(setting)) is not None:  # without waiting for what others compute
            return known
        with self._lock:
            if (known := self._known.get(setting)) is None:
                key = hashlib.sha256(f"{program()} {self.digest} {setting!r}".encode()).hexdigest()[:40]
                known = self.store.get(key)
                if known is None or known.dtype != np.float32 or known.ndim != 2 or len(known) != len(self.runner.test):
                    known = self.runner.logits(setting, base)
                    self.store.put(key, known)
                known.flags.writeable = False
                while len(self._known) >= REMEMBERED:
                    del self._known[next(iter(self._known))]
                self._known[setting] = known
        return known

    def evaluate(self, setting: Setting, base: Setting | None = None) -> Evaluation:
        reference = self.logits(FLOAT.replace(folded=setting.folded))
        return Evaluation(setting, self.logits(setting, base), reference, self.runner.test.labels)


def evaluation_steps(
    evaluator: Evaluator,
    settings: Mapping[int, Setting],
    current: int | None = None,
    arrived: Callable[[int, Evaluation], None] | None = None,
) -> Generator[Progress, None, dict[int, Evaluation]]:
    """Every setting's evaluation under its label; yields (done, total), the current label first, then its neighbours."""
    order = nearest_first(list(settings), current)
    found: dict[int, Evaluation] = {}
    for done, label in enumerate(order):
        yield done, len(order)
        found[label] = evaluator.evaluate(settings[label], base=settings[order[0]])
        if arrived is not None:
            arrived(label, found[label])
    return {label: found[label] for label in settings}
