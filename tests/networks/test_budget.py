"""Is the exact plan the best there is? Expected: every combination tried, and scipy's integer programming (HiGHS)."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from quantlab.networks.budget import LayerCosts, budgets, curve_steps, exact, greedy
from tests.steps import finished


@st.composite
def tables(draw, layers=5, options=4):
    """Small tables; losses that rise with the bits, negative ones and equal ones occur, as in measurements."""
    shape = draw(st.integers(1, layers)), draw(st.integers(1, options))
    count = shape[0] * shape[1]
    sizes = np.array(draw(st.lists(st.integers(0, 60), min_size=count, max_size=count))).reshape(shape)
    losses = np.array(draw(st.lists(st.integers(-8, 40), min_size=count, max_size=count))).reshape(shape) / 16
    return LayerCosts(tuple(f"layer{i}" for i in range(shape[0])), tuple(range(2, 2 + shape[1])), sizes, losses)


def by_trying(table, budget):
    """(loss, bytes) of the best of all combinations."""
    rows = np.arange(len(table.layers))
    every = product(range(len(table.bits)), repeat=len(table.layers))
    sums = ((table.loss[rows, list(c)].sum(), table.bytes[rows, list(c)].sum()) for c in every)
    return min(pair for pair in sums if pair[1] <= budget)


def grown(layers, widths=tuple(range(2, 17)), seed=0):
    """A table as a network gives it: bytes follow bits, loss falls fourfold a bit with some noise."""
    rng = np.random.default_rng(seed)
    count = np.rint(10 ** rng.uniform(1, 5, layers)).astype(np.int64)
    sizes = -(-count[:, None] * np.array(widths) // 8) + 4
    losses = 10 ** rng.uniform(-1, 2, (layers, 1)) * 4.0 ** -np.array(widths) * rng.uniform(0.5, 1.5, (layers, len(widths)))
    return LayerCosts(tuple(f"l{i}" for i in range(layers)), widths, sizes, losses)


def check_is_a_plan(table, plan, budget):
    assert [layer for layer, _ in plan.bits] == list(table.layers)
    columns = [table.bits.index(bits) for _, bits in plan.bits]
    rows = np.arange(len(table.layers))
    assert plan.bytes == table.bytes[rows, columns].sum() <= budget
    assert plan.loss == pytest.approx(table.loss[rows, columns].sum(), abs=1e-12)


@given(tables(), st.integers(0, 120))
@settings(max_examples=200)
def test_the_exact_plan_is_the_best_of_all_combinations(table, more):
    budget = table.least + more
    plan = exact(table, budget)
    check_is_a_plan(table, plan, budget)
    assert (plan.loss, plan.bytes) == by_trying(table, budget)  # losses are sixteenths: their sums have no rounding


@given(tables(layers=8, options=6), st.integers(0, 200))
def test_the_exact_plan_is_never_worse_than_the_greedy_one(table, more):
    budget = table.least + more
    quick = greedy(table, budget)
    check_is_a_plan(table, quick, budget)
    assert exact(table, budget).loss <= quick.loss


@given(tables(), st.lists(st.integers(0, 120), min_size=2, max_size=6))
def test_more_bytes_never_mean_more_loss(table, more):
    generator = curve_steps(table, [table.least + m for m in sorted(more)])
    plans = finished(generator)
    assert all(a.loss >= b.loss for a, b in pairwise(plans))


@pytest.mark.parametrize("seed", range(4))
def test_of_twenty_layers_the_exact_plan_has_the_loss_that_integer_programming_finds(seed):
    table = grown(20, (2, 3, 4, 5, 6, 8), seed)
    budget = int(table.least * 2.2)
    shape = table.loss.shape
    one_each = np.kron(np.eye(shape[0]), np.ones(shape[1]))
    rules = [LinearConstraint(one_each, 1, 1), LinearConstraint(table.bytes.ravel()[None], 0, budget)]
    weight = table.loss.ravel()
    best = milp(weight / weight.max(), constraints=rules, integrality=np.ones(weight.size), bounds=Bounds(0, 1), options={"mip_rel_gap": 0})
    assert exact(table, budget).loss == pytest.approx(best.fun * weight.max(), rel=1e-6)


def test_greedy_can_miss_what_the_knapsack_finds():
    table = LayerCosts(("a", "b"), (2, 4), np.array([[10, 20], [10, 25]]), np.array([[5.0, 0], [6, 0]]))
    assert greedy(table, 35).loss == 6 and exact(table, 35).loss == 5


def test_the_largest_budget_buys_the_least_loss_of_each_layer():
    table = grown(30)
    spread = budgets(table)
    assert spread[0] >= table.least and spread[-1] == table.bytes.max(axis=1).sum() and len(spread) == 25
    plans = finished(curve_steps(table, spread))
    assert plans[-1].loss == pytest.approx(table.loss.min(axis=1).sum())
    assert plans[0].bytes == table.least
    assert all(a.bytes <= b.bytes and a.loss >= b.loss for a, b in pairwise(plans))


@pytest.mark.parametrize("search", [exact, greedy])
def test_a_budget_below_the_fewest_bits_is_refused_with_the_bytes_needed(search):
    table = grown(3)
    with pytest.raises(ValueError, match=f"take {table.least}; choose that or more"):
        search(table, table.least - 1)


@pytest.mark.parametrize(
    "sizes, losses, words",
    [
        ([[1, 2]], [[1.0]], "must be (layers, options)"),
        ([[1.5, 2]], [[1.0, 2]], "round up"),
        ([[-1, 2]], [[1.0, 2]], "not negative"),
        ([[1, 2]], [[np.nan, 2]], "measure again"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(sizes, losses, words):
    with pytest.raises(ValueError) as error:
        LayerCosts(("a",), (2, 3), np.array(sizes), np.array(losses))
    assert words in str(error.value)


def test_of_plans_that_lose_the_same_the_exact_one_takes_the_fewest_bytes():
    table = LayerCosts(("a", "b"), (2, 3, 4), np.array([[3, 4, 5], [1, 3, 4]]), np.array([[2.0, 2, 0], [3, 2, 0]]))
    assert (greedy(table, 8).loss, greedy(table, 8).bytes) == (2, 8)
    assert exact(table, 8).bits == (("a", 2), ("b", 4)) and (exact(table, 8).loss, exact(table, 8).bytes) == (2, 7)
