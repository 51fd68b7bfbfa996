"""The best codebook for a known density: only mean and standard deviation are taken from the values.

    levels = mean + std·t_k,  t_k the Lloyd-Max levels of the unit normal or Laplace density

A level is the mean of the density between its borders, a border half way between its levels.
"""

from __future__ import annotations

import numpy as np

from quantlab import theory
from quantlab.rows import Rows
from quantlab.schemes import _codebook
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    count = 2**spec.bits
    mean, std = rows.moments
    levels = theory.lloyd_max(spec.density, count)[0]
    book = (mean[:, None] + std[:, None] * levels).astype(np.float32)  # (G, L)
    return QParams(np.ones(len(rows), np.float32), np.zeros(len(rows), np.int32), 0, count - 1, book)


SCHEME = Scheme(
    slug="lloyd-max",
    title="Lloyd-Max for a density",
    formula=r"t_k=\mathrm{E}[X\mid b_{k-1}<X\le b_k],\quad b_k=\tfrac12(t_k+t_{k+1})",
    blurb="What the values would deserve if they really were normal or Laplace.",
    source="Max 1960, doi:10.1109/TIT.1960.1057548; Lloyd 1982, doi:10.1109/TIT.1982.1056489",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: range(1, 9),
    knobs={"density": Knob("normal", "the density assumed", ("normal", "laplace"))},
    calibrators=("absmax",),
    roundings=("nearest-even", "half-away", "half-up", "floor", "ceil", "stochastic"),
    symmetric=False,
    zero_exact=lambda spec: False,
    group_bits=lambda qparams, spec: 64.0,
    variants=({}, {"density": "laplace"}),
    rank=60,
)
