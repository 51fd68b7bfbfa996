"""Steps that grow with the value: companding by the mu-law, smooth or in the steps of the telephone's G.711.

    F(u) = sign(u)·ln(1 + mu·|u|) / ln(1 + mu),  u = x / max|x|        q = round(n·F(u)),  n = 2^(b-1) - 1
    x_hat = max|x|·F^-1(q / n)

``variant="g711"`` (8 bits, mu = 255): 16 segments of straight lines instead of F, 255 levels (see ``_g711``).

>>> import numpy as np, quantlab as ql
>>> q = ql.quantize(np.array([32124]), ql.QuantSpec("mu-law", variant="g711"))
>>> q.levels[0, [127, 128, 129, 254]].tolist()
[0.0, 8.0, 16.0, 32124.0]
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _companded


def compress(u: np.ndarray, mu: float) -> np.ndarray:
    return np.sign(u) * np.log1p(mu * np.abs(u)) / np.log1p(mu)


def expand(y: np.ndarray, mu: float) -> np.ndarray:
    return np.sign(y) * np.expm1(np.abs(y) * np.log1p(mu)) / mu


SCHEME = _companded.scheme(
    "mu",
    compress,
    expand,
    standard=255.0,
    lowest=0.01,
    slug="mu-law",
    title="μ-law",
    formula=r"q = \mathrm{round}\!\left(n\,\mathrm{sign}(x)\frac{\ln(1+\mu|x|/a)}{\ln(1+\mu)}\right)",
    blurb="Fine steps near zero, coarse ones far out, equal in ratio: telephone speech since 1972.",
    source="ITU-T G.711; Smith 1957, doi:10.1002/j.1538-7305.1957.tb03858.x",
    family="curved",
    used_by="telephony: the curve behind G.711 μ-law",
    rank=30,
)
