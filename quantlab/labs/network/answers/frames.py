"""Frames of the network lab: the answers at every stop of the slider as they arrive, on the same test images.

Nothing here computes an accuracy: evaluations and sizes come from ``quantlab.networks``, which brings torch along, and
this file only keeps them side by side. A level that is still being computed is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import Size

WALL = 40  # images shown


@dataclass(frozen=True)
class Level:
    """One stop: how the quantized network answered, and what it weighs."""

    evaluation: Evaluation
    size: Size


@dataclass(frozen=True, eq=False)
class Frames:
    """widths : bits of the stops, 2 to 16. levels : by their bits, those known yet. exact : the float network.

    scrub : what the slider moves, "both", "weights" or "activations". others : the same test for the other two ways,
    bits -> evaluation. pixels : test images uint8 (N, H, W, C). classes : their names.
    pinned : the answers of the pinned setting, which is kept to compare with, to the same images, bits -> evaluation.
    truth : whether the labels say what the images show, or only what the float network answers.
    """

    widths: tuple[int, ...]
    levels: Mapping[int, Level]
    exact: Level
    scrub: str
    others: Mapping[str, Mapping[int, Evaluation]]
    pixels: np.ndarray
    classes: tuple[str, ...]
    truth: bool = True
    pinned: Mapping[int, Evaluation] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(str(bits) for bits in self.widths)

    @property
    def known(self) -> list[Level | None]:
        """A level or None for every stop."""
        return [self.levels.get(bits) for bits in self.widths]


def sample(frames: Frames, count: int = WALL) -> np.ndarray:
    """Images to show whatever they are answered, int (n,): equally many of each class, in the order of the classes.

    Those of the strongest contrast, on which a person sees most: patches of a photograph may be a piece of plain wall.
    Where no truth is known, the first ones.
    """
    if not frames.truth:
        return np.arange(min(count, len(frames.pixels)))
    labels = frames.exact.evaluation.labels
    each, contrast = max(1, count // len(frames.classes)), frames.pixels.std(axis=(1, 2, 3))
    strongest = np.argsort(-contrast, kind="stable")
    return np.concatenate([np.sort(strongest[labels[strongest] == c][:each]) for c in range(len(frames.classes))])


def flipped(frames: Frames, count: int = WALL) -> np.ndarray:
    """Images whose answer changes at some width, those that change already at many bits first, int (n,)."""
    seen: list[int] = []
    for bits in reversed(frames.widths):
        if (level := frames.levels.get(bits)) is not None:
            new = set(level.evaluation.flipped.tolist()) - set(seen)
            seen += sorted(new)[: max(4, count // 6)]
    return np.array(seen[:count], int)


def top_five(evaluation: Evaluation, images: np.ndarray) -> list[list[tuple[int, int]]]:
    """The five likeliest classes of each image, (class, per cent); the per cents are the softmax of the logits."""
    logits = evaluation.logits[images].astype(np.float64)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return [
        [(int(c), round(100 * float(share[c]))) for c in ranking[:5]]
        for ranking, share in zip(evaluation.ranking[images], shares, strict=True)
    ]


def per_class(evaluation: Evaluation) -> np.ndarray:
    """The share of each class's images that is answered correctly, float (C,); NaN for a class without images."""
    confusion = evaluation.confusion
    total = confusion.sum(axis=1)
    return np.where(total > 0, np.diagonal(confusion) / np.maximum(total, 1), np.nan)
