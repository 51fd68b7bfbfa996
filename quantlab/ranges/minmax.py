"""The smallest and the largest value: low = min x, high = max x."""

from __future__ import annotations

from quantlab.ranges.base import Calibrator, Range
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def choose(rows: Rows, spec: QuantSpec) -> Range:
    return rows.low, rows.high


CALIBRATOR = Calibrator(
    slug="minmax",
    title="smallest and largest",
    blurb="From the smallest value to the largest; no level lies far beyond them.",
    source="torch MinMaxObserver",
    choose=choose,
    rank=20,
)
