"""Do ties fall where each rounding says, in each order of arithmetic?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

from .strategies import RANDOM

HALVES = np.array([7, -7, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.25, -0.25, 3.75, -3.75, 6.5, -6.5, 0, 5], np.float64)
DEFINITIONS = {
    "nearest-even": np.rint,
    "half-away": lambda v: np.sign(v) * np.floor(np.abs(v) + 0.5),
    "half-up": lambda v: np.floor(v + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
    "toward-zero": np.trunc,
}


def test_every_deterministic_rounding_has_a_definition_here():
    assert set(ql.ROUNDINGS) - RANDOM == set(DEFINITIONS)


@pytest.mark.parametrize("arithmetic", ["onnx", "torch_fake", "torch_quant"])
@pytest.mark.parametrize("rounding", list(DEFINITIONS))
def test_ties_fall_where_the_rounding_says_with_step_one(rounding, arithmetic):
    spec = ql.QuantSpec("int-symmetric", bits=4, rounding=rounding, arithmetic=arithmetic)
    assert ql.fake_quantize(HALVES, spec).tolist() == DEFINITIONS[rounding](HALVES).tolist()


@pytest.mark.parametrize(
    "rounding, arithmetic",
    [(r, a) for r in DEFINITIONS for a in ("onnx", "torch_fake", "torch_quant") if (r, a) != ("nearest-even", "torch_quant")],
)
@pytest.mark.parametrize("low, high", [(-7, 8), (-6, 9), (0, 15), (-15, 0)])
def test_asymmetric_codes_round_before_the_zero_point_is_added(rounding, arithmetic, low, high):
    """q = clip(round(x / scale) + z): with scale 1 the ties fall as if z were 0, odd or even."""
    x = np.concatenate([np.arange(low, high, 0.25), [high]])
    spec = ql.QuantSpec("int-asymmetric", bits=4, rounding=rounding, arithmetic=arithmetic)
    q = ql.quantize(x, spec)
    assert q.qparams.scale.tolist() == [1.0]
    assert q.qparams.zero_point.tolist() == [q.qparams.qmin - low]
    assert ql.dequantize(q).tolist() == DEFINITIONS[rounding](x).tolist()


@pytest.mark.parametrize("low, high", [(-7, 8), (-6, 9)])
def test_torch_quant_rounds_after_the_zero_point_is_added(low, high):
    x = np.concatenate([np.arange(low, high, 0.25), [high]])
    q = ql.quantize(x, ql.QuantSpec("int-asymmetric", bits=4, arithmetic="torch_quant"))
    z = q.qparams.zero_point[0]
    assert q.codes.tolist() == np.clip(np.rint(x + z), q.qparams.qmin, q.qparams.qmax).tolist()
