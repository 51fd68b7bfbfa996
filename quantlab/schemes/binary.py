"""One bit: only the sign is kept, and one magnitude for all.

    x_hat = a·sign(x),  sign(0) = 1       a = mean|x| (least squared error) or max|x|

a = mean|x| because the sum of (|x| - a)^2 is least at the mean. On a unit Gaussian, a = sqrt(2/pi) and the error
1 - 2/pi: the least of any two levels; the bound of all coding at one bit is 1/4.

>>> import numpy as np, quantlab as ql
>>> ql.fake_quantize(np.array([-3.0, 0.0, 0.5, 0.5]), ql.QuantSpec("binary"))  # (3 + 0 + .5 + .5) / 4
array([-1.,  1.,  1.,  1.], dtype=float32)
"""

from __future__ import annotations

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _codebook
from quantlab.schemes._signs import two_levels
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    return two_levels(rows.mean_abs if spec.magnitude == "mean" else rows.absmax, 1)


SCHEME = Scheme(
    slug="binary",
    title="Binary",
    formula=r"\hat x = a\,\mathrm{sign}(x),\quad a=\tfrac1N\sum|x_i|",
    blurb="Signs and one magnitude: products become additions, and small values grow.",
    source="Rastegari et al. 2016 (XNOR-Net), arXiv:1603.05279; Courbariaux et al. 2015, arXiv:1511.00363",
    family="even",
    used_by="XNOR-Net: products are XNOR and counting bits",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: (1,),
    knobs={"magnitude": Knob("mean", "the mean of |x|, which has the least error, or the largest", ("mean", "max"))},
    ranged=False,
    roundings=tuple(slug for slug in ROUNDINGS if slug != "toward-zero"),  # no level lies at zero
    layers=False,
    zero_exact=lambda spec: False,
    variants=({}, {"magnitude": "max"}),
    rank=22,
)
