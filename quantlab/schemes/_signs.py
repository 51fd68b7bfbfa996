"""Two levels ±a as one number a group, shared by ``binary`` and one-bit symmetric integers.

    levels = 2a·(-1/2, 1/2)

The half lets a group of zeros have a scale above zero, the smallest there is, whose half is zero. Beyond half of
float32's range a is held there.
"""

from __future__ import annotations

import numpy as np

from quantlab.types import QParams

HALVES = np.array([-0.5, 0.5], np.float32)
VANISHING, LARGEST = 2.0**-149, float(np.finfo(np.float32).max)


def two_levels(magnitude: np.ndarray, zero_point: int) -> QParams:
    """For magnitudes (G,); the zero point says which level a tie, the value 0, goes to."""
    scale = np.clip(2 * magnitude, VANISHING, LARGEST).astype(np.float32)
    return QParams(scale, np.full(len(scale), zero_point, np.int32), 0, 1, HALVES)
