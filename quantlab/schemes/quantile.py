"""As many values at every level: cells of equal count, each level the mean of its cell.

    border_k = (x_(c_k) + x_(c_k + 1)) / 2,  c_k = round(k·N / 2^b) values below it       level_k = mean of the cell

Every code is used equally often, so no entropy coder can shorten the codes; the error is larger than k-means' because
the tails get as few levels as the middle. Equal values stay together even where that upsets the count.

>>> import numpy as np, quantlab as ql
>>> q = ql.quantize(np.array([0.0, 1.0, 2.0, 3.0, 10.0, 30.0]), ql.QuantSpec("quantile", bits=1))
>>> q.codes.tolist(), q.levels.tolist()  # 3 values each; (3 + 10 + 30) / 3
([0, 0, 0, 1, 1, 1], [[1.0, 14.333333015441895]])
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _bordered
from quantlab.schemes._stored import CODEBOOK
from quantlab.schemes.base import Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    count = 2**spec.bits
    ordered = rows.distribution.sorted[None] if len(rows) == 1 else np.sort(rows.values, axis=1)
    n = ordered.shape[1]
    cuts = (np.arange(count + 1) * n + count // 2) // count  # (L + 1,)
    sums = np.concatenate((np.zeros((len(rows), 1)), np.cumsum(ordered, axis=1, dtype=np.float64)), axis=1)
    size = np.diff(cuts)
    at = ordered[:, np.minimum(cuts[:-1], n - 1)].astype(np.float64)  # the level of a cell without values
    levels = np.where(size > 0, np.diff(sums[:, cuts], axis=1) / np.maximum(size, 1), at)
    inner = cuts[1:-1]
    below, above = ordered[:, np.maximum(inner - 1, 0)], ordered[:, np.minimum(inner, n - 1)]
    levels = np.clip(levels, ordered[:, np.minimum(cuts[:-1], n - 1)], ordered[:, np.maximum(cuts[1:] - 1, 0)])
    borders = (below.astype(np.float64) + above) / 2  # (G, L - 1)
    ones = np.ones(len(rows), np.float32)
    line = np.empty((len(rows), 2 * count - 1))
    line[:, ::2], line[:, 1::2] = levels, borders
    line = np.maximum.accumulate(line.astype(np.float32), axis=1) + np.float32(0)  # sorting may put -0 anywhere among 0
    return QParams(ones, np.zeros(len(rows), np.int32), 0, count - 1, line[:, ::2].copy(), line[:, 1::2].copy())


SCHEME = Scheme(
    slug="quantile",
    title="Equal counts",
    formula=r"\#\{x_i: b_{k-1}<x_i\le b_k\}=N/2^b,\quad \ell_k=\mathrm{mean}",
    blurb="Every level serves as many values: full entropy, but the tails are coarse.",
    source="Dettmers et al. 2022 (quantile quantization), arXiv:2110.02861",
    family="learned",
    used_by="8-bit optimizer states, in blocks",
    choose_qparams=choose_qparams,
    place=_bordered.place,
    value=_bordered.value,
    codes=_bordered.codes,
    bits=lambda knobs: range(1, 9),
    ranged=False,
    roundings=("nearest-even", "half-away", "half-up", "floor", "ceil"),  # chance would be biased between such borders
    borders_lie="own",
    fitted=lambda spec: True,
    symmetric=False,
    zero_exact=lambda spec: False,
    group_bits=lambda spec: 32.0 * 2**spec.bits,
    storage=CODEBOOK,
    rank=65,
)
