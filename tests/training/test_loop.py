"""A training: repeatable, recorded, cancelled at once, and each switch does what it says."""

import numpy as np
import pytest

from quantlab.networks.engine import shipped
from quantlab.networks.engine.training.loop import training_steps
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish

pytestmark = pytest.mark.slow


def train(**settings):
    request = TrainingRequest(**({"epochs": 2} | settings))
    return finish(training_steps(*shipped(request.network), request))


@pytest.fixture(scope="module")
def two_bits():
    return train(epochs=4)


def test_training_wins_back_what_rounding_took(two_bits):
    gain = two_bits.gain(4)
    assert gain.seen and gain.value > 0.2


def test_the_same_seed_gives_the_same_training():
    a, b = train(), train()
    assert np.array_equal(a.predicted, b.predicted) and np.array_equal(a.loss, b.loss)
    assert not np.array_equal(a.predicted, train(seed=1).predicted)


def test_what_is_used_has_few_levels_and_codes_that_moved_also_flipped(two_bits):
    for film in two_bits.layers.values():
        assert film.latent.sum(axis=1) == pytest.approx(film.counts.sum(axis=1), rel=0.02)
    assert (two_bits.flips >= two_bits.moved).all() and two_bits.flips[0] == 0 and two_bits.flips[1] > 0
    assert two_bits.weights == sum(a.size for name, a in two_bits.state.items() if name.endswith("layer.weight"))


def test_it_can_be_left_at_every_batch():
    steps = training_steps(*shipped("small"), TrainingRequest(epochs=50))
    seen = [next(steps) for _ in range(3)]
    steps.close()
    assert seen == [(0, 950), (1, 950), (2, 950)]  # 997 images in batches of 50: 19 a epoch


def test_a_step_falls_below_zero_without_a_cure_and_not_with_one():
    wild = {"step_rate": 60.0, "epochs": 1}
    assert train(cure="none", **wild).negative[-1] > 0
    assert train(cure="floor", **wild).negative.max() == 0
    assert train(cure="log", **wild).negative.max() == 0


def test_observers_that_stay_on_make_answers_depend_on_the_order():
    assert train(activations="observed").resorted == 0
    assert train(activations="observed", observing=True).resorted > 0


def test_bf16_without_a_master_copy_loses_small_updates():
    slow = {"rate": 1e-4, "epochs": 3}
    assert train(precision="bf16-only", **slow).flips.sum() < train(precision="bf16", **slow).flips.sum()


@pytest.mark.parametrize("change", [{"width": 1}, {"weights": "none"}, {"epochs": 0}])
def test_what_cannot_be_trained_is_refused_with_the_remedy(change):
    with pytest.raises(ValueError, match="choose"):
        TrainingRequest(**change)
