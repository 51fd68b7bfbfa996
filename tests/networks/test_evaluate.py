"""Are the film's numbers right, in order, and computed once? Expected: scikit-learn."""

import threading

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, top_k_accuracy_score

import quantlab as ql
from quantlab import metrics
from quantlab.networks.engine import evaluate
from quantlab.networks.engine.evaluate import Evaluator, evaluation_steps
from quantlab.networks.engine.sizes import size
from quantlab.networks.evaluation import Evaluation, ranked
from quantlab.networks.settings import CURVES, FLOAT, WEIGHTS, Setting, bit_settings, nearest_first, widths_of
from quantlab.networks.store import Store
from tests.steps import drained, finished


@pytest.fixture
def evaluator(plain, tmp_path):
    return Evaluator(plain, Store(tmp_path))


@pytest.mark.parametrize("setting", [FLOAT, Setting(8, 8), Setting(4, 4), Setting(2, 2)], ids=["float", "8", "4", "2"])
def test_top_k_f1_and_confusion_are_scikit_learn_s(evaluator, setting):
    e = evaluator.evaluate(setting)
    classes = range(20)
    for k in (1, 5):
        expected = top_k_accuracy_score(e.labels, e.logits, k=k, labels=classes)
        assert e.top(k).value == pytest.approx(expected) == pytest.approx(metrics.top_k(e.logits, e.labels, k))
        assert e.top(k).low <= expected <= e.top(k).high and e.top(k).n == 400
    assert e.f1.value == pytest.approx(f1_score(e.labels, e.predicted, average="macro"))
    assert np.array_equal(e.confusion, confusion_matrix(e.labels, e.predicted, labels=classes))


def test_ties_are_ranked_as_scikit_learn_ranks_them():
    rng = np.random.default_rng(0)
    logits, labels = rng.integers(0, 3, (300, 6)).astype(np.float32), rng.integers(0, 6, 300)
    e = Evaluation(FLOAT, logits, logits, labels)
    for k in range(1, 6):
        assert e.top(k).value == pytest.approx(top_k_accuracy_score(labels, logits, k=k, labels=range(6)))
    assert np.array_equal(np.sort(ranked(logits), axis=1), np.tile(np.arange(6), (300, 1)))


def test_agreement_flips_and_difference_speak_of_the_float_network(evaluator):
    same, coarse = evaluator.evaluate(FLOAT), evaluator.evaluate(Setting(3, 3))
    assert same.agreement.value == 1 and not same.flipped.size and not same.difference.seen
    expected = np.flatnonzero(coarse.logits.argmax(1) != same.logits.argmax(1))
    assert np.array_equal(coarse.flipped, expected) and coarse.agreement.value == pytest.approx(1 - len(expected) / 400)
    right, before = coarse.right.sum(), (same.logits.argmax(1) == same.labels).sum()
    for found in (coarse.difference, coarse.difference_from(same)):
        assert found.seen and found.p < 1e-6 and found.value == pytest.approx((int(right) - int(before)) / 400)
        assert found.gained - found.lost == right - before and found.n == 400


def test_more_bits_lose_nothing_and_two_bits_lose_nearly_all(evaluator):
    film = finished(evaluation_steps(evaluator, bit_settings(Setting(), "both", (2, 3, 4, 8, 16))))
    top1 = {bits: e.top(1).value for bits, e in film.items()}
    assert top1[2] < 0.2 < top1[4] < top1[8] and film[16].agreement.value > 0.995
    assert top1[2] < top1[3] < top1[4]


def test_the_film_comes_nearest_first_with_progress_and_in_order(evaluator):
    came = []
    settings = bit_settings(Setting(), "activations", (2, 3, 4, 5, 6))
    film, progress = drained(evaluation_steps(evaluator, settings, 4, lambda label, e: came.append((label, e.setting.activations))))
    assert came == [(4, 4), (3, 3), (5, 5), (2, 2), (6, 6)]
    assert progress == [(i, 5) for i in range(5)]
    assert list(film) == [2, 3, 4, 5, 6]
    assert nearest_first([2, 3, 4], None) == [2, 3, 4]


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_changes_what_it_names_and_holds_the_rest_in_float(curve):
    for bits, setting in bit_settings(Setting(7, 7), curve, (2, 9)).items():
        assert (setting.weights == bits) == ("weights" in CURVES[curve]) and (setting.activations == bits) == (
            "activations" in CURVES[curve]
        )
        assert {setting.weights, setting.activations} <= {bits, None}
    with pytest.raises(ValueError, match="choose one of both, weights, activations"):
        bit_settings(Setting(), "none")


def test_a_curve_has_the_widths_that_its_schemes_have():
    assert widths_of(Setting()) == tuple(range(2, 17))
    nf4 = Setting(weight_spec=ql.QuantSpec("nf4"))
    assert widths_of(nf4, "weights") == widths_of(nf4) == (4,) and widths_of(nf4, "activations") == tuple(range(2, 17))
    assert list(bit_settings(nf4, "weights")) == [4]


def test_a_new_process_finds_the_logits_on_disk(plain, evaluator, monkeypatch):
    first = evaluator.logits(Setting(4, 4))
    again = Evaluator(plain, Store(evaluator.store.path))
    monkeypatch.setattr(plain, "logits", lambda *_: pytest.fail("computed a second time"))
    assert np.array_equal(first, again.logits(Setting(4, 4)))


def test_other_weights_images_or_settings_have_other_names(plain, small, depthwise):
    from quantlab.networks.engine.runner import Runner
    from quantlab.networks.engine.shipped_networks import shipped

    fewer = Runner(*shipped("plain"), images=100)
    assert len({Evaluator(r, Store(None)).digest for r in (plain, small, depthwise, fewer)}) == 4


def test_two_who_ask_for_the_same_compute_it_once(plain, monkeypatch):
    evaluator, calls, real = Evaluator(plain, Store(None)), [], plain.logits
    monkeypatch.setattr(plain, "logits", lambda *a: calls.append(a) or real(*a))
    threads = [threading.Thread(target=evaluator.logits, args=(Setting(6, 6),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def counted(runner, monkeypatch) -> list:
    """The settings that the runner computes from now on."""
    calls, real = [], runner.logits
    monkeypatch.setattr(runner, "logits", lambda setting, *a: calls.append(setting) or real(setting, *a))
    return calls


def test_of_the_logits_in_memory_the_oldest_go_first(small, monkeypatch):
    monkeypatch.setattr(evaluate, "REMEMBERED", 2)
    evaluator, calls = Evaluator(small, Store(None)), counted(small, monkeypatch)
    for bits in (4, 5, 6, 6, 5, 4):
        evaluator.logits(Setting(bits, bits))
    assert [setting.weights for setting in calls] == [4, 5, 6, 4]


@pytest.mark.parametrize(
    "kept", [np.zeros((3, 10), np.float32), np.zeros((200, 10)), np.zeros(200, np.float32)], ids=["few", "double", "flat"]
)
def test_an_array_on_disk_that_cannot_be_the_logits_is_not_believed(small, monkeypatch, kept):
    store = Store(None)
    monkeypatch.setattr(store, "get", lambda key: kept)
    found = Evaluator(small, store).logits(FLOAT)
    assert np.array_equal(found, small.logits(FLOAT)) and not found.flags.writeable


def test_results_of_another_program_are_computed_anew(small, evaluator, monkeypatch):
    Evaluator(small, evaluator.store).logits(FLOAT)
    calls = counted(small, monkeypatch)
    Evaluator(small, evaluator.store).logits(FLOAT)
    assert calls == []
    monkeypatch.setattr(evaluate, "program", lambda: "a later one")
    Evaluator(small, evaluator.store).logits(FLOAT)
    assert calls == [FLOAT]


def test_a_network_is_compared_with_its_own_float_one_folded_or_not(evaluator):
    for folded in (True, False):
        exact = evaluator.evaluate(FLOAT.replace(folded=folded))
        assert exact.logits is exact.reference


@pytest.mark.parametrize(
    "setting", [FLOAT, FLOAT.replace(folded=False), Setting(3, 8, weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0)))]
)
def test_a_size_is_read_from_disk_as_it_was_computed(evaluator, plain, tmp_path, monkeypatch, setting):
    expected = size(plain, setting)
    assert evaluator.size(setting) == expected
    monkeypatch.setattr("quantlab.networks.engine.sizes.size", lambda *_: pytest.fail("it was known"))
    assert Evaluator(plain, Store(tmp_path)).size(setting) == expected
