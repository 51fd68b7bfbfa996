"""Networks that were trained here, as the labs take them: the rounded weights, on disk, sound or absent; and the control of a training."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from quantlab import per_channel
from quantlab.networks import trained
from quantlab.networks.data import Images
from quantlab.networks.engine import control_steps, kept_steps, key_of, named, shipped, with_state
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.training.settled import settled
from quantlab.networks.settings import WEIGHTS, Setting
from quantlab.networks.store import Store
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish

pytestmark = pytest.mark.slow
REQUEST = TrainingRequest(epochs=2, activations="float")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def training(store):
    return finish(kept_steps(*shipped("small"), REQUEST, store))


def network_of(training):
    network, data = shipped(training.request.network)
    state = {name: torch.from_numpy(value) for name, value in settled(network, training).items()}
    return with_state(network, state), data


@pytest.mark.parametrize("network", ["small", "depthwise"])
def test_the_settled_network_gives_the_answers_of_the_trained_one(network, training, tmp_path):
    if network != "small":
        training = finish(kept_steps(*shipped(network), REQUEST.replace(network=network, epochs=1), Store(tmp_path)))
    like, data = network_of(training)
    pixels = tensor_of(data.test.pixels[:400])
    with torch.no_grad():
        answers = like(pixels).argmax(1).numpy()  # the picture has 8 bits already, and activations were float
    assert (answers == training.predicted[-1][:400]).mean() >= 0.9975  # a near tie may fall either way


def test_rounding_it_again_to_its_width_changes_nothing(training):
    network, data = network_of(training)
    per = WEIGHTS.replace(granularity=per_channel(0))
    runner = Runner(network, data, images=300)
    exact = runner.logits(Setting(weights=None, activations=None, inputs=None))
    again = runner.logits(Setting(weights=2, activations=None, inputs=None, weight_spec=per))
    assert np.abs(exact - again).max() < 1e-4 * np.abs(exact).max()


def test_it_is_listed_with_its_right_answers_and_loads_to_the_same_weights(store, training, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(store.path))
    (slug,) = trained.kept()
    assert slug == trained.slug_of(key_of(*shipped("small"), REQUEST))
    one = trained.kept()[slug]
    assert one.request == REQUEST and one.top1 == training.top1(2).value and one.images == len(training.labels)
    assert f"{100 * one.top1:.1f} %" in one.entry.title and one.entry.layers == ("conv1", "conv2", "answer")
    network, data = named(slug)
    state = network.modules.state_dict()
    assert np.array_equal(state["conv1.weight"].numpy(), training.state["conv1.used"]) and data is shipped("small")[1]


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_one_is_not_offered_and_says_what_to_do(store, training, tmp_path, damage):
    (file,) = store.path.glob("trained-*.npy")
    content = bytearray(file.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 255
    (tmp_path / file.name).write_bytes(bytes(content[: len(content) // 2] if damage == "cut" else content))
    assert trained.kept(tmp_path) == {}
    with pytest.raises(ValueError, match="train it once more in the lab Train"):
        trained.state_of(file.stem, tmp_path)


@pytest.mark.parametrize("slug", ["trained-../../etc/passwd", "trained-", "plain", "trained-0123456789ab"])
def test_a_name_that_is_none_of_ours_is_refused_before_a_file_is_opened(slug, tmp_path):
    with pytest.raises(ValueError, match="no longer kept"):
        trained.state_of(slug, tmp_path)


def test_before_the_first_epoch_the_control_is_the_training(training):
    control = finish(control_steps(*shipped("small"), REQUEST, Store(None)))
    assert np.array_equal(control.rounded[0], training.predicted[0]) and np.array_equal(control.predicted[0], training.predicted_by_float)
    assert len(control.predicted) == 3 and not np.array_equal(control.predicted[2], control.predicted[0])


def test_a_control_is_kept_for_all_trainings_that_share_it_and_another_seed_is_another_one(tmp_path):
    store = Store(tmp_path)
    first = finish(control_steps(*shipped("small"), REQUEST, store))
    shared = REQUEST.replace(precision="bf16", gradient="nearest")
    assert list(control_steps(*shipped("small"), shared, store)) == []
    other = finish(control_steps(*shipped("small"), REQUEST.replace(seed=1), store))
    assert not np.array_equal(first.predicted[2], other.predicted[2])
    (file,) = [f for f in tmp_path.glob("*.npy") if store.get(f.stem)[0, 2].tolist() == first.predicted[2].tolist()]
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(finish(control_steps(*shipped("small"), REQUEST, store)).rounded, first.rounded)


def test_one_class_alone_trains_and_its_control_too():
    network, data = shipped("small")
    only = [np.flatnonzero(part.labels == 3)[:120] for part in (data.training, data.calibration, data.test)]
    parts = (data.training, data.calibration, data.test)
    training, calibration, test = (Images(part.pixels[at], part.labels[at]) for part, at in zip(parts, only, strict=True))
    one = replace(data, training=training, calibration=calibration, test=test)
    x = finish(kept_steps(network, one, REQUEST, Store(None)))
    control = finish(control_steps(network, one, REQUEST, Store(None)))
    assert np.isfinite(x.loss).all() and x.loss[2] < x.loss[0] and x.finished and control.top1(2).value > 0.9
