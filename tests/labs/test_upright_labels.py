"""Do names beside a chart read without turning the head, and do bars end where their values lie?"""

import numpy as np
import pytest

from quantlab.film import Strip
from quantlab.film.figures import Chart, bars, height_of_names

CLASSES = [f"class number {k}" for k in range(100)]


def test_a_lying_bar_reaches_from_low_to_high_and_nowhere_where_nothing_is_known():
    x, y = bars(np.array([0.0, 1.0, 2.0]), 5.0, np.array([7.0, np.nan, 1.0]))
    assert x[::3].tolist() == [5, 5, 5] and x[1::3].tolist() == [7, 0, 1]
    assert y[::3].tolist() == y[1::3].tolist() == [0, 1, 2] and np.isnan(y[2::3]).all(), "the path is broken between bars"


@pytest.mark.parametrize("count", [2, 10, 60, 61, 100])
def test_names_stand_from_the_top_with_room_for_each(count):
    names = CLASSES[:count]
    chart = Chart(Strip(("1",)), height_of_names(names), "names", "value", "").names(names, (0, 1))
    axis = chart.layout["yaxis"]
    assert axis["range"][0] > axis["range"][1] and axis["ticktext"][0] == names[0]
    assert [names[at] for at in axis["tickvals"]] == axis["ticktext"] and len(axis["ticktext"]) <= 60
    assert chart.layout["xaxis"]["tickangle"] == 0
    plot = chart.height - chart.layout["margin"]["t"] - chart.layout["margin"]["b"]
    assert plot / len(axis["tickvals"]) >= 15
