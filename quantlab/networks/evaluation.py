"""Evaluation of one setting: logits beside those of the float network and the labels, and all that follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.caching import cached_property
from quantlab.networks import statistics
from quantlab.networks.settings import Setting
from quantlab.networks.statistics import Difference, Interval


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Answers to N images. logits : float32 (N, C) of the quantized network; reference : of the float network; labels : int64 (N,)."""

    setting: Setting
    logits: np.ndarray
    reference: np.ndarray
    labels: np.ndarray

    @cached_property
    def ranking(self) -> np.ndarray:
        """Classes from the likeliest down, int64 (N, C); of equal logits the higher class first, as ``metrics.top_k``."""
        return ranked(self.logits)

    @property
    def predicted(self) -> np.ndarray:
        """The first answer to each image, int64 (N,)."""
        return self.ranking[:, 0]

    @cached_property
    def predicted_by_float(self) -> np.ndarray:
        return ranked(self.reference)[:, 0]

    @property
    def right(self) -> np.ndarray:
        """bool (N,)."""
        return self.predicted == self.labels

    def top(self, k: int) -> Interval:
        """Share of images whose label is among the first k answers (all classes, where there are fewer)."""
        hits = (self.ranking[:, :k] == self.labels[:, None]).any(axis=1)
        return statistics.wilson(int(hits.sum()), len(hits))

    @cached_property
    def f1(self) -> Interval:
        """Macro F1, its interval by bootstrap."""
        return statistics.f1_interval(self.confusion)

    @property
    def macro_f1(self) -> float:
        """Macro F1 without its interval, which takes a thousand draws."""
        return float(statistics.f1_of_confusion(self.confusion))

    @property
    def agreement(self) -> Interval:
        """Share of images with the float network's answer, right or wrong."""
        same = self.predicted == self.predicted_by_float
        return statistics.wilson(int(same.sum()), len(same))

    @cached_property
    def confusion(self) -> np.ndarray:
        """int64 (C, C): class i called j."""
        return statistics.confusion(self.labels, self.predicted, self.logits.shape[1])

    @property
    def flipped(self) -> np.ndarray:
        """Images whose answer is no longer the float network's: places among the test images, int64."""
        return np.flatnonzero(self.predicted != self.predicted_by_float)

    @property
    def difference(self) -> Difference:
        """The difference from the float network's accuracy, on the same images."""
        return statistics.difference(self.predicted_by_float == self.labels, self.right)

    def difference_from(self, other: Evaluation) -> Difference:
        """The difference from another setting's accuracy, on the same images."""
        return statistics.difference(other.right, self.right)


def ranked(logits: np.ndarray) -> np.ndarray:
    """Classes by falling logit, the higher class first among equals.

    >>> ranked(np.array([[0.5, 0.5, 0.9]])).tolist()
    [[2, 1, 0]]
    """
    classes = logits.shape[1]
    return classes - 1 - np.argsort(-logits[:, ::-1], axis=1, kind="stable")
