"""Levels that halve: a product with such a weight is a bit shift.

levels = max|x|·{0, ±1, ±1/2, ±1/4, ..., ±2^-(2^(b-1) - 2)}
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _codebook, _scales
from quantlab.schemes.base import SCALES, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    n = 2 ** (spec.bits - 1) - 1
    up = np.exp2(np.arange(1 - n, 1, dtype=np.float64))
    book = np.concatenate((-up[::-1], [0.0], up)).astype(np.float32)  # 2n + 1 levels
    return QParams(_scales.stored(_codebook.unit_scale(np.maximum(-low, high)), spec), np.full(len(rows), n, np.int32), 0, 2 * n, book)


SCHEME = Scheme(
    slug="power-of-two",
    title="Powers of two",
    formula=r"\hat x \in a\,\{0,\pm1,\pm\tfrac12,\pm\tfrac14,\ldots,\pm2^{-(2^{b-1}-2)}\}",
    blurb="Every level half the next: multiplications become shifts, and large values get few levels.",
    source="Zhou et al. 2017 (INQ), arXiv:1702.03044; Miyashita et al. 2016, arXiv:1603.01025",
    family="curved",
    used_by="INQ: products are bit shifts",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: range(2, 9),
    full_scale=True,
    knobs={"scales": SCALES},
    follows_scale=_scales.follow,
    returns_range=lambda spec: spec.scales == "float32",
    group_bits=lambda spec: _scales.bits(spec),
    rank=40,
)
