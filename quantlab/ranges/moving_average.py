"""A moving average of the smallest and largest values of batches, as an observer sees them one after another.

    low ← low + c (low of the batch - low),   the first batch as it is,   c = 0.01

The values are taken in their order as up to 64 batches. The first weighs 0.99^63 = 53 % of all: what comes late moves it little.

>>> from quantlab.values.rows import Rows
>>> x = np.r_[np.ones(63), 101.0][None]  # one of 64 batches has an outlier: 1 + 0.01 · 100
>>> choose(Rows(x), QuantSpec("int-symmetric", calibrator="moving-average"))[1].round(9)
array([2.])
"""

from __future__ import annotations

import numpy as np

from quantlab.ranges.base import Calibrator, Range
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

BATCHES, CONSTANT = 64, 0.01


def choose(rows: Rows, spec: QuantSpec) -> Range:
    starts = np.linspace(0, rows.values.shape[1], min(BATCHES, rows.values.shape[1]) + 1).astype(int)[:-1]
    weights = CONSTANT * (1 - CONSTANT) ** np.arange(len(starts) - 1, -1, -1.0)
    weights[0] /= CONSTANT
    low, high = ((np.ascontiguousarray(of.reduceat(rows.values, starts, axis=1)) * weights).sum(axis=1) for of in (np.minimum, np.maximum))
    return np.clip(low, rows.low, rows.high), np.clip(high, rows.low, rows.high)


CALIBRATOR = Calibrator(
    slug="moving-average",
    title="moving average",
    blurb="The smallest and largest values of 64 batches in their order, each moving the range by a hundredth.",
    source="torch MovingAverageMinMaxObserver; Jacob et al. 2018, arXiv:1712.05877",
    choose=choose,
    rank=25,
)
