"""What the room of distillation knows: the teacher's answer to one picture at every temperature, and students where they are trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.distillation import TEMPERATURES, Gain, paired_gain, softened
from quantlab.labs.compress.request import DistilRequest


@dataclass(frozen=True)
class Trained:
    """Right answers of students, shares from 0 to 1 in the order of the seeds. bytes : of a student's file, the first one's."""

    temperature: int
    alone: tuple[float, ...]
    distilled: tuple[float, ...]
    bytes: int

    @property
    def gain(self) -> Gain:
        """The gain of the teacher over labels alone, seed by seed."""
        return paired_gain(self.alone, self.distilled)


@dataclass(frozen=True, eq=False)
class DistilFrames:
    """logits : float32 (C,) of the teacher for one picture that it hesitates at. label : what that shows. teacher : its share of right answers.

    pixels : uint8 (H, W, 3) of the picture. trained : None where students are not trained yet.
    """

    request: DistilRequest
    classes: tuple[str, ...]
    logits: np.ndarray
    label: int
    pixels: np.ndarray
    teacher: float
    teacher_bytes: int
    trained: Trained | None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, TEMPERATURES))

    def probabilities(self, temperature: float) -> np.ndarray:
        """float64 (C,)."""
        return softened(self.logits, temperature)


def hesitation(logits: np.ndarray, labels: np.ndarray) -> int:
    """The place of the picture, of logits (N, C), whose right class has nearest to 70 %.

    >>> hesitation(np.log([[0.99, 0.01], [0.7, 0.3], [0.3, 0.7]]), np.array([0, 0, 0]))
    1
    """
    return int(np.abs(softened(logits, 1)[np.arange(len(labels)), labels] - 0.7).argmin())
