"""Is a layer's price what it weighs and spoils? Expected: scipy's entropy, the size of the whole, and evaluations by hand."""

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy

from quantlab.networks.budget import budgets, curve_steps
from quantlab.networks.engine.evaluate import Evaluator
from quantlab.networks.engine.layer_costs import divergence, layer_cost_steps, measured_steps, on_calibration, outcome, uniform_plan
from quantlab.networks.engine.sizes import size
from quantlab.networks.settings import Setting
from quantlab.networks.store import Store
from tests.steps import finished

WIDTHS = (2, 4, 8)


@pytest.fixture(scope="module")
def evaluator(small):
    return Evaluator(small, Store(None))


@pytest.fixture(scope="module")
def table(evaluator):
    return finished(layer_cost_steps(on_calibration(evaluator), Setting(), WIDTHS))


def test_the_divergence_is_that_of_scipy():
    reference, logits = np.random.default_rng(0).normal(0, 3, (2, 50, 10)).astype(np.float32)
    p, q = softmax(reference.astype(float), axis=1), softmax(logits.astype(float), axis=1)
    assert divergence(reference, logits) == pytest.approx(entropy(p, q, base=2, axis=1).mean(), rel=1e-9)
    assert divergence(reference, reference) == 0


def test_calibration_images_are_measured_on_and_never_test_images(evaluator):
    other = on_calibration(evaluator)
    assert np.array_equal(other.runner.test.pixels, evaluator.runner.data.calibration.pixels)
    assert other.digest != evaluator.digest


@pytest.mark.parametrize("column", range(len(WIDTHS)))
def test_the_bytes_of_all_layers_are_those_of_the_network_rounded_up(table, small, column):
    whole = size(small, Setting(weights=WIDTHS[column], activations=None)).total("memory")
    assert whole <= table.bytes[:, column].sum() < whole + len(table.layers)


def test_parts_of_a_byte_are_rounded_up_so_that_a_plan_never_takes_more_than_it_says(evaluator, small):
    setting = Setting(bias_at_32=False)  # ten biases of 3 bits are 3.75 bytes
    taken = size(small, setting.replace(weights=3, activations=None)).total("memory")
    assert taken % 1 and taken <= finished(layer_cost_steps(on_calibration(evaluator), setting, (3,))).bytes.sum() < taken + 3


def test_every_layer_loses_more_with_fewer_bits(table):
    assert (table.loss[:, 0] > table.loss[:, 1]).all() and (table.loss[:, 1] > table.loss[:, 2]).all()


def test_the_loss_of_a_layer_is_measured_with_all_others_float(table, evaluator):
    setting = Setting(weights=None, activations=None, inputs=None, layer_weights=(("conv2", 2),))
    found = on_calibration(evaluator).evaluate(setting)
    assert table.loss[1, 0] == divergence(found.reference, found.logits)


def test_plans_are_run_as_they_say_and_a_richer_one_moves_the_answers_less(table, evaluator, small):
    plans = finished(curve_steps(table, budgets(table, 4)))
    results = finished(measured_steps(evaluator, Setting(activations=None, inputs=None), plans))
    assert [plan for plan, _ in results] == list(plans)
    assert [found.setting.layer_weights for _, found in results] == [plan.bits for plan in plans]
    moved = [divergence(found.reference, found.logits) for _, found in results]
    assert moved[0] > 3 * moved[-1]
    held = size(small, results[1][1].setting).total("memory")
    assert held <= plans[1].bytes < held + len(table.layers)


def test_the_same_bits_for_all_are_a_plan_too_whose_loss_is_known_where_it_was_measured(table, evaluator, small):
    setting = Setting(activations=None, inputs=None)
    plans = {bits: uniform_plan(table, small, setting, bits) for bits in (3, 4)}
    assert np.isnan(plans[3].loss) and plans[4].loss == table.loss[:, 1].sum() and plans[4].bytes == table.bytes[:, 1].sum()
    answers, moved = outcome(evaluator, on_calibration(evaluator), setting, plans[4])
    assert np.array_equal(answers.logits, evaluator.evaluate(setting.replace(weights=4)).logits)
    whole = on_calibration(evaluator).evaluate(setting.replace(weights=4))
    assert moved == divergence(whole.reference, whole.logits)
