"""The range of least squared error, by search: clipping and rounding in balance (``_least_error``)."""

from __future__ import annotations

import numpy as np

from quantlab.ranges._least_error import direct_errors, exact_errors, least_error_range
from quantlab.ranges.base import Calibrator, Curve, widest
from quantlab.rounding import ROUNDINGS
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def curve(rows: Rows, spec: QuantSpec) -> Curve:
    low, high = widest(rows, spec)
    exact = not ROUNDINGS[spec.rounding].random
    factors = 2.0 ** -np.arange(4, -1 / 32, -1 / 16)
    errors = exact_errors if exact else direct_errors
    costs = [errors(rows, spec, low * f, high * f)[0][0] for f in factors]
    return Curve(rows.absmax[0] * factors, np.array(costs) / (1 if exact else rows.values.size), "mean squared error")


CALIBRATOR = Calibrator(
    slug="mse",
    title="least squared error",
    blurb="Clipping and rounding in balance, by search.",
    source="Sung et al. 2015, arXiv:1511.06488",
    choose=least_error_range,
    curve=curve,
    rank=40,
)
