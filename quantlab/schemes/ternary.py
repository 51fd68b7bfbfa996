"""Three levels, {-s, 0, s}: a value beyond the threshold is one of the two, all else is zero.

    x_hat = s·sign(x) where |x| > t, else 0       s = mean of the |x| above t (least squares, given t)
    twn:   t = 0.7·mean|x|, close to the best on a Gaussian
    exact: the t of least error; with the k largest |x| kept the error falls by (sum of them)^2 / k, so the k of the
           largest such term is searched among all, and t = s/2

Stored in two bits; ``entropy_bits`` says how far below log2(3) = 1.58 an entropy coder gets.

>>> import numpy as np, quantlab as ql
>>> ql.fake_quantize(np.array([-3.0, 0.2, 0.4, 1.0]), ql.QuantSpec("ternary"))  # t = .7 * 1.15, s = (3 + 1) / 2
array([-2.,  0.,  0.,  2.], dtype=float32)
>>> ql.fake_quantize(np.array([-3.0, 0.2, 0.4, 1.0]), ql.QuantSpec("ternary", threshold="exact"))  # 9/1 > 16/2
array([-3.,  0.,  0.,  0.], dtype=float32)
"""

from __future__ import annotations

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _bordered
from quantlab.schemes._stored import Arrays, Counts, Storage, of_codebook, take
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

SIGNS = np.array([-1, 0, 1], np.float32)
TWN = 0.7


def _twn(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    threshold = TWN * rows.mean_abs
    magnitude = np.abs(rows.values)
    above = magnitude > threshold[:, None]
    level = magnitude.sum(axis=1, where=above, dtype=np.float64) / np.maximum(above.sum(axis=1), 1)
    return threshold, level


def _exact(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    falling = -np.sort(-np.abs(rows.values), axis=1)
    total = np.cumsum(falling, axis=1, dtype=np.float64)  # (G, N): of the k largest
    best = np.argmax(total * (total / np.arange(1, total.shape[1] + 1)), axis=1)
    level = total[np.arange(len(rows)), best] / (best + 1)
    return level / 2, level


THRESHOLDS = {"twn": _twn, "exact": _exact}


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    threshold, level = (part[:, None].astype(np.float32) for part in THRESHOLDS[spec.threshold](rows))
    threshold = np.minimum(threshold, level)  # float32 sums of equal values may put the mean an ulp below
    ones = np.ones(len(rows))
    return QParams(ones.astype(np.float32), ones.astype(np.int32), 0, 2, level * SIGNS, threshold * SIGNS[::2])


def read_back(x: np.ndarray, qparams: QParams, spec: QuantSpec, out: np.ndarray) -> bool:
    """The values at once, by one comparison with the threshold; not where a rounding, or a value on a border, asks for the codes."""
    borders, book = qparams.extra, qparams.codebook
    if borders is None or book is None or not ROUNDINGS[spec.rounding].nearest or not (qparams.scale == 1).all():
        return False
    size, threshold = np.abs(x), borders[:, 1:]
    if (size == threshold).any():
        return False
    np.copysign(np.atleast_2d(book)[:, 2:], x, out=out, casting="same_kind")
    np.copyto(out, 0, where=size < threshold)
    return True


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.codebook is not None
    return {"level": q.codebook[:, -1].copy()}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    return of_codebook(take(arrays, "level", sum(counts))[:, None] * SIGNS, spec)


SCHEME = Scheme(
    slug="ternary",
    title="Ternary",
    formula=r"\hat x = s\,\mathrm{sign}(x)\,[\,|x|>t\,],\quad t=0.7\,\mathrm{mean}|x|",
    blurb="Minus, nothing, plus: products with a zero vanish, the others are additions.",
    source="Li, Zhang, Liu 2016 (TWN), arXiv:1605.04711",
    family="even",
    used_by="ternary weight networks: products are additions",
    choose_qparams=choose_qparams,
    place=_bordered.place,
    value=_bordered.value,
    codes=_bordered.codes,
    read_back=read_back,
    bits=lambda knobs: (2,),
    knobs={"threshold": Knob("twn", "0.7 times the mean of |x|, or the one of least error", tuple(THRESHOLDS))},
    ranged=False,
    roundings=("nearest-even", "half-away", "half-up", "floor", "ceil", "toward-zero"),  # chance would be biased here
    borders_lie="own",
    storage=Storage(_write, _read),
    variants=({}, {"threshold": "exact"}),
    rank=24,
)
