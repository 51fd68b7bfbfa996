"""One way to shrink a network, measured: its file after each part, and how the network that the file holds answers.

What was measured once is read from disk, by whichever server asks next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np
from cachetools import LRUCache, cached

from quantlab import workers
from quantlab.labs.compress import kept
from quantlab.labs.compress.kept import Record
from quantlab.labs.compress.request import CompressRequest
from quantlab.memory import Cache
from quantlab.networks import compressed, engine
from quantlab.networks.compressed import CompressedNetwork
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.narrow import NARROW
from quantlab.networks.shrinking import PRUNED_ALONE, WHOLE, Shrinking
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

PARTS = ("float32", "pruned", "shared", "coded")
_MEASURED: LRUCache[tuple[str, int, Shrinking], Level] = LRUCache(512)
_LOCK = Lock()


@dataclass(frozen=True, eq=False)
class Part:
    """The file after one part of the work, and its network's answers to the test images. name : of ``PARTS``."""

    name: str
    bytes: int
    answers: Evaluation


@dataclass(frozen=True, eq=False)
class Level:
    """One way to shrink, measured. parts : from the float network on, those that are left out missing. file : the last part's bytes."""

    way: Shrinking
    parts: tuple[Part, ...]
    small: CompressedNetwork
    file: bytes

    @property
    def last(self) -> Part:
        return self.parts[-1]

    @property
    def weights(self) -> tuple[int, int]:
        """How many weights are kept, and of how many."""
        tensors = [tensor for tensor in self.small.tensors if len(tensor.shape) > 1]
        return sum(tensor.kept for tensor in tensors), sum(tensor.array().size for tensor in tensors)


@cached(Cache(4), lock=Lock())
def shrinker_of(source: str) -> engine.Shrinker:
    """The network, ready to be shrunk; a narrower one once ``ready_steps`` has trained it."""
    return engine.shrinker(*engine.named(source))


def ready_steps(source: str) -> Steps[engine.Shrinker]:
    """The same, where a narrower network is trained first if it is not on disk yet; yields (done, total)."""
    if source in NARROW:
        work = partial(workers.steps, partial(_train_steps, source), source)
        yield from ENGINE.once(Task(("narrow", source), work, "Training a narrower network"))
    return shrinker_of(source)


def _train_steps(source: str) -> Steps[bool]:
    """Leaves the narrower network on disk: what a worker sends back stays small."""
    yield from engine.narrow_steps(source)
    return True


@cached(Cache(8), lock=Lock())
def answers_of(source: str, images: int) -> engine.Answers:
    """Its first test images, ready to be asked about."""
    of = shrinker_of(source)
    return engine.Answers(of.network, of.data, images)


def level_steps(source: str, images: int, way: Shrinking) -> Steps[Level]:
    """One way measured; yields (done, total). The same question is answered at once the next time, from disk after a restart."""
    key = source, images, way
    with _LOCK:
        known = _MEASURED.get(key)
    if known is not None:
        yield 0, 1
        return known
    yield from ready_steps(source)
    level = _from_disk(source, images, way)
    if level is None:
        work = partial(_measured_steps, source, images, way)
        level = yield from (workers.steps(work, source) if way.epochs else work())
        _to_disk(source, images, level)
    with _LOCK:
        _MEASURED[key] = level
    return level


def _measured_steps(source: str, images: int, way: Shrinking) -> Steps[Level]:
    of = yield from ready_steps(source)
    asked = answers_of(source, images)
    parts = [_whole(source, images)]
    small = yield from engine.shrink_steps(of, way.replace(**PRUNED_ALONE))
    if way.prunes:
        data = compressed.write(small, huffman=False)
        parts.append(Part("pruned", len(data), _pruned_answers(asked, small)))
    if way.shares_weights:
        small = yield from engine.shrink_steps(of, way)
        data = compressed.write(small, huffman=False)
        parts.append(Part("shared", len(data), asked.evaluate(compressed.read(data))))
    data = compressed.write(small, way.huffman)
    if way.huffman:
        parts.append(Part("coded", len(data), parts[-1].answers))
    return Level(way, tuple(parts), small, data)


@cached(Cache(32), lock=Lock())
def _pruned_answers(asked: engine.Answers, small: CompressedNetwork) -> Evaluation:
    """The answers once pruned, which the levels of a slider share."""
    return asked.evaluate(small)


@cached(Cache(8), lock=Lock())
def _whole(source: str, images: int) -> Part:
    """The float network as a file of the same layout."""
    of, asked = shrinker_of(source), answers_of(source, images)
    if (known := kept.known(of, images, WHOLE, sizes=1, logits=2)) is not None:
        logits, reference = known.logits
        return Part("float32", known.sizes[0], Evaluation(engine.UNFOLDED, logits, reference, asked.labels))
    data = compressed.write(engine.held(of.network), WHOLE.huffman)
    answers = asked.evaluate(compressed.read(data))
    kept.keep(of, images, WHOLE, Record((len(data),), np.stack([answers.logits, answers.reference]), b""))
    return Part("float32", len(data), answers)


def _own_parts(way: Shrinking) -> list[str]:
    """The parts that answer otherwise than the one before them: what Huffman codes leaves every weight as it is."""
    return ["pruned"] * way.prunes + ["shared"] * way.shares_weights


def _to_disk(source: str, images: int, level: Level) -> None:
    """Keep a level; one that changes no weight takes no time to measure and is not kept."""
    answers = {part.name: part.answers.logits for part in level.parts}
    if own := _own_parts(level.way):
        sizes = tuple(part.bytes for part in level.parts[1:])
        record = Record(sizes, np.stack([answers[name] for name in own]), level.file)
        kept.keep(shrinker_of(source), images, level.way, record)


def _from_disk(source: str, images: int, way: Shrinking) -> Level | None:
    """The level as it was kept."""
    own = _own_parts(way)
    names = [*own, "coded"][: len(own) + way.huffman]
    record = kept.known(shrinker_of(source), images, way, len(names), len(own)) if own else None
    if record is None:
        return None
    try:
        small = compressed.read(record.file)
    except compressed.DamagedFile:  # as good as absent
        return None
    whole, labels = _whole(source, images), answers_of(source, images).labels
    answers = [Evaluation(engine.UNFOLDED, logits, whole.answers.reference, labels) for logits in record.logits]
    shown = zip(names, record.sizes, [*answers, answers[-1]], strict=False)  # Huffman words answer as the weights they code
    return Level(way, (whole, *(Part(*part) for part in shown)), small, record.file)


def pruning_cost_steps(source: str) -> Steps[tuple[tuple[str, ...], np.ndarray]]:
    """Layers, and how far the answers move when one of them alone is pruned: bits, float64 (layers, ``ALONE_SHARES``)."""
    of = yield from ready_steps(source)
    costs = engine.known_pruning_costs(of)
    if costs is None:
        costs = yield from workers.steps(partial(_costs_there_steps, source), source)
    return of.network.layers, costs


def _costs_there_steps(source: str) -> Steps[np.ndarray]:
    """The same in a worker, with its own copy of the network."""
    of = yield from ready_steps(source)
    return (yield from engine.pruning_cost_steps(of))


def request_level_steps(request: CompressRequest, stop: int) -> Steps[Level]:
    """A request at one stop of the slider."""
    return (yield from level_steps(request.source, request.images, request.at(stop)))
