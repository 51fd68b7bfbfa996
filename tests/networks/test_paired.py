"""Do paired intervals hold the true gain as often as they say? Expected: draws from a population whose gain is known."""

import numpy as np
import pytest

from quantlab.networks.paired import gain, seen
from quantlab.networks.statistics import Interval


@pytest.mark.parametrize("only_before, only_after", [(0.1, 0.1), (0.02, 0.05), (0.05, 0.4), (0.005, 0.01)])
@pytest.mark.parametrize("n", [200, 1000])
def test_the_interval_holds_the_true_gain_as_often_as_it_says(only_before, only_after, n):
    rng = np.random.default_rng(0)
    both = (1 - only_before - only_after) / 2
    held = 0
    for _ in range(1500):
        kind = rng.choice(4, n, p=[only_before, only_after, both, both])
        interval = gain(np.isin(kind, (0, 2)), np.isin(kind, (1, 2)))
        held += interval.low <= only_after - only_before <= interval.high
    assert 0.935 < held / 1500 < 0.995  # wider than need be where few images differ


def test_the_other_way_round_it_is_a_loss():
    before, after = np.arange(50) < 20, np.arange(50) % 3 > 0
    there, back = gain(before, after), gain(after, before)
    assert (there.value, there.low, there.high) == (-back.value, -back.high, -back.low)


def test_the_same_answers_show_no_gain():
    same = np.arange(100) < 70
    interval = gain(same, same)
    assert interval.value == 0 and interval.low < 0 < interval.high and not seen(interval)


def test_what_is_seen_holds_no_zero():
    assert seen(Interval(0.1, 0.02, 0.18, 9)) and seen(Interval(-0.1, -0.18, -0.02, 9)) and not seen(Interval(0.1, 0.0, 0.2, 9))


def test_answers_to_other_images_are_refused():
    with pytest.raises(ValueError, match="same images"):
        gain(np.ones(3, bool), np.ones(4, bool))
