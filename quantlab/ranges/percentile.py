"""A quantile of the values: the share ``percentile`` is kept, what is beyond is clipped.

Of a symmetric scheme it is the quantile of |x|; else of both tails, 1 - q and q.
"""

from __future__ import annotations

import numpy as np

from quantlab.ranges.base import Calibrator, Curve, Range, symmetric
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def choose(rows: Rows, spec: QuantSpec) -> Range:
    q = spec.percentile / 100
    if symmetric(spec):
        bound = rows.abs_quantile(q)
        return -bound, bound
    return rows.quantile(1 - q), rows.quantile(q)


def curve(rows: Rows, spec: QuantSpec) -> Curve:
    clips = rows.absmax[0] * np.arange(1, 257) / 256
    kept = rows.magnitudes.ranks(clips, right=True) / rows.values.size
    return Curve(clips, 1 - kept, "share of the values clipped")


CALIBRATOR = Calibrator(
    slug="percentile",
    title="percentile",
    blurb="A fixed share is clipped.",
    source="Wu et al. 2020, arXiv:2004.09602",
    choose=choose,
    curve=curve,
    rank=30,
)
