"""The clip whose histogram keeps most of the information: TensorRT's rule (``_divergence``)."""

from __future__ import annotations

import numpy as np

from quantlab.ranges import _divergence
from quantlab.ranges.base import Calibrator, Curve, Range, symmetric, within
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def choose(rows: Rows, spec: QuantSpec) -> Range:
    codes, clip = _codes_of_one_sign(rows, spec), np.empty(len(rows))
    for count in np.unique(codes):
        of = np.flatnonzero(codes == count)
        clip[of] = _divergence.best_clip(rows if len(of) == len(rows) else rows.part(of), int(count))
    return within(clip, rows, spec)


def curve(rows: Rows, spec: QuantSpec) -> Curve:
    return Curve(*_divergence.curve(rows, int(_codes_of_one_sign(rows, spec)[0])), "divergence in nats")


def _codes_of_one_sign(rows: Rows, spec: QuantSpec) -> np.ndarray:
    """int64 (G,): all codes where no value has the other sign, half of them elsewhere."""
    if symmetric(spec):
        return np.full(len(rows), 2 ** (spec.bits - 1))
    return 2 ** (spec.bits - 1 + ((rows.low >= 0) | (rows.high <= 0)))


CALIBRATOR = Calibrator(
    slug="entropy",
    title="least divergence",
    blurb="Keeps the histogram's shape; TensorRT's rule.",
    source="Migacz 2017, GTC s7310",
    choose=choose,
    curve=curve,
    affine_only=True,
    rank=50,
)
