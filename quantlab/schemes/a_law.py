"""Steps that grow with the value: companding by the A-law, smooth or in the steps of the telephone's G.711.

    F(u) = sign(u)·A|u| / (1 + ln A)              where |u| < 1/A,     u = x / max|x|
           sign(u)·(1 + ln(A|u|)) / (1 + ln A)    else
    q = round(n·F(u)),  n = 2^(b-1) - 1           x_hat = max|x|·F^-1(q / n)

Straight near zero where mu-law still bends; Europe's telephone. Rounding happens in the companded domain.
``variant="g711"`` (8 bits, A = 87.6): straight segments instead of F, 256 levels and no zero (see ``_g711``).

>>> import numpy as np, quantlab as ql
>>> q = ql.quantize(np.array([32256]), ql.QuantSpec("a-law", variant="g711"))
>>> q.levels[0, [127, 128, 129, 255]].tolist()
[-8.0, 8.0, 24.0, 32256.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quantlab.rows import Rows
from quantlab.schemes import _codebook, _g711
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec

A = 87.6


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    if spec.variant == "g711":
        return _g711.choose_qparams("a", np.maximum(-low, high))
    n = 2 ** (spec.bits - 1) - 1
    return QParams(_codebook.unit_scale(np.maximum(-low, high)), np.zeros(len(rows), np.int32), -n, n)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if spec.variant == "g711":
        return _g711.place(x, qparams, spec)
    u = x / column(qparams.scale, np.float64)
    a = spec.a * np.abs(u)
    curve = np.where(a < 1, a, 1 + np.log(np.maximum(a, 1)))
    return np.copysign(curve, u) * (qparams.qmax / (1 + np.log(spec.a)))


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if spec.variant == "g711":
        return _g711.value(codes, qparams, spec)
    y = np.abs(codes.astype(np.float64)) / qparams.qmax
    curve = np.minimum(y, 1) * (1 + np.log(spec.a))
    u = np.where(curve < 1, curve, np.exp(np.maximum(curve, 1) - 1)) / spec.a
    return np.copysign(np.where(y == 1, 1, u), codes) * column(qparams.scale, np.float64)


def _bits(knobs: Mapping[str, Any]) -> Sequence[int]:
    if knobs["variant"] == "smooth":
        return range(2, 17)
    if knobs["a"] != A:
        raise ValueError(f"a={knobs['a']:g} means nothing for variant='g711', which fixes it at 87.6; leave a out")
    return (8,)


SCHEME = Scheme(
    slug="a-law",
    title="A-law",
    formula=r"q = \mathrm{round}(n\,F(x/a)),\quad F(u)=\frac{1+\ln Au}{1+\ln A}\ \mathrm{or}\ \frac{Au}{1+\ln A}",
    blurb="Equal steps near zero, equal ratios further out: Europe's telephone since 1972.",
    source="ITU-T G.711; Cattermole 1962",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    codes=_g711.codes,
    bits=_bits,
    knobs={
        "a": Knob(A, "how strongly small values are favoured", low=1.0, high=65535.0),
        "variant": Knob("smooth", "the curve itself, or the straight segments of G.711", ("smooth", "g711")),
    },
    zero_exact=lambda spec: spec.variant == "smooth",
    variants=({}, {"variant": "g711"}),
    rank=32,
)
