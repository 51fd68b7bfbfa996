"""Integers over any range that holds zero: one scale, shifted by a zero point.

    s = (max - min) / (2^b - 1)      z = clip(rint(-min / s))      q = clip(rint(x / s) + z, 0, 2^b - 1)
    x_hat = s·(q - z)

There is one step for both signs; only its place is shifted. The range is widened to hold zero, so zero is exact.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _affine, _scales
from quantlab.schemes._stored import SCALE, Arrays, Counts, Storage, packed, take_codes
from quantlab.schemes.base import SCALES, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    qmax = 2**spec.bits - 1
    low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    scale = _scales.stored(_affine.step(high - low, qmax), spec)
    zero_point = np.clip(np.rint(-low / scale), 0, qmax).astype(np.int32)
    return QParams(scale, zero_point, 0, qmax)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    return SCALE.write(q, spec, counts) | {"zero_point": packed(q.zero_point, spec.bits)}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    zero = take_codes(arrays, "zero_point", spec.bits, sum(counts))
    return replace(SCALE.read(arrays, spec, counts), zero_point=zero.astype(np.int32))


SCHEME = Scheme(
    slug="int-asymmetric",
    title="Integer, asymmetric",
    formula=r"q = \mathrm{clip}(\mathrm{round}(x/s)+z,\,0,\,2^b-1),\quad \hat x = s\,(q-z)",
    blurb="One scale and a zero point; for values that lie mostly on one side, such as activations.",
    source="Jacob et al. 2018, arXiv:1712.05877; ONNX QuantizeLinear",
    family="even",
    used_by="INT8 activations: ONNX QuantizeLinear, PyTorch, LiteRT",
    choose_qparams=choose_qparams,
    place=_affine.place,
    value=_affine.value,
    bits=lambda knobs: range(1, 17),
    knobs={"arithmetic": _affine.ARITHMETIC, "scales": SCALES},
    roundings=tuple(ROUNDINGS),
    calibrator="minmax",
    affine=True,
    full_scale=True,
    symmetric=False,
    zero_exact=_affine.zero_exact,
    place_has_zero_point=_affine.place_has_zero_point,
    follows_scale=_scales.follow,
    returns_range=lambda spec: spec.scales == "float32",
    group_bits=lambda spec: _scales.bits(spec) + spec.bits,
    storage=Storage(_write, _read),
    variants=({}, {"arithmetic": "torch_fake"}, {"arithmetic": "torch_quant"}),
    codes=_affine.codes,
    read_back=_affine.read_back,
    rank=20,
)
