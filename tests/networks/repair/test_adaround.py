"""Does AdaRound find good roundings? Expected: all roundings of a tiny layer, tried one by one."""

import numpy as np
import pytest
import torch

from quantlab.networks.engine.repair._choosing import chosen_codes
from quantlab.networks.engine.repair._moments import output_error
from quantlab.networks.engine.repair.adaround import ITERATIONS, TOLD, learnt_codes, start, stretched
from quantlab.progress import finish
from tests.networks.repair.cases import errors_of_all_roundings, tiny
from tests.steps import drained

SEEDS = range(8)


def rounded(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors of each row: nearest, AdaRound, and of all roundings."""
    weight, grid, h = tiny(seed)
    codes = finish(chosen_codes(weight, grid, h, learnt_codes))
    every = errors_of_all_roundings(weight, grid, h)
    return output_error(weight - grid.value(grid.nearest(weight)), h), output_error(weight - grid.value(codes), h), every


def test_against_all_roundings_of_tiny_layers():
    nearest, learnt, best, rank = [], [], [], []
    for seed in SEEDS:
        n, a, every = rounded(seed)
        nearest += list(n)
        learnt += list(a)
        best += list(every.min(axis=1))
        rank += list((every < a[:, None] * (1 - 1e-9)).mean(axis=1))  # the share of roundings that are better
    nearest, learnt, best = map(np.array, (nearest, learnt, best))
    assert (learnt >= best * (1 - 1e-6)).all()  # nothing beats the best of all
    assert np.isclose(learnt, best, rtol=1e-6).sum() > 2 * np.isclose(nearest, best, rtol=1e-6).sum()  # found more often than by nearest
    assert max(rank) < 0.1 and np.mean(rank) < 0.01  # of all roundings those better are few
    assert learnt.mean() - best.mean() < 0.2 * (nearest.mean() - best.mean())  # most of what can be won is won


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_never_worse_than_nearest_where_it_was_learnt(seed):
    nearest, learnt, _ = rounded(seed)
    assert (learnt <= nearest).all()


def test_every_weight_goes_to_one_of_its_two_neighbours():
    weight, grid, h = tiny(1, rows=20)
    place = np.clip(grid.place(weight), grid.qmin, grid.qmax)
    assert (np.abs(finish(learnt_codes(weight, grid, h)) - place) <= 1).all()


def test_inputs_that_do_not_depend_on_one_another_are_rounded_to_nearest():
    weight, grid, _ = tiny(2, rows=20)
    codes = finish(learnt_codes(weight, grid, np.diag(np.linspace(0.5, 1.5, 8))[None]))
    clear = np.abs(grid.place(weight) - np.floor(grid.place(weight)) - 0.5) > 0.1
    assert (codes == grid.nearest(weight))[clear].all()


def test_h_begins_at_the_fraction_and_reaches_both_ends():
    fraction = torch.linspace(0.01, 0.99, 50)
    assert torch.allclose(stretched(start(fraction)), fraction, atol=1e-5)
    assert stretched(torch.tensor([-20.0, 20.0])).tolist() == [0, 1]


def test_the_gradient_of_its_loss_is_that_of_finite_differences():
    v = torch.linspace(-1.5, 1.5, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: (1 - (2 * stretched(v) - 1).abs() ** 3).sum(), (v,))


def test_it_tells_its_progress_often():
    weight, grid, h = tiny(0)
    _, told = drained(learnt_codes(weight, grid, h))
    assert told == [(i, ITERATIONS) for i in range(0, ITERATIONS, TOLD)]


def test_a_layer_whose_inputs_are_all_zero_is_rounded_to_nearest():
    weight, grid, h = tiny(0)
    assert (finish(learnt_codes(weight, grid, 0 * h)) == grid.nearest(weight)).all()
