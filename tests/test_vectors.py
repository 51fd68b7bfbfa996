"""Vector codes: E8 by its definition and its published moment, product quantization against scipy's k-means, both against theory."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.vq import vq

from quantlab import theory
from quantlab.labs.reference.vectors import about, rows, table
from quantlab.vectors import ProductQuantizer, ball, nearest, nearest_in_ball
from quantlab.vectors.e8 import SECOND_MOMENT

rng = np.random.default_rng(0)


def test_the_nearest_point_is_one_of_the_lattice_and_none_of_its_neighbours_is_nearer():
    x = rng.uniform(-5, 5, (500, 8))
    near = nearest(x)
    doubled = 2 * near
    assert np.array_equal(doubled, np.rint(doubled)) and np.all(near.sum(axis=1) % 2 == 0)
    assert np.all((doubled % 2 == doubled[:, :1] % 2).all(axis=1))  # all whole, or all halves
    steps = ball(4)[1:]  # the cells of E8 are cut by its 240 shortest and 2160 next points
    others = ((x[:, None] - near[:, None] - steps[None]) ** 2).sum(axis=2).min(axis=1)
    assert np.all(((x - near) ** 2).sum(axis=1) <= others + 1e-12)


def test_the_shells_have_the_numbers_of_points_of_the_theta_series():
    norms = (ball(10).astype(np.float64) ** 2).sum(axis=1)
    assert [int((norms == 2 * m).sum()) for m in range(6)] == [1] + [
        240 * sum(d**3 for d in range(1, m + 1) if m % d == 0) for m in range(1, 6)
    ]


def test_the_granular_gain_is_0_65_db():
    x = rng.random((40_000, 8)) * 64
    moment = ((x - nearest(x)) ** 2).mean()
    assert moment == pytest.approx(SECOND_MOMENT, rel=5e-3)
    assert -10 * np.log10(12 * SECOND_MOMENT) == pytest.approx(0.654, abs=5e-4)


def test_inside_the_ball_every_value_gets_its_nearest_point():
    x, points = rng.normal(size=(200, 8)), ball(4)
    near = nearest_in_ball(x, points)
    least = ((x[:, None] - points[None]) ** 2).sum(axis=2).min(axis=1)
    assert np.allclose(((x - near) ** 2).sum(axis=1), least, atol=1e-5)


@pytest.mark.parametrize("shared", [False, True])
def test_codes_are_scipy_s_and_vectors_the_means_of_their_runs(shared):
    x = rng.normal(size=(3000, 8)).astype(np.float32)
    pq = ProductQuantizer.fit(x, width=2, bits=2, shared=shared, turns=500)
    codes = pq.encode(x)
    for place in range(4):
        book = pq.codebooks[0 if shared else place]
        assert np.array_equal(codes[:, place], vq(x[:, 2 * place : 2 * place + 2], book)[0])
    runs, flat = x.reshape(-1, 2), codes.ravel()
    if shared:
        means = np.stack([runs[flat == k].mean(axis=0) for k in range(16)])
        assert np.abs(means - pq.codebooks[0]).max() < 1e-4
    assert pq.decode(codes).shape == x.shape
    assert pq.bits_per_value(x.shape) == 2 + 32 * (16 * 2 if shared else 16 * 8) / x.size


def test_product_quantization_says_what_it_cannot_do():
    x = rng.normal(size=(100, 8))
    for how, say in (({"width": 3, "bits": 1}, "multiple"), ({"width": 8, "bits": 2}, "fewer bits"), ({"width": 2, "bits": 4}, "runs")):
        with pytest.raises(ValueError, match=say):
            ProductQuantizer.fit(x, **how)
    with pytest.raises(ValueError, match="NaN"):
        ProductQuantizer.fit(np.full((8, 8), np.nan), 2, 1)


def test_more_values_together_come_nearer_to_the_bound_and_none_passes_it():
    """The sample decides the second digit of a dB."""
    for bits in (1, 2):
        fixed = sorted(
            (row for row in rows() if row.bits == bits and row.together and "entropy" not in row.name), key=lambda row: row.together
        )
        gaps = [row.above_bound_db for row in fixed]
        assert np.all(np.diff(gaps) < 0.05) and gaps[-1] > 0  # two values at one bit: four points, which are those of each alone
        assert gaps[0] - gaps[-1] > 0.3
    e8 = next(row for row in rows() if row.name.startswith("E8, its"))
    alone = theory.lloyd_max("normal", 4).mse * 4 ** (2 - e8.bits)
    assert 1.0 < 10 * np.log10(alone / e8.mse) < 1.5
    coded = next(row for row in rows() if row.name == "E8, ideal entropy code")
    assert coded.above_bound_db == pytest.approx(1.533 - 0.654, abs=1e-3)
    assert len(table()) == len(rows()) and "0.65 dB" in about()
