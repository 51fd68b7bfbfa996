"""Does GPTQ spread its errors as least squares would? Expected: the closed form of the columns that are still free, solved anew."""

import numpy as np
import pytest

from quantlab.networks.engine.repair._choosing import chosen_codes
from quantlab.networks.engine.repair._moments import output_error
from quantlab.networks.engine.repair.gptq import DAMPING, codes_by_column, columns_rounded, spreader
from quantlab.progress import finish
from tests.networks.repair.cases import errors_of_all_roundings, tiny


def damped(h: np.ndarray) -> np.ndarray:
    return 2 * h[0] + DAMPING * 2 * np.trace(h[0]) / len(h[0]) * np.eye(len(h[0]))


@pytest.mark.parametrize("seed", range(6))
def test_after_each_column_the_free_ones_are_the_least_squares_answer(seed):
    """min over the free of d H dᵀ with d fixed on the rounded columns: d_free = -H_ff⁻¹ H_fr d_r."""
    weight, grid, h = tiny(seed)
    whole = damped(h)
    for column in columns_rounded(weight, grid, h):
        done = column.at + 1
        change = column.weight - weight
        expected = -np.linalg.solve(whole[done:, done:], whole[done:, :done] @ change[:, :done].T).T
        assert np.allclose(change[:, done:], expected, atol=1e-9)


def test_two_columns_by_hand():
    """H = [[2, 1], [1, 2]], no damping to speak of: the second column makes up for half of what the first leaves."""
    weight, grid, _ = tiny(0, rows=1, columns=2)
    h = np.array([[[1.0, 0.5], [0.5, 1.0]]])
    first = next(columns_rounded(weight, grid, h))
    error = weight[0, 0] - grid.value(grid.nearest(weight))[0, 0]
    assert first.error == pytest.approx(error)
    assert first.weight[0, 1] - weight[0, 1] == pytest.approx(error * 1 / (2 + 0.02))  # H_21 / H_22, damped


def test_the_spreader_is_the_upper_factor_of_the_inverse():
    _, _, h = tiny(3)
    u = spreader(h)[0]
    assert np.allclose(u, np.triu(u)) and np.allclose(u.T @ u, np.linalg.inv(damped(h)))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_the_output_is_never_further_off_than_to_nearest(seed, bits):
    weight, grid, h = tiny(seed, bits=bits)
    codes = finish(chosen_codes(weight, grid, h, codes_by_column))
    nearest = output_error(weight - grid.value(grid.nearest(weight)), h)
    assert (output_error(weight - grid.value(codes), h) <= nearest).all()


def test_it_wins_much_on_inputs_that_depend_on_one_another():
    nearest, spread, best = 0.0, 0.0, 0.0
    for seed in range(12):
        weight, grid, h = tiny(seed)
        nearest += output_error(weight - grid.value(grid.nearest(weight)), h).sum()
        spread += output_error(weight - grid.value(finish(codes_by_column(weight, grid, h))), h).sum()
        best += errors_of_all_roundings(weight, grid, h).min(axis=1).sum()
    assert best * 0.5 < spread < 0.7 * nearest  # it may move by more than one code, so that it may beat all roundings


def test_groups_are_rounded_apart():
    a, b = tiny(0, rows=2), tiny(1, rows=2)
    grid = type(a[1])(*(np.concatenate([getattr(g[1], n) for g in (a, b)]) for n in ("scale", "zero")), a[1].qmin, a[1].qmax)
    both = finish(codes_by_column(np.concatenate([a[0], b[0]]), grid, np.concatenate([a[2], b[2]])))
    assert (both == np.concatenate([finish(codes_by_column(*case)) for case in (a, b)])).all()


def test_inputs_that_are_all_zero_are_rounded_to_nearest():
    weight, grid, h = tiny(0)
    assert (finish(codes_by_column(weight, grid, 0 * h)) == grid.nearest(weight)).all()
