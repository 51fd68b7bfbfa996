"""A network answers in a worker as it answers here, bit for bit; what was answered when somebody left is kept."""

import numpy as np
import pytest

from quantlab import workers
from quantlab.networks.engine import shipped
from quantlab.networks.engine.evaluate import Evaluator, evaluation_steps
from quantlab.networks.engine.own_pictures import training_steps
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.understand import sensitivity_steps
from quantlab.networks.settings import Setting, bit_settings
from quantlab.networks.store import Store
from quantlab.progress import finish
from quantlab.workers.pool import Pool

pytestmark = pytest.mark.slow
SETTINGS = bit_settings(Setting(), "both", (2, 3, 4, 8))


@pytest.fixture(scope="module")
def pool():
    pool = Pool(1, 0)
    yield pool
    pool.end()


@pytest.fixture
def elsewhere(pool, monkeypatch):
    monkeypatch.setattr(workers, "POOL", pool)


def evaluator(path=None):
    return Evaluator(Runner(*shipped("small"), images=200), Store(path))


def test_answers_and_sensitivities_are_the_same_bits(elsewhere):
    here = evaluator()
    there = evaluator()
    found = finish(evaluation_steps(there, SETTINGS, 4))
    for label, setting in SETTINGS.items():
        assert np.array_equal(found[label].logits, here.runner.logits(setting)), label
    assert not found[2].logits.flags.writeable
    costs = finish(sensitivity_steps(there, Setting(), 3))
    expected = [here.runner.logits(Setting().only(cost.layer, 3)) for cost in costs]
    assert all(np.array_equal(cost.alone.logits, logits) for cost, logits in zip(costs, expected, strict=True))


def test_what_a_worker_answered_before_somebody_left_is_on_disk(elsewhere, tmp_path):
    one = evaluator(tmp_path)
    steps = evaluation_steps(one, SETTINGS, 4)
    for done, _ in steps:
        if done >= 2:
            break
    steps.close()
    assert len(list(tmp_path.glob("*.npy"))) >= 2
    other = evaluator(tmp_path)
    assert other._known(SETTINGS[4]), "the next one finds it"


def test_a_network_is_taught_in_a_worker_to_the_same_bits(elsewhere):
    from functools import partial

    _, data = shipped("small")
    taught = [finish(steps) for steps in (training_steps("small", data, 3), workers.POOL.steps(partial(training_steps, "small", data, 3)))]
    here, there = (network.modules.state_dict() for network in taught)
    assert here.keys() == there.keys() and all(bool((here[name] == there[name]).all()) for name in here)


def test_a_repaired_network_answers_from_a_worker_as_it_does_here(elsewhere, monkeypatch):
    from quantlab.networks.engine import repaired_steps
    from quantlab.networks.repairs import Recipe

    recipe, setting = Recipe(("fold", "equalise", "bias")), Setting(4, 8, calibration=50)
    there = finish(repaired_steps(evaluator(), setting, recipe)).logits
    monkeypatch.setattr(workers, "POOL", Pool(0, 0))
    assert np.array_equal(there, finish(repaired_steps(evaluator(), setting, recipe)).logits)


def test_a_training_with_rounding_comes_back_from_a_worker(elsewhere, tmp_path):
    from functools import partial

    from quantlab.networks.engine import kept_steps
    from quantlab.networks.training import TrainingRequest

    network, data = shipped("small")
    request = TrainingRequest(network="small", epochs=1)
    there = finish(workers.POOL.steps(partial(kept_steps, network, data, request, Store(tmp_path))))
    here = finish(kept_steps(network, data, request, Store(None)))
    assert np.array_equal(there.predicted, here.predicted) and there.request == here.request


@pytest.mark.parametrize(
    "slug, query, stage",
    [
        ("integer", {"source": "small", "images": "100"}, 0),
        ("integer", {"source": "small", "images": "100", "room": "accumulator"}, 0),
        ("integer", {"source": "small", "images": "100", "room": "rounding"}, 0),
        ("compress", {"source": "small", "images": "200", "tune": "1"}, 3),
    ],
    ids=["equal", "accumulator", "rounding", "fine-tuned with pruning costs"],
)
def test_rooms_of_integers_and_of_small_files_are_the_same_from_a_worker(pool, monkeypatch, tmp_path, slug, query, stage):
    from quantlab.labs.catalog import LABS
    from quantlab.labs.compress import measure
    from quantlab.tasks import ENGINE

    def computed(count):
        monkeypatch.setattr(workers, "POOL", Pool(0, 0) if count == 0 else pool)
        monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / str(count)))
        measure.shrinker_of.cache_clear()
        measure._MEASURED.clear()
        ENGINE._results.clear()
        return finish(LABS[slug].tasks(LABS[slug].read(query), ())[stage].steps())

    here, there = computed(0), computed(1)
    assert here.csv() == there.csv() and here.films == there.films
