"""Sixteen levels at quantiles of a normal density, with an exact zero: NormalFloat, the 4 bits of QLoRA.

    levels = max|x|·{q_i},  q_i = quantiles of N(0, 1) between 1 - .9677083 and .9677083, scaled to [-1, 1]

Eight positive steps and seven negative ones share the zero; it is meant for groups of 64 with float32 scales.
With ``double`` the scales are quantized too: 4.127 bits a value instead of 4.5 (see ``_double``).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from quantlab.rows import Rows
from quantlab.schemes import _codebook, _double
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec

OFFSET = 0.9677083  # the outermost quantile of the published table


@cache
def codebook() -> np.ndarray:
    """The 16 levels for the range [-1, 1], float32.

    >>> print(np.round(codebook()[[1, 8]], 6))
    [-0.696193  0.07958 ]
    """
    from scipy.special import ndtri

    positive = ndtri(np.linspace(OFFSET, 0.5, 9)[:-1])  # 8 steps above zero
    negative = -ndtri(np.linspace(OFFSET, 0.5, 8)[:-1])  # 7 steps below
    levels = np.sort(np.concatenate((negative, [0.0], positive)))
    return (levels / levels.max()).astype(np.float32)


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    top = np.maximum(-low, high)
    scale = _double.double_quantized(top) if spec.double else _codebook.unit_scale(top)
    return QParams(scale, np.full(len(rows), _codebook.zero_index(codebook()), np.int32), 0, 15, codebook())


SCHEME = Scheme(
    slug="nf4",
    title="NF4",
    formula=r"\hat x \in a\,\{q_i\},\quad q_i=\Phi^{-1}(p_i)/\Phi^{-1}(p_{max})",
    blurb="Four bits with as many normal values at every level; groups of 64 in QLoRA.",
    source="Dettmers et al. 2023, arXiv:2305.14314",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: (4,),
    knobs={"double": Knob(False, "whether the scales are quantized too, to 8 bits", (False, True))},
    group_bits=lambda qparams, spec: _double.bits_per_scale(len(qparams.scale)) if spec.double else 32.0,
    variants=({}, {"double": True}),
    rank=70,
)
