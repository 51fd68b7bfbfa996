"""Is the interval of one more training one, and does the command hold fresh seeds against it?"""

import re

import numpy as np
import pytest

from quantlab.networks.engine import Evaluator, Runner, seeds, shipped, train
from quantlab.networks.settings import FLOAT, Setting


def test_nineteen_in_twenty_of_further_draws_lie_between_the_ends():
    draws = np.random.default_rng(0).normal(0.6, 0.03, (4000, 6))
    inside = [low <= row[5] <= high for row, (low, high) in ((row, seeds.one_more(row[:5].tolist())) for row in draws)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)  # 3.5 standard errors


def test_the_ends_stay_shares():
    assert seeds.one_more([0.99, 0.9, 1.0])[1] == 1.0
    assert seeds.one_more([0.01, 0.1, 0.0])[0] == 0.0


def test_one_training_has_no_spread():
    with pytest.raises(ValueError, match="give at least 2"):
        seeds.one_more([0.9])


def test_a_curve_is_what_the_lab_shows():
    network, data = shipped("small")
    found, evaluator = seeds.curves(network, data), Evaluator(Runner(network, data))
    assert found["per tensor", 4] == evaluator.evaluate(Setting(4, 4)).top(1).value
    assert found[seeds.EXACT] == evaluator.evaluate(FLOAT).top(1).value
    assert found["per channel", 3] > found["per tensor", 3]


def test_the_command_counts_the_points_of_a_fresh_seed(monkeypatch, capsys):
    monkeypatch.setitem(train.RECIPES, "small", train.Recipe(2))
    monkeypatch.setattr("sys.argv", ["seeds", "small", "--seeds", "2", "--fresh", "1"])
    seeds.main()
    said = capsys.readouterr().out
    points = re.findall(r"bits: +([\d.]+)% to +([\d.]+)%; fresh: ([\d.]+)%", said)
    assert len(points) == 1 + 2 * len(seeds.BITS)
    counted = int(re.search(rf"(\d+) of {len(points)} points", said)[1])
    clear = [(float(low) - float(value), float(value) - float(high)) for low, high, value in points]
    surely = sum(max(out) < -0.1 for out in clear), sum(max(out) <= 0.1 for out in clear)
    assert surely[0] <= counted <= surely[1]
