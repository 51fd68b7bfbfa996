"""The largest magnitude, on both sides of zero: low = -max|x|, high = max|x|."""

from __future__ import annotations

from quantlab.ranges.base import Calibrator, Range
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def choose(rows: Rows, spec: QuantSpec) -> Range:
    return -rows.absmax, rows.absmax


CALIBRATOR = Calibrator(
    slug="absmax",
    title="largest magnitude",
    blurb="From the largest magnitude to its mirror image; one outlier sets the step for all.",
    source="ONNX Runtime, quanto",
    choose=choose,
    rank=10,
)
