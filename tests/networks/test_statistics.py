"""Are intervals and tests right? Expected: scipy's binomtest and scikit-learn's f1_score, and images drawn one by one."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, f1_score

from quantlab.networks import statistics


@pytest.mark.parametrize("hits, n", [(0, 1), (1, 1), (0, 50), (50, 50), (7, 10), (1421, 2000), (1999, 2000)])
def test_wilson_s_interval_is_scipy_s(hits, n):
    ours = statistics.wilson(hits, n)
    theirs = binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.value == hits / n and ours.low <= ours.value <= ours.high


@pytest.mark.parametrize("hits, n", [(0, 0), (3, 2), (-1, 5)])
def test_a_share_of_nothing_is_refused(hits, n):
    with pytest.raises(ValueError, match="at least one image"):
        statistics.wilson(hits, n)


@pytest.mark.parametrize("seed", range(8))
def test_mcnemar_s_test_is_scipy_s_exact_binomial_one(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.random(300) < 0.8, rng.random(300) < 0.8 + 0.02 * seed
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    assert statistics.mcnemar(a, b) == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)
    assert statistics.mcnemar(a, a) == 1


def test_answers_to_different_images_are_not_compared():
    with pytest.raises(ValueError, match="same images"):
        statistics.mcnemar(np.zeros(3, bool), np.zeros(4, bool))


@pytest.mark.parametrize("classes", [2, 5, 20])
def test_confusion_and_macro_f1_are_scikit_learn_s(classes):
    rng = np.random.default_rng(classes)
    true = rng.integers(0, classes, 400)
    guess = np.where(rng.random(400) < 0.6, true, rng.integers(0, max(1, classes - 2), 400))
    ours = statistics.confusion(true, guess, classes)
    assert np.array_equal(ours, confusion_matrix(true, guess, labels=range(classes)))
    assert float(statistics.f1_of_confusion(ours)) == pytest.approx(f1_score(true, guess, average="macro"))


@pytest.mark.slow
def test_the_interval_of_f1_is_that_of_images_drawn_one_by_one():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 300)
    guess = np.where(rng.random(300) < 0.7, true, rng.integers(0, 4, 300))
    ours = statistics.f1_interval(statistics.confusion(true, guess, 4), draws=4000)
    drawn = [f1_score(true[i], guess[i], average="macro") for i in rng.integers(0, 300, (1000, 300))]
    assert (ours.low, ours.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.008)
    assert ours.low < ours.value < ours.high


def test_classes_that_do_not_occur_change_nothing_about_f1_and_cost_nothing():
    few = np.array([[5, 2, 0], [1, 6, 0], [0, 3, 4]])
    many = np.zeros((1000, 1000), np.int64)
    many[np.ix_([3, 500, 999], [3, 500, 999])] = few
    assert statistics.f1_interval(many) == statistics.f1_interval(few)


@pytest.mark.parametrize("lost, p, seen", [(6, 2 / 2**6, True), (5, 2 / 2**5, False)])
def test_a_difference_is_seen_below_five_per_cent(lost, p, seen):
    found = statistics.difference(np.ones(9, bool), np.arange(9) >= lost)
    assert found.p == pytest.approx(p) and found.seen is seen  # 0.031 and 0.0625
