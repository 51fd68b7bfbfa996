"""Which range do affine codes cover?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql


@pytest.mark.parametrize("bits", range(2, 17))
def test_symmetric_codes_are_restricted_and_reach_the_largest_value(bits):
    x = np.array([-3.0, 0.1, 2.0], np.float32)
    q = ql.quantize(x, ql.QuantSpec("int-symmetric", bits=bits))
    n = 2 ** (bits - 1) - 1
    assert (q.qparams.qmin, q.qparams.qmax) == (-n, n)
    assert q.qparams.scale.tolist() == [np.float32(3) / np.float32(n)]
    assert q.codes[0] == -n
    assert ql.dequantize(q)[0] == pytest.approx(-3, rel=2**-22)


@pytest.mark.parametrize("x", [[-1.0, 3.0], [0.5, 2.0], [-4.0, -1.0], [0.0, 1.0], [-1e-3, 5.0]])
@pytest.mark.parametrize("bits", range(2, 17))
def test_asymmetric_ranges_are_widened_to_include_zero(bits, x):
    q = ql.quantize(np.array(x, np.float32), ql.QuantSpec("int-asymmetric", bits=bits))
    qmin, qmax = int(q.qparams.qmin), int(q.qparams.qmax)
    assert (qmin, qmax) in [(0, 2**bits - 1), (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)]
    low, high = min(x[0], 0.0), max(x[1], 0.0)
    scale = (high - low) / (qmax - qmin)
    assert q.qparams.scale[0] == pytest.approx(scale, rel=2**-23)
    assert q.qparams.zero_point[0] == np.clip(qmin - np.rint(np.float32(low) / q.qparams.scale[0]), qmin, qmax)
    assert q.qparams.zero_point.dtype == np.int32


def test_clip_shrinks_the_calibrated_range_by_its_factor():
    x = np.random.default_rng(0).normal(size=500).astype(np.float32)
    full, half = (ql.quantize(x, ql.QuantSpec("int-symmetric", bits=6, clip=c)).qparams.scale[0] for c in (1.0, 0.5))
    assert half == full / 2
