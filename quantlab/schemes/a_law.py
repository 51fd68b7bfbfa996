"""Steps that grow with the value: companding by the A-law, smooth or in the steps of the telephone's G.711.

    F(u) = sign(u)·A|u| / (1 + ln A)              where |u| < 1/A,     u = x / max|x|
           sign(u)·(1 + ln(A|u|)) / (1 + ln A)    else
    q = round(n·F(u)),  n = 2^(b-1) - 1           x_hat = max|x|·F^-1(q / n)

Straight near zero where mu-law still bends; Europe's telephone.
``variant="g711"`` (8 bits, A = 87.6): straight segments instead of F, 256 levels and no zero (see ``_g711``).

>>> import numpy as np, quantlab as ql
>>> q = ql.quantize(np.array([32256]), ql.QuantSpec("a-law", variant="g711"))
>>> q.levels[0, [127, 128, 129, 255]].tolist()
[-8.0, 8.0, 24.0, 32256.0]
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _companded


def compress(u: np.ndarray, a: float) -> np.ndarray:
    au = a * np.abs(u)
    return np.copysign(np.where(au < 1, au, 1 + np.log(np.maximum(au, 1))) / (1 + np.log(a)), u)


def expand(y: np.ndarray, a: float) -> np.ndarray:
    curve = np.minimum(np.abs(y), 1) * (1 + np.log(a))
    u = np.where(curve < 1, curve, np.exp(np.maximum(curve, 1) - 1)) / a
    return np.copysign(np.where(np.abs(y) == 1, 1, u), y)


SCHEME = _companded.scheme(
    "a",
    compress,
    expand,
    standard=87.6,
    lowest=1.0,
    slug="a-law",
    title="A-law",
    formula=r"q = \mathrm{round}(n\,F(x/a)),\quad F(u)=\frac{1+\ln Au}{1+\ln A}\ \mathrm{or}\ \frac{Au}{1+\ln A}",
    blurb="Equal steps near zero, equal ratios further out: Europe's telephone since 1972.",
    source="ITU-T G.711; Cattermole 1962",
    family="curved",
    used_by="telephony: the curve behind G.711 A-law",
    zero_exact=lambda spec: spec.variant == "smooth",
    rank=32,
)
