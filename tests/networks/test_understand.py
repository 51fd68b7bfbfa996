"""Do the error by layer and the sensitivity say what they claim? Expected: the networks run step by step by hand."""

import numpy as np
import pytest

from quantlab import metrics
from quantlab.networks.engine.evaluate import Evaluator
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.understand import layer_errors, sensitivity_steps
from quantlab.networks.settings import FLOAT, Setting
from quantlab.networks.store import Store
from tests.steps import drained


def test_the_error_of_the_last_layer_is_that_of_the_logits(plain):
    setting = Setting(5, 5)
    errors = layer_errors(plain, setting, images=100)
    assert [e.layer for e in errors] == list(plain.network(setting).layers)
    expected = metrics.sqnr_db(plain.logits(FLOAT)[:100], plain.logits(setting)[:100])
    assert errors[-1].output == pytest.approx(expected, abs=0.1)
    assert errors[0].arriving == np.inf and all(np.isfinite(e.arriving) for e in errors[1:])


def test_a_layer_alone_errs_less_than_with_all_before_it_and_more_bits_less(plain):
    coarse, fine = (layer_errors(plain, Setting(b, b), images=60) for b in (4, 8))
    assert all(e.alone > e.output for e in coarse[1:-1])
    assert all(f.output > c.output + 6 for c, f in zip(coarse, fine, strict=True))
    assert all(e.output == np.inf for e in layer_errors(plain, FLOAT, images=20))


def test_only_and_all_but_part_the_network_between_them(plain):
    network, setting = plain.network(FLOAT), Setting(8, 8, ends_at_8=True)
    for layer in network.layers:
        a, b = plain.prepare(setting.only(layer, 4)), plain.prepare(setting.all_but(layer, 4))
        assert [p.step.name for p in a if p.weights is not None] == [layer]
        assert [p.step.name for p in b if p.step.weighted and p.weights is None] == [layer]
        assert {p.weights.spec.bits for p in a + b if p.weights is not None} == {4}
        assert sum(p.input_spec is not None for p in a) == 1
    weights = plain.prepare(setting.only("conv2", 4, activations=False))
    assert all(p.input_spec is None for p in weights)


def test_sensitivities_are_the_evaluations_of_those_settings(small):
    evaluator = Evaluator(small, Store(None))
    found, progress = drained(sensitivity_steps(evaluator, Setting(), 3))
    assert progress == [(i, 6) for i in range(6)]
    assert [s.layer for s in found] == ["conv1", "conv2", "answer"]
    for s in found:
        assert np.array_equal(s.alone.logits, small.logits(Setting().only(s.layer, 3)))
        assert np.array_equal(s.all_but.logits, small.logits(Setting().all_but(s.layer, 3)))


def test_layer_errors_do_not_depend_on_the_layout_of_memory(small):
    x = tensor_of(small.test.pixels[:50])
    exact = small.network(FLOAT)(x).numpy()
    expected = metrics.sqnr_db(exact, small.logits(Setting(6, 6))[:50])
    assert layer_errors(small, Setting(6, 6), images=50)[-1].output == pytest.approx(expected, abs=0.2)


def test_layer_errors_hold_no_result_longer_than_it_is_read_and_skip_connections_are_read_late(skip):
    setting = Setting(6, 6)
    expected = metrics.sqnr_db(skip.logits(FLOAT)[:100], skip.logits(setting)[:100])
    assert layer_errors(skip, setting, images=100)[-1].output == pytest.approx(expected, abs=0.2)
