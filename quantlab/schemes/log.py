"""Equal ratios: levels evenly spaced in log|x|, with an exact zero.

    x_hat = sign(q)·a·2^(-R·(n - |q|) / (n - 1)),  |q| = 1 ... n,  n = 2^(b-1) - 1;  q = 0 is 0;  a = max|x|

R = ``octaves`` is the span from the smallest level to the largest, whatever the bits: one bit more halves the ratio
of neighbours. With R = n - 1 it is ``power-of-two``. Rounding happens in the logarithm (a border is the geometric
mean of its levels), and linearly between 0 and the smallest level.

>>> import numpy as np, quantlab as ql
>>> ql.quantize(np.array([8.0]), ql.QuantSpec("log", bits=3, octaves=3.0)).levels[0, 3:]  # n = 3: ratio 2^(3/2)
array([0.      , 1.      , 2.828427, 8.      ], dtype=float32)
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _codebook, _scales
from quantlab.schemes.base import SCALES, Knob, Scheme, column
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    n = 2 ** (spec.bits - 1) - 1
    return QParams(_scales.stored(_codebook.unit_scale(np.maximum(-low, high)), spec), np.zeros(len(rows), np.int32), -n, n)


def _line(n: int, octaves: float) -> tuple[float, float]:
    """(the smallest level for a = 1, levels per octave)."""
    return (2.0**-octaves, (n - 1) / octaves) if n > 1 else (1.0, 1.0)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    n = qparams.qmax
    smallest, per_octave = _line(n, spec.octaves)
    u = x / column(qparams.scale, np.float64)
    a = np.abs(u)
    far = n + per_octave * np.log2(np.maximum(a, smallest))
    return np.copysign(np.where(a < smallest, a / smallest, far), u)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    n = qparams.qmax
    smallest, per_octave = _line(n, spec.octaves)
    q = np.abs(codes.astype(np.float64))
    u = np.where(q < 1, q * smallest, np.exp2((np.minimum(q, n) - n) / per_octave))
    return np.copysign(u, codes) * column(qparams.scale, np.float64)


SCHEME = Scheme(
    slug="log",
    title="Logarithmic",
    formula=r"\hat x = \mathrm{sign}(q)\,a\,2^{-R\,(n-|q|)/(n-1)},\quad n=2^{b-1}-1",
    blurb="The same relative error at every size, within the octaves covered.",
    source="Miyashita et al. 2016, arXiv:1603.01025",
    family="curved",
    used_by="research: logarithmic arithmetic",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: range(2, 17),
    borders_lie="curved",
    full_scale=True,
    knobs={
        "octaves": Knob(8.0, "factors of two from the smallest level to the largest", low=0.5, high=64.0),
        "scales": SCALES,
    },
    follows_scale=_scales.follow,
    returns_range=lambda spec: spec.scales == "float32",
    group_bits=lambda spec: _scales.bits(spec),
    variants=({}, {"octaves": 3.0}),
    rank=42,
)
