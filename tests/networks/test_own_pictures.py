"""Does a network learn a person's own pictures, and data of other sizes and classes?"""

import numpy as np
import pytest
import torch

from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine import Runner, shipped
from quantlab.networks.engine.models import MODELS
from quantlab.networks.engine.own_pictures import TO_TRAIN, data_set, recipe_for, training_steps
from quantlab.networks.engine.train import RECIPES
from quantlab.networks.settings import Setting
from quantlab.sources.image_folders import from_zip
from tests.sources.hostile import zipped
from tests.sources.test_image_folders import png
from tests.steps import finished


def striped(label: int, seed: int) -> bytes:
    """A noisy picture whose stripes run across or down."""
    rng = np.random.default_rng(seed)
    stripes = np.repeat(np.arange(24) // 3 % 2 * 200, 24).reshape(24, 24)
    grey = np.clip((stripes if label else stripes.T) + rng.integers(0, 56, (24, 24)), 0, 255)
    return png(np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8))


@pytest.fixture(scope="module")
def own():
    members = {f"{name}/{i}.png": striped(label, 100 * label + i) for label, name in enumerate(("across", "down")) for i in range(24)}
    return data_set(finished(from_zip("stripes.zip", zipped(members), 16, channels=1)))


def test_own_pictures_are_learnt_and_told_apart(own):
    network = finished(training_steps("small", own))
    runner = Runner(network, own)
    for setting in (Setting(weights=None, activations=None, inputs=None), Setting(calibration=len(own.calibration))):
        assert (runner.logits(setting).argmax(1) == own.test.labels).mean() > 0.9
    assert own.classes == ("across", "down") and not any(step.module.training for step in network.steps)


def test_the_same_seed_gives_the_same_network(own, monkeypatch):
    monkeypatch.setitem(RECIPES, "small", RECIPES["small"].__class__(1))
    first, again, other = (finished(training_steps("small", own, seed)).modules.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape, classes", [((28, 28, 1), 10), ((32, 32, 3), 7), ((8, 8, 1), 2), ((9, 40, 3), 3)])
def test_each_architecture_takes_other_sizes_channels_and_classes(model, shape, classes, monkeypatch):
    monkeypatch.setitem(RECIPES, model, RECIPES[model].__class__(1))
    monkeypatch.setitem(TO_TRAIN, model, 100)
    rng = np.random.default_rng(0)
    images = Images(rng.integers(0, 256, (12, *shape), dtype=np.uint8), np.arange(12) % classes)
    network = finished(training_steps(model, DataSet("x", "X", tuple("abcdefghij"[:classes]), images, images, images)))
    assert Runner(network, DataSet("x", "X", (), images, images, images)).logits().shape == (12, classes)


@pytest.mark.parametrize("model", MODELS)
def test_the_shipped_recipe_is_that_for_as_many_images(model):
    assert len(shipped(model)[1].training) == TO_TRAIN[model]
    assert recipe_for(model, TO_TRAIN[model]) == RECIPES[model]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("images", [2, 3, 16, 99, 100, 799, 800, 5999])
def test_few_images_pass_by_until_as_many_updates_are_done(model, images):
    shipped, recipe = RECIPES[model], recipe_for(model, images)
    updates, wanted = recipe.epochs * (images // recipe.batch), shipped.epochs * (TO_TRAIN[model] // shipped.batch)
    assert 2 <= recipe.batch <= images and wanted <= updates < wanted + images // recipe.batch


def test_more_images_than_the_shipped_ones_had_take_no_longer(monkeypatch):
    monkeypatch.setitem(TO_TRAIN, "small", 100)
    monkeypatch.setitem(RECIPES, "small", RECIPES["small"].__class__(1))
    rng = np.random.default_rng(0)
    images = Images(rng.integers(0, 256, (150, 8, 8, 1), dtype=np.uint8), np.where(np.arange(150) < 100, np.arange(150) % 2, 2))
    data = DataSet("x", "X", tuple("abc"), images, images, images)
    same = DataSet("x", "X", tuple("abc"), images.first(100), images, images)
    ours, theirs = (finished(training_steps("small", d)).modules.state_dict() for d in (data, same))
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


@pytest.mark.parametrize("shape", [(20, 7, 30, 3), (1, 32, 32, 3), (0, 32, 32, 3)], ids=str)
def test_what_nothing_can_be_learnt_from_is_refused(shape):
    images = Images(np.zeros(shape, np.uint8), np.zeros(len(range(shape[0])), np.int64))
    with pytest.raises(ValueError, match="give 2 or more of at least 8 x 8"):
        list(training_steps("small", DataSet("x", "X", ("a", "b"), images, images, images)))


def test_an_unknown_architecture_is_refused(own):
    with pytest.raises(ValueError, match="choose one of plain"):
        list(training_steps("large", own))
