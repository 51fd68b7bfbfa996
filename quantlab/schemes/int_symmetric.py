"""Integers on both sides of an exact zero: one scale, no offset.

    q = clip(rint(x / s) + z, qmin, qmax)      x_hat = s·(q - z)      a = max|x|, h = 2^(b-1)

``convention`` names what libraries disagree on, the scale and the codes:

    restricted   s = a / (h - 1)                   -(h - 1) ... h - 1    z = 0   zero exact, ±a reached: the default
    full         s = max(-min / h, max / (h - 1))  -h ... h - 1          z = 0   no value clipped; min and max from ``minmax``
    half-step    s = a / (h - 1/2)                 -h ... h - 1          z = 0   a clipped by half a step
    gptq         s = 2a / (2h - 1)                 0 ... 2h - 1          z = h   half-step with codes from 0
    gguf         s = a / h                         0 ... 2h - 1          z = h, or h - 1 where the value of largest
                                                                         magnitude is positive: that value is reached

restricted: ONNX Runtime, quanto, brevitas. full: torchao's SYMMETRIC_NO_CLIPPING_ERR. half-step: torch's observers.
gptq: its Quantizer with sym. gguf: ggml's Q4_0, without its float16. ``eps`` is the least scale (``int_asymmetric``). One bit leaves no room for a zero: the two levels
are ±mean|x|, the least squares choice.

>>> import numpy as np, quantlab as ql
>>> x = np.array([-1.0, 0.3, 0.9])
>>> [float(ql.quantize(x, ql.QuantSpec("int-symmetric", bits=3, convention=c)).levels[0, 0]) for c in CONVENTIONS]
[-1.0, -1.3333333730697632, -1.1428571939468384, -1.1428571939468384, -1.0]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.schemes import _affine, _codebook, _scales
from quantlab.schemes._signs import two_levels
from quantlab.schemes._stored import SCALE, Arrays, Counts, Storage
from quantlab.schemes.base import SCALES, Knob, Scheme
from quantlab.types import KnobValue, QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    q = two_levels(rows.mean_abs, 0) if spec.bits == 1 else CONVENTIONS[spec.convention](rows, low, high, 2 ** (spec.bits - 1))
    return replace(q, scale=_scales.stored(np.maximum(q.scale, np.float32(spec.eps)), spec))


def _restricted(rows: Rows, low: np.ndarray, high: np.ndarray, h: int) -> QParams:
    return QParams(_affine.step(np.maximum(-low, high), h - 1), _all(0, low), 1 - h, h - 1)


def _full(rows: Rows, low: np.ndarray, high: np.ndarray, h: int) -> QParams:
    return QParams(_affine.step(np.maximum(-low * ((h - 1) / h), high), h - 1), _all(0, low), -h, h - 1)


def _half_step(rows: Rows, low: np.ndarray, high: np.ndarray, h: int) -> QParams:
    return QParams(_affine.step(np.maximum(-low, high), h - 0.5), _all(0, low), -h, h - 1)


def _gptq(rows: Rows, low: np.ndarray, high: np.ndarray, h: int) -> QParams:
    return QParams(_affine.step(2 * np.maximum(-low, high), 2 * h - 1), _all(h, low), 0, 2 * h - 1)


def _gguf(rows: Rows, low: np.ndarray, high: np.ndarray, h: int) -> QParams:
    zero = np.where(rows.high > -rows.low, h - 1, h).astype(np.int32)
    return QParams(_affine.step(np.maximum(-low, high), h), zero, 0, 2 * h - 1)


def _all(code: int, like: np.ndarray) -> np.ndarray:
    return np.full(len(like), code, np.int32)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    """The scale; in the gguf convention with the sign of the largest value's, which says where zero is."""
    turned = spec.convention == "gguf" and q.zero_point < 2 ** (spec.bits - 1)
    return {"scale": _scales.written(np.where(turned, -q.scale, q.scale), spec)}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    q = SCALE.read(arrays, spec, counts)
    if spec.convention != "gguf":
        return q
    return replace(q, scale=np.abs(q.scale), zero_point=(2 ** (spec.bits - 1) - (q.scale < 0)).astype(np.int32))


CONVENTIONS = {"restricted": _restricted, "full": _full, "half-step": _half_step, "gptq": _gptq, "gguf": _gguf}


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return (_codebook if spec.bits == 1 else _affine).place(x, qparams, spec)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return (_codebook if spec.bits == 1 else _affine).value(codes, qparams, spec)


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    return (_codebook if spec.bits == 1 else _affine).codes(x, qparams, spec)


def _bits(knobs: Mapping[str, KnobValue]) -> Sequence[int]:
    if knobs["convention"] == "gguf" and _scales.BITS[knobs["scales"]] == 8:
        raise ValueError(f"scales={knobs['scales']!r} is not supported here, because gguf's scales have a sign; use float16")
    return range(1 if knobs["convention"] == "restricted" else 2, 17)


SCHEME = Scheme(
    slug="int-symmetric",
    title="Integer, symmetric",
    formula=r"q = \mathrm{clip}(\mathrm{round}(x/s),\,-q_{max},\,q_{max}),\quad \hat x = s\,q",
    blurb="One scale and an exact zero; what most weights are stored in.",
    source="Jacob et al. 2018, arXiv:1712.05877; ONNX QuantizeLinear",
    family="even",
    used_by="INT8 and INT4 weights: ONNX Runtime, Quanto, Brevitas",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=_bits,
    knobs={
        "arithmetic": _affine.ARITHMETIC,
        "convention": Knob("restricted", "how the scale follows from the range, and which codes there are", tuple(CONVENTIONS)),
        "eps": _affine.EPS,
        "scales": replace(SCALES, applies=lambda knobs: knobs["convention"] != "gguf"),
    },
    roundings=tuple(ROUNDINGS),
    affine=True,
    follows_scale=lambda spec: spec.eps == 0 and _scales.follow(spec),
    returns_range=lambda spec: (
        spec.convention not in ("half-step", "gptq") and spec.scales == "float32"
    ),  # a level lies beyond the range it came from
    full_scale=True,
    zero_exact=lambda spec: spec.bits > 1 and _affine.zero_exact(spec),
    place_has_zero_point=lambda spec: spec.bits > 1 and _affine.place_has_zero_point(spec),
    group_bits=lambda spec: _scales.bits(spec),
    storage=Storage(_write, _read),
    variants=(
        {},
        {"arithmetic": "torch_fake"},
        {"arithmetic": "torch_quant"},
        *({"convention": name} for name in CONVENTIONS if name != "restricted"),
    ),
    codes=codes,
    read_back=lambda x, qparams, spec, out: spec.bits > 1 and _affine.read_back(x, qparams, spec, out),
    row_errors=lambda x, qparams, spec: _affine.row_errors(x, qparams, spec) if spec.bits > 1 else None,
    rank=10,
)
