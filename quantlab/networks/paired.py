"""Paired intervals: how much more often one answer is right than another on the same images, with its 95 % interval.

With g images right only after and l right only before, of n, Agresti and Min add half an image to each of the four cells:

    d = (g - l) / (n + 2),     d ± z sqrt((g + l + 1) - (g - l)² / (n + 2)) / (n + 2)

Source: Agresti and Min 2005, doi:10.1002/sim.1781. The images count as independent.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from quantlab.networks.statistics import Z95, Interval, difference


def gain(before: np.ndarray, after: np.ndarray) -> Interval:
    """The gain in the share of right answers, -1 to 1; bool (N,) each, for the same images in the same order.

    >>> g = gain(np.array([False] * 30 + [True] * 70), np.array([True] * 100))
    >>> round(g.value, 3), round(g.low, 3), round(g.high, 3)  # 30 / 100; (30 ± 1.96 sqrt(31 - 900/102)) / 102
    (0.3, 0.204, 0.385)
    """
    change = difference(before, after)
    n, more = change.n + 2, change.gained - change.lost
    half = Z95 * sqrt(change.gained + change.lost + 1 - more * more / n) / n
    return Interval(change.value, max(more / n - half, -1.0), min(more / n + half, 1.0), change.n)


def seen(interval: Interval) -> bool:
    """Whether a gain or a loss was seen: the interval does not hold 0."""
    return interval.low > 0 or interval.high < 0
