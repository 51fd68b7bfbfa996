"""Integers on both sides of an exact zero: one scale, no offset.

    s = max|x| / (2^(b-1) - 1)       q = clip(rint(x / s), -(2^(b-1) - 1), 2^(b-1) - 1)       x_hat = s·q

The restricted range (8 bits: -127 to 127, as in ONNX Runtime, quanto, brevitas): zero is exact and both ±max|x|
can be reached. One bit leaves no room for a zero: the two levels are ±mean|x|, the least squares choice.
"""

from __future__ import annotations

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.rows import Rows
from quantlab.schemes import _affine, _codebook
from quantlab.schemes.base import Scheme
from quantlab.types import QParams, QuantSpec

_SIGNS = np.array([-1, 1], np.float32)


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    if spec.bits == 1:
        magnitude = rows.mean_abs.astype(np.float32)
        return QParams(magnitude, np.zeros(len(rows), np.int32), 0, 1, _SIGNS)
    qmax = 2 ** (spec.bits - 1) - 1
    return QParams(_affine.step(np.maximum(-low, high), qmax), np.zeros(len(rows), np.int32), -qmax, qmax)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec, out: np.ndarray | None = None) -> np.ndarray:
    return _codebook.place(x, qparams, spec) if spec.bits == 1 else _affine.place(x, qparams, spec, out)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec, out: np.ndarray | None = None) -> np.ndarray:
    return _codebook.value(codes, qparams, spec) if spec.bits == 1 else _affine.value(codes, qparams, spec, out)


SCHEME = Scheme(
    slug="int-symmetric",
    title="Integer, symmetric",
    formula=r"q = \mathrm{clip}(\mathrm{round}(x/s),\,-q_{max},\,q_{max}),\quad \hat x = s\,q",
    blurb="One scale and an exact zero; what most weights are stored in.",
    source="Jacob et al. 2018, arXiv:1712.05877; ONNX QuantizeLinear",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: range(1, 17),
    knobs={"arithmetic": _affine.ARITHMETIC},
    roundings=tuple(ROUNDINGS),
    zero_exact=lambda spec: spec.bits > 1,
    place_has_zero_point=lambda spec: spec.bits > 1 and _affine.place_has_zero_point(spec),
    variants=({}, {"arithmetic": "torch_fake"}, {"arithmetic": "torch_quant"}),
    takes_out=True,
    codes=lambda x, qparams, spec: _codebook.codes(x, qparams, spec) if spec.bits == 1 else None,
    rank=10,
)
