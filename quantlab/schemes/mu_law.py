"""Steps that grow with the value: companding by the mu-law, smooth form.

    F(u) = sign(u)·ln(1 + mu·|u|) / ln(1 + mu),  u = x / max|x|        q = round(n·F(u)),  n = 2^(b-1) - 1
    x_hat = max|x|·F^-1(q / n)

Rounding happens in the companded domain, so a border lies where F is half way, not half way between levels.
"""

from __future__ import annotations

import numpy as np

from quantlab.rows import Rows
from quantlab.schemes import _codebook
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    n = 2 ** (spec.bits - 1) - 1
    return QParams(_codebook.unit_scale(np.maximum(-low, high)), np.zeros(len(rows), np.int32), -n, n)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    u = x / column(qparams.scale, np.float64)
    return np.sign(u) * np.log1p(spec.mu * np.abs(u)) * (qparams.qmax / np.log1p(spec.mu))


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    y = codes.astype(np.float64) / qparams.qmax
    return np.sign(y) * np.expm1(np.abs(y) * np.log1p(spec.mu)) / spec.mu * column(qparams.scale, np.float64)


SCHEME = Scheme(
    slug="mu-law",
    title="μ-law",
    formula=r"q = \mathrm{round}\!\left(n\,\mathrm{sign}(x)\frac{\ln(1+\mu|x|/a)}{\ln(1+\mu)}\right)",
    blurb="Fine steps near zero, coarse ones far out, equal in ratio: telephone speech since 1972.",
    source="ITU-T G.711 (smooth form); Smith 1957, doi:10.1002/j.1538-7305.1957.tb03858.x",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: range(2, 17),
    knobs={"mu": Knob(255.0, "how strongly small values are favoured", low=0.01, high=65535.0)},
    rank=30,
)
