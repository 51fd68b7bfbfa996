"""All that is known of one request: levels with the norms following, fine-tuned ones, and how much each layer minds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quantlab.labs.compress.measure import Level, Part
from quantlab.labs.compress.request import CompressRequest


@dataclass(frozen=True, eq=False)
class Frames:
    """quick : stop -> level without fine-tuning, those that are known yet. tuned : those that are fine-tuned and known.

    minds : divergence in bits, (layers, shares), with the layers' names and the shares; None where it is not measured yet.
    original : the float weights of the layer that the codebook is shown of.
    """

    request: CompressRequest
    quick: Mapping[int, Level]
    tuned: Mapping[int, Level]
    minds: tuple[tuple[str, ...], tuple[int, ...], np.ndarray] | None
    layer: str
    original: np.ndarray

    def level(self, stop: int) -> Level | None:
        """The level that a stop shows: fine-tuned, where that is asked for and known; None where it is not known yet."""
        return self.tuned.get(stop, self.quick.get(stop))

    @property
    def levels(self) -> list[Level | None]:
        """The level of every stop."""
        return [self.level(stop) for stop in self.request.stops]

    @property
    def whole(self) -> Part:
        """The float network's file."""
        return next(iter(self.quick.values())).parts[0]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.request.labels
