"""Does the chart of the error against the signal show what the theory of dither says?"""

import numpy as np
import pytest

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.dependence import POINTS, REACH, dependence, even_step, step_at_zero
from quantlab.audio.grids import Grid

X = np.random.default_rng(0).uniform(-0.9, 0.9, (200_000, 1)).astype(np.float32)
SPEC = ql.QuantSpec("int-symmetric", bits=6)


def of(dither: str):
    c = Chain(SPEC, dither=dither).convert(X, 48_000)
    return dependence(X, c.heard - X, c.grid.step)


def test_without_dither_the_error_is_a_sawtooth_of_the_signal():
    d = of("none")
    wanted = np.rint(d.centres) - d.centres
    inside = np.abs(np.abs(d.centres % 1 - 0.5)) > 0.05
    assert np.abs(d.mean - wanted)[inside].max() < 0.02
    assert d.spread[inside].max() < 0.03  # the width of a bin, 1/16 / sqrt(12)


@pytest.mark.parametrize(
    "dither, swing", [("rpdf", (0.0, 0.5)), ("tpdf", (0.5, 0.5)), ("tpdf-hp", (0.5, 0.5)), ("subtractive", (12**-0.5, 12**-0.5))]
)
def test_dither_frees_the_mean_and_triangular_dither_the_power_too(dither, swing):
    d = of(dither)
    assert np.abs(d.mean).max() < 0.1
    low, high = np.sort(d.spread)[[3, -4]]
    assert low == pytest.approx(swing[0], abs=0.2 if dither == "rpdf" else 0.08)
    assert high == pytest.approx(swing[1], abs=0.08)


def test_all_levels_have_as_many_points_and_those_there_are_lie_on_the_error():
    for bits in (1, 6, 16):
        c = Chain(SPEC.replace(bits=bits)).convert(X[:3000], 48_000)
        d = dependence(X[:3000], c.heard - X[:3000], c.grid.step)
        assert d.points.shape == (2, POINTS) and d.points.dtype == np.float32
        u, e = d.points[:, np.abs(d.points[0]) <= REACH]
        if bits == 6:
            assert len(u) > 100 and np.abs(e - (np.rint(u) - u)).max() < 1e-3


def test_steps_are_those_of_the_grid():
    assert step_at_zero(Grid.of(SPEC).levels) == pytest.approx(1 / 31)
    assert step_at_zero(np.array([-1.0, 1.0])) == 2.0
    assert even_step(np.random.default_rng(0).uniform(-0.5, 0.5, 100_000)) == pytest.approx(1, abs=0.01)
    assert even_step(np.zeros(5)) == 1.0
