"""Distillation: a student learns from labels and from a teacher's softened answers; its gain over labels alone, seed by seed.

Both trainings of a seed begin with the same weights and see the same images in the same order. Formulas: ``quantlab.distillation``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from quantlab.networks import compressed
from quantlab.networks.compressed import CompressedNetwork
from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine.compress.shrink import Answers, Shrinker, held, network_of, shrink_steps
from quantlab.networks.engine.compress.tune import Loss, Tuning, right_answers, tune_steps
from quantlab.networks.engine.models import MODELS, Network, tensor_of
from quantlab.networks.shrinking import Shrinking
from quantlab.networks.store import Store
from quantlab.progress import Steps, part

EPOCHS = 8  # of a student that begins from nothing
RATE = 3e-3  # its largest learning rate, the plain network's own
TWO_BIT = Shrinking(pattern="none", bits=2, epochs=2)  # the low-bit student: the teacher with four values a layer, fine-tuned


@dataclass(frozen=True)
class Distilling:
    """What is compared. width : of the student's layers, as a share of the teacher's; None for the teacher at 2 bits.

    temperature : above 0. mix : share of the teacher in the loss, 0 to 1. seeds : at least 3.
    """

    width: float | None = 0.25
    temperature: float = 4.0
    mix: float = 0.9
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = EPOCHS

    def __post_init__(self) -> None:
        if self.temperature <= 0 or not 0 <= self.mix <= 1:
            raise ValueError(f"a temperature of {self.temperature} and a mix of {self.mix} do not fit: above 0, and 0 to 1")
        if len(set(self.seeds)) < 3:
            raise ValueError(f"{len(set(self.seeds))} seeds show no gain: name at least 3 different ones")


@dataclass(frozen=True, eq=False)
class Students:
    """Students of one seed each. labels_alone, distilled : the networks as files hold them, in the order of the seeds."""

    labels_alone: tuple[CompressedNetwork, ...]
    distilled: tuple[CompressedNetwork, ...]


def distillation_loss(teacher: torch.Tensor, temperature: float, mix: float) -> Loss:
    """The loss of a student. teacher : its logits to all training images, float32 (N, C)."""
    soft = log_softmax(teacher / temperature, 1)  # (N, C)

    def loss(logits: torch.Tensor, labels: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        apart = kl_div(log_softmax(logits / temperature, 1), soft[places], reduction="batchmean", log_target=True)
        return (1 - mix) * cross_entropy(logits, labels) + mix * temperature**2 * apart

    return loss


@torch.inference_mode()
def teacher_logits(network: Network, images: Images) -> torch.Tensor:
    """The network's logits to these images, float32 (N, C)."""
    parts = [network(tensor_of(images.pixels[i : i + 200])) for i in range(0, len(images), 200)]
    return torch.cat(parts).clone()


def student_of(teacher: Network, data: DataSet, width: float, seed: int) -> Network:
    """A narrower network with weights drawn by this seed."""
    torch.manual_seed(seed)
    return MODELS[teacher.slug].build(data.test.pixels.shape[-1], len(data.classes), width)


def distil_steps(teacher: Network, data: DataSet, asked: Distilling, store: Store) -> Steps[Students]:
    """Students of every seed, from labels alone and distilled; yields (batches done, batches)."""
    yield 0, 1
    losses: dict[str, Loss] = {"labels": right_answers}
    logits = teacher_logits(teacher, data.training)
    name = hashlib.sha256(logits.numpy().tobytes()).hexdigest()[:20]
    losses[f"teacher {name} at {asked.temperature:g}, {asked.mix:g}"] = distillation_loss(logits, asked.temperature, asked.mix)
    train = (
        partial(_shared_student_steps, teacher, data, store)
        if asked.width is None
        else partial(_student_steps, teacher, data, asked, store)
    )
    runs = [(name, loss, seed) for name, loss in losses.items() for seed in asked.seeds]
    students: dict[str, list[CompressedNetwork]] = {name: [] for name in losses}
    for i, (name, loss, seed) in enumerate(runs):
        students[name].append((yield from part(train(name, loss, seed), i, len(runs))))
    return Students(*map(tuple, students.values()))


def label_student_steps(teacher: Network, data: DataSet, asked: Distilling, store: Store, seed: int) -> Steps[CompressedNetwork]:
    """The student of one seed that learns from the labels alone; yields (batches done, batches)."""
    yield 0, 1
    return (yield from _student_steps(teacher, data, asked, store, "labels", right_answers, seed))


def top1(answers: Answers, students: Sequence[CompressedNetwork], like: Network) -> list[float]:
    """Shares of right answers of each student, 0 to 1."""
    return [float((answers.logits(network).argmax(1) == answers.labels).mean()) for network in map(partial(network_of, like), students)]


def _student_steps(
    teacher: Network, data: DataSet, asked: Distilling, store: Store, name: str, loss: Loss, seed: int
) -> Steps[CompressedNetwork]:
    assert asked.width is not None
    student = student_of(teacher, data, asked.width, seed)
    of = Shrinker(student, data, store, loss, name)
    whole = Shrinking(pattern="none", bits=None, epochs=asked.epochs, seed=seed)
    if (known := of.known(whole)) is not None:
        return known
    key = of.key(whole)  # before the weights learn
    yield from tune_steps(student, {}, data.training, Tuning(asked.epochs, RATE, seed=seed), loss)
    small = held(student)
    store.put(key, np.frombuffer(compressed.write(small), np.uint8))
    return small


def _shared_student_steps(teacher: Network, data: DataSet, store: Store, name: str, loss: Loss, seed: int) -> Steps[CompressedNetwork]:
    return (yield from shrink_steps(Shrinker(teacher, data, store, loss, name), TWO_BIT.replace(seed=seed)))


def distilled_top1(answers: Answers, asked: Distilling, students: Students, seed: int = 0) -> tuple[list[float], list[float]]:
    """Top-1 of the students from labels alone and of the distilled ones, in the order of the seeds."""
    like = answers.network if asked.width is None else student_of(answers.network, answers.data, asked.width, seed)
    return top1(answers, students.labels_alone, like), top1(answers, students.distilled, like)
