"""Integers whose zero point is any number, moved to where large errors of a few values count less: HQQ.

    s = (max - min) / (2^b - 1)      z from -min / s by half-quadratic splitting (``_half_quadratic``)
    q = clip(rint(x / s + z), 0, 2^b - 1)        x_hat = s·(q - z)

The range need not hold zero, and no level need lie at zero: 0 comes back as the nearest level. ``numbers`` is the format of scale and zero
point both; as float16 a group that lies far from zero is given a range that holds it, because 11 bits do not tell its codes apart.

>>> import numpy as np, quantlab as ql
>>> x = np.random.default_rng(0).normal(size=(256, 64)).astype(np.float32)
>>> rows = ql.per_group(64)
>>> error = [np.abs(x - ql.fake_quantize(x, ql.QuantSpec(s, bits=2, granularity=rows))).mean() for s in ("int-asymmetric", "hqq")]
>>> bool(error[1] < error[0])
True
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes import _affine, _half_quadratic, _scales
from quantlab.schemes._stored import Arrays, Counts, Storage, take
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

_FAR = 2.0**11  # whole codes that a float16 zero point tells apart
_LARGEST = float(np.finfo(np.float32).max)


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    qmax = 2**spec.bits - 1
    if spec.numbers == "float16":
        far = np.maximum(-low, high) > _FAR * (high - low) / qmax
        low, high = np.where(far, np.minimum(low, 0), low), np.where(far, np.maximum(high, 0), high)
    scale = _scales.coarse(_affine.step(high - low, qmax), spec.numbers)
    zero = _half_quadratic.zeros(rows.values, scale, -low / scale.astype(np.float64), qmax)
    number = np.dtype(spec.numbers)
    kept = np.clip(zero, -float(np.finfo(number).max), float(np.finfo(number).max)).astype(number).astype(np.float32)
    return QParams(scale, np.zeros(len(scale), np.int32), 0, qmax, extra=kept[:, None])


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    assert qparams.extra is not None
    return x / column(qparams.scale, np.float64) + column(qparams.extra[:, 0], np.float64)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    assert qparams.extra is not None
    x = (codes - column(qparams.extra[:, 0], np.float64)) * column(qparams.scale, np.float64)
    return np.clip(x, -_LARGEST, _LARGEST).astype(np.float32 if codes.dtype != np.float64 else np.float64)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.extra is not None
    return {"scale": q.scale.astype(spec.numbers), "zero": q.extra[:, 0].astype(spec.numbers)}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    scale, zero = (take(arrays, name, sum(counts), np.dtype(spec.numbers)).astype(np.float32) for name in ("scale", "zero"))
    return QParams(scale, np.zeros(len(scale), np.int32), 0, 2**spec.bits - 1, extra=zero[:, None])


SCHEME = Scheme(
    slug="hqq",
    title="HQQ, zero point anywhere",
    formula=r"q = \mathrm{clip}(\mathrm{round}(x/s+z),\,0,\,2^b-1),\quad \hat x = s\,(q-z),\quad \min_z \sum |x-\hat x|^{0.7}",
    blurb="The zero point is any number, moved so that large errors of a few values count less; no data is needed.",
    source="Badri and Shaji 2023, mobiusml.github.io/hqq_blog",
    family="even",
    used_by="HQQ in transformers: weights of language models in 1 to 8 bits",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: range(1, 9),
    knobs={
        "numbers": Knob(
            "float32", "what scale and zero point are stored in", ("float32", "float16"), titles=("32 bits (FP32)", "16 bits (FP16)")
        )
    },
    calibrator="minmax",
    roundings=("nearest-even", "half-away", "half-up", "stochastic"),  # beside a large zero point a small value's sign is lost
    fitted=lambda spec: True,
    symmetric=False,
    zero_exact=lambda spec: False,
    follows_scale=lambda spec: False,
    returns_range=lambda spec: False,
    group_bits=lambda spec: 2 * _scales.BITS[spec.numbers],
    storage=Storage(_write, _read),
    rank=22,
)
