"""Steps that grow with the value: companding by the mu-law, smooth or in the steps of the telephone's G.711.

    F(u) = sign(u)·ln(1 + mu·|u|) / ln(1 + mu),  u = x / max|x|        q = round(n·F(u)),  n = 2^(b-1) - 1
    x_hat = max|x|·F^-1(q / n)

Rounding happens in the companded domain, so a border lies where F is half way, not half way between levels.
``variant="g711"`` (8 bits, mu = 255): 16 segments of straight lines instead of F, 255 levels (see ``_g711``).

>>> import numpy as np, quantlab as ql
>>> q = ql.quantize(np.array([32124]), ql.QuantSpec("mu-law", variant="g711"))
>>> q.levels[0, [127, 128, 129, 254]].tolist()
[0.0, 8.0, 16.0, 32124.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from quantlab.rows import Rows
from quantlab.schemes import _codebook, _g711
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec

MU = 255.0


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    if spec.variant == "g711":
        return _g711.choose_qparams("mu", np.maximum(-low, high))
    n = 2 ** (spec.bits - 1) - 1
    return QParams(_codebook.unit_scale(np.maximum(-low, high)), np.zeros(len(rows), np.int32), -n, n)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if spec.variant == "g711":
        return _g711.place(x, qparams, spec)
    u = x / column(qparams.scale, np.float64)
    return np.sign(u) * np.log1p(spec.mu * np.abs(u)) * (qparams.qmax / np.log1p(spec.mu))


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if spec.variant == "g711":
        return _g711.value(codes, qparams, spec)
    y = codes.astype(np.float64) / qparams.qmax
    return np.sign(y) * np.expm1(np.abs(y) * np.log1p(spec.mu)) / spec.mu * column(qparams.scale, np.float64)


def _bits(knobs: Mapping[str, Any]) -> Sequence[int]:
    if knobs["variant"] == "smooth":
        return range(2, 17)
    if knobs["mu"] != MU:
        raise ValueError(f"mu={knobs['mu']:g} means nothing for variant='g711', which fixes it at 255; leave mu out")
    return (8,)


SCHEME = Scheme(
    slug="mu-law",
    title="μ-law",
    formula=r"q = \mathrm{round}\!\left(n\,\mathrm{sign}(x)\frac{\ln(1+\mu|x|/a)}{\ln(1+\mu)}\right)",
    blurb="Fine steps near zero, coarse ones far out, equal in ratio: telephone speech since 1972.",
    source="ITU-T G.711; Smith 1957, doi:10.1002/j.1538-7305.1957.tb03858.x",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    codes=_g711.codes,
    bits=_bits,
    knobs={
        "mu": Knob(MU, "how strongly small values are favoured", low=0.01, high=65535.0),
        "variant": Knob("smooth", "the curve itself, or the straight segments of G.711", ("smooth", "g711")),
    },
    variants=({}, {"variant": "g711"}),
    rank=30,
)
