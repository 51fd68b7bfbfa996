"""The records of the epochs of a training under way."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class Record:
    """A list entry for each epoch so far, the first before any training; of layers by name. step, clip : means."""

    loss: list[float] = field(default_factory=list)
    predicted: list[np.ndarray] = field(default_factory=list)
    flips: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    negative: list[int] = field(default_factory=list)
    latent: list[dict[str, np.ndarray]] = field(default_factory=list)
    used: list[dict[str, np.ndarray]] = field(default_factory=list)
    step: list[dict[str, float]] = field(default_factory=list)
    clip: list[dict[str, float]] = field(default_factory=list)
