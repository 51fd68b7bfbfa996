"""Observers as range rules: against torch's, bit by bit where float32 sums allow it."""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql
from quantlab.ranges import CALIBRATORS
from quantlab.values.rows import Rows

torch = pytest.importorskip("torch")
observer = pytest.importorskip("torch.ao.quantization.observer")
rng = np.random.default_rng(0)
VALUES = {
    "normal": rng.normal(size=100_000),
    "laplace": rng.laplace(size=50_000),
    "ReLU": np.maximum(rng.normal(size=30_000), 0),
    "heavy tails": rng.standard_t(3, 20_000),
    "away from zero": rng.normal(size=20_000) + 9,
    "many": rng.normal(size=400_000),
}


def chosen(rule, x, bits=8):
    low, high = CALIBRATORS[rule].choose(Rows(x.reshape(1, -1)), ql.QuantSpec("int-asymmetric", bits=bits, calibrator=rule))
    return float(low[0]), float(high[0])


def error(x, low, high, cells):
    step = (high - low) / cells
    return np.mean((x - low - (np.clip(np.floor((x.astype(np.float64) - low) / step), 0, cells - 1) + 0.5) * step) ** 2)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("name", VALUES)
def test_the_histogram_s_range_is_torch_s_or_one_of_less_error(name, bits):
    """torch sums in float32 and stops where that says that the error rises: with few steps, or many values, some bins earlier or later."""
    x = VALUES[name].astype(np.float32)
    theirs = observer.HistogramObserver()
    theirs.dst_nbins = 2**bits
    theirs(torch.from_numpy(x))
    expected, ours = [float(end) for end in theirs._non_linear_param_search()], chosen("histogram", x, bits)
    same = np.abs(np.subtract(ours, expected)).max() <= 0.01 * np.ptp(x) / 2048
    assert same or error(x, *ours, 2**bits) < 1.001 * error(x, *expected, 2**bits)
    assert same or bits == 4 or name == "many"


def test_the_lower_end_moves_only_with_many_values():
    few, many = VALUES["normal"].astype(np.float32), VALUES["many"].astype(np.float32)
    assert chosen("histogram", few, 4)[0] == few.min() and chosen("histogram", few, 4)[1] < 0.7 * few.max()
    assert chosen("histogram", many, 4)[0] > 0.9 * many.min()


@pytest.mark.parametrize("size", [6400, 10_007, 40])
def test_the_moving_average_is_torch_s_over_the_same_batches(size):
    x = VALUES["heavy tails"][:size].astype(np.float32)
    theirs = observer.MovingAverageMinMaxObserver()
    cuts = np.linspace(0, size, min(64, size) + 1).astype(int)
    for a, b in zip(cuts[:-1], cuts[1:], strict=True):
        theirs(torch.from_numpy(x[a:b]))
    assert chosen("moving-average", x) == pytest.approx((theirs.min_val.item(), theirs.max_val.item()), rel=1e-5)


def test_every_row_has_its_own_range():
    x = rng.normal(size=(5, 3000)).astype(np.float32) * np.float32([[1], [2], [0], [4], [1e30]])
    for rule in ("histogram", "moving-average"):
        spec = ql.QuantSpec("int-asymmetric", bits=5, calibrator=rule)
        together = np.stack(CALIBRATORS[rule].choose(Rows(x), spec), axis=1)
        assert np.array_equal(together, [chosen(rule, row, 5) for row in x])
