"""Integers over any range that holds zero: one scale, shifted by a zero point.

    s = (max - min) / (2^b - 1)      z = clip(rint(-min / s))      q = clip(rint(x / s) + z, 0, 2^b - 1)
    x_hat = s·(q - z)

There is one step for both signs; only its place is shifted. The range is widened to hold zero, so zero is exact.
With ``signed`` all codes and the zero point are smaller by 2^(b-1), as ONNX has int8 beside uint8: ties apart, the values are the same.
``eps`` is the least scale there may be; torch's observers take float32's epsilon, 1.1920929e-07.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _affine, _scales
from quantlab.schemes._stored import SCALE, Arrays, Counts, Storage, packed, take_codes
from quantlab.schemes.base import SCALES, Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    steps = 2**spec.bits - 1
    qmin = -(2 ** (spec.bits - 1)) if spec.signed else 0
    low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
    scale = _scales.stored(np.maximum(_affine.step(high - low, steps), np.float32(spec.eps)), spec)
    zero_point = np.clip(qmin - np.rint(low / scale), qmin, qmin + steps).astype(np.int32)
    return QParams(scale, zero_point, qmin, qmin + steps)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    return SCALE.write(q, spec, counts) | {"zero_point": packed(q.zero_point - q.qmin, spec.bits)}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    q = SCALE.read(arrays, spec, counts)
    zero = take_codes(arrays, "zero_point", spec.bits, sum(counts)) + q.qmin
    return replace(q, zero_point=zero.astype(np.int32))


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
    knobs={
        "arithmetic": _affine.ARITHMETIC,
        "signed": Knob(False, "whether codes run from -2^(b-1), as int8 does, or from 0, as uint8", (False, True)),
        "eps": _affine.EPS,
        "scales": SCALES,
    },
    roundings=tuple(ROUNDINGS),
    calibrator="minmax",
    affine=True,
    full_scale=True,
    symmetric=False,
    zero_exact=_affine.zero_exact,
    place_has_zero_point=_affine.place_has_zero_point,
    follows_scale=lambda spec: spec.eps == 0 and _scales.follow(spec),
    returns_range=lambda spec: spec.scales == "float32",
    group_bits=lambda spec: _scales.bits(spec) + spec.bits,
    storage=Storage(_write, _read),
    variants=({}, {"arithmetic": "torch_fake"}, {"arithmetic": "torch_quant"}, {"signed": True}),
    codes=_affine.codes,
    read_back=_affine.read_back,
    row_errors=_affine.row_errors,
    rank=20,
)
