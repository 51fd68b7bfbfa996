"""The codebook of least squared error for these very values: k-means with 2^b means.

``optimal`` is the global optimum (dynamic programming, time grows with values times levels); ``lloyd`` iterates
from a good start to a local optimum, and is the one for millions of values. The codebook is stored with the
codes, 32 bits a level, and ``bits_per_value`` counts it: for small groups that is most of the cost.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _codebook
from quantlab.schemes._clustering import first_levels, lloyd, optimal
from quantlab.schemes._stored import CODEBOOK
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    count = 2**spec.bits
    ordered = rows.distribution.sorted[None] if len(rows) == 1 else np.sort(rows.values, axis=1)
    if spec.method == "optimal":
        book = np.stack([optimal(row, count) for row in ordered])
    else:
        ordered = ordered.astype(np.float64)  # so that borders fall alike for one group and for many
        book = first_levels(ordered, count)
        for step in lloyd(ordered, book):
            book = step
    book = np.maximum.accumulate(book.astype(np.float32), axis=1) + np.float32(0)  # -0 among 0 is whichever sorts first
    return QParams(np.ones(len(rows), np.float32), np.zeros(len(rows), np.int32), 0, count - 1, book)


SCHEME = Scheme(
    slug="kmeans",
    title="k-means codebook",
    formula=r"\min_{c_1<\ldots<c_K}\ \sum_i \min_k (x_i-c_k)^2,\quad K=2^b",
    blurb="Levels where the values are: the least error any scalar quantizer of this size can have.",
    source="Lloyd 1982, doi:10.1109/TIT.1982.1056489; Grønlund et al. 2017, arXiv:1701.07204",
    family="learned",
    used_by="Deep Compression: shared weights in a look-up table",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: range(1, 9),
    knobs={"method": Knob("optimal", "global optimum, or Lloyd's iterations", ("optimal", "lloyd"))},
    ranged=False,
    roundings=("nearest-even", "half-away", "half-up", "floor", "ceil", "stochastic"),
    fitted=lambda spec: True,
    symmetric=False,
    zero_exact=lambda spec: False,
    group_bits=lambda spec: 32.0 * 2**spec.bits,
    storage=CODEBOOK,
    variants=({}, {"method": "lloyd"}),
    rank=50,
)
