"""Is what each layer costs measured at every width, the nearest first, and does what arrived outlast a cancelled run?"""

import itertools

import pytest

from quantlab.networks.catalogue import CATALOGUE
from quantlab.networks.engine import Evaluator, Runner, sensitivity_steps, shipped
from quantlab.networks.settings import Setting
from quantlab.networks.store import Store
from quantlab.progress import finish
from quantlab.ui.network import costs as network_costs
from quantlab.ui.network.controls import Asked
from tests.ui.test_network_page import SMALL, own_cache, shown  # noqa: F401
from tests.ui.test_pages import alive, text


@pytest.fixture
def evaluator():
    return Evaluator(Runner(*shipped("small"), images=200), Store(None))


def asked(**changes) -> Asked:
    options = {"inputs": 8, "weights": None, "activations": None} | changes
    return Asked("small", 200, "both", (3, 4, 5), tuple(options.items()))


def test_a_run_that_is_cancelled_keeps_what_arrived_and_the_next_goes_on_there(evaluator):
    state, each = asked(calibration=20), 2 * len(CATALOGUE["small"].layers)
    steps = network_costs._steps(evaluator, state, [4, 3, 5])
    assert list(itertools.islice(steps, each + 1)) == [(i, 3 * each) for i in range(each + 1)]
    steps.close()
    assert list(network_costs.arrived(state)) == [4]
    rest = network_costs._steps(evaluator, state, [5, 4, 3])
    assert next(rest) == (0, 2 * each)
    assert finish(rest).keys() == {3, 4, 5} and list(network_costs.arrived(state)) == [4, 5, 3]


def test_the_costs_are_those_of_the_core_on_the_first_images(evaluator, monkeypatch):
    monkeypatch.setattr(network_costs, "IMAGES", 90)
    found = finish(network_costs._steps(evaluator, asked(calibration=30), [3]))[3]
    few = Evaluator(Runner(*shipped("small"), images=90), Store(None))
    expected = finish(sensitivity_steps(few, Setting(3, 3, calibration=30), 3))
    assert [(cost.alone, cost.all_but) for cost in found.layers] == [(s.alone.top(1), s.all_but.top(1)) for s in expected]
    assert found.exact.n == 90


def test_after_the_page_stands_every_width_is_there_the_nearest_first(monkeypatch):
    states: dict = {}
    monkeypatch.setattr(network_costs, "arrived", lambda asked: states.setdefault(asked, {}))
    app = shown(room="layers", bits="4", calibration="5")
    assert "at 4 bits costs" in text(app)
    (found,) = states.values()
    assert list(found) == [4, 3, 5, 2, 6, *range(7, 17)]
    assert "Cancel" not in [button.label for button in alive(app.run()).button]
