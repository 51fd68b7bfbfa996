"""Are the unbeaten plans all there and no other? Expected: every combination tried, and the exact search."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings

from quantlab.networks.budget import exact
from quantlab.networks.frontier import frontier
from tests.networks.test_budget import tables


@settings(max_examples=60, deadline=None)
@given(tables())
def test_the_frontier_is_that_of_all_combinations(table):
    rows = np.arange(len(table.layers))
    choices = [list(choice) for choice in product(range(len(table.bits)), repeat=len(table.layers))]
    every = [(int(table.bytes[rows, c].sum()), float(table.loss[rows, c].sum())) for c in choices]
    expected = [p for p in sorted(set(every)) if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in every)]
    assert list(zip(*(x.tolist() for x in frontier(table)), strict=True)) == expected


@settings(max_examples=60, deadline=None)
@given(tables())
def test_where_there_are_too_many_every_corner_is_the_best_plan_of_its_bytes(table):
    for size, loss in zip(*frontier(table, most=0), strict=True):
        assert exact(table, int(size)).loss == pytest.approx(loss, abs=1e-9)
