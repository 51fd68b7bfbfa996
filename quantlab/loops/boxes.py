"""Points in a box: what names on a chart may not cover, asked some thousand times a chart."""

from __future__ import annotations

import numpy as np

from quantlab.loops._numba import boolean, float64, given, loop


@loop(boolean(given(float64, 2), float64, float64, float64, float64))
def any_within(points: np.ndarray, left: float, bottom: float, right: float, top: float) -> bool:
    """Whether one of the points (K, 2) lies inside."""
    inside = 0
    for k in range(len(points)):
        inside += left < points[k, 0] < right and bottom < points[k, 1] < top
    return inside > 0
