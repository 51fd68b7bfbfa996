"""The histogram observer's range: ends of a histogram of 2048 bins are trimmed while the estimated error falls (``loops/trimming``).

A search by hundred thousandths of the values, from the outside in, that stops where the error first rises: quick, and good where the
histogram has one hump. The estimate takes 2^b equal cells over the range, each with its level in the middle. The lower end moves only where
its bin holds less than that share: of fewer than 100 000 values it stays, and a symmetric scheme, which reads the larger end, is not trimmed.

>>> from quantlab.values.rows import Rows
>>> x = np.random.default_rng(0).normal(size=(1, 100_000))
>>> clips = {b: choose(Rows(x), QuantSpec("int-asymmetric", bits=b, calibrator="histogram"))[1][0] for b in (3, 8)}
>>> {b: round(float(clip), 1) for b, clip in clips.items()}  # fewer levels, a narrower range; the largest value is 4.73
{3: 2.3, 8: 4.1}
"""

from __future__ import annotations

import numpy as np

from quantlab.ranges.base import Calibrator, Range
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

BINS = 2048
_BLOCK = 1 << 20  # values at once


def choose(rows: Rows, spec: QuantSpec) -> Range:
    from quantlab.loops.trimming import trim

    span = rows.high - rows.low
    width = np.where(span > 0, span, 1.0)
    first, last = np.empty((2, len(rows)), np.int64)
    tall = max(1, _BLOCK // rows.values.shape[1])
    for g in range(0, len(rows), tall):
        cut = slice(g, g + tall)
        places = (rows.values[cut] - rows.low[cut, None]) / width[cut, None]
        trim(np.ascontiguousarray(places, np.float64), BINS, 2**spec.bits, first[cut], last[cut])
    low, high = rows.low + span * (first / BINS), rows.low + span * ((last + 1) / BINS)
    return np.where(span > 0, low, rows.low), np.where(span > 0, np.minimum(high, rows.high), rows.high)


CALIBRATOR = Calibrator(
    slug="histogram",
    title="histogram observer",
    blurb="The ends of a histogram are trimmed while its estimated error falls; of fewer than 100 000 values only the upper end.",
    source="torch.ao.quantization.HistogramObserver, after caffe2's norm minimization",
    choose=choose,
    affine_only=True,
    rank=45,
)
