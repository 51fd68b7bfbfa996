"""Does a wrapped network do what torchvision's does? Expected: torchvision's own forward, on random weights."""

import numpy as np
import pytest
import torch
from torch import nn

from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine._torchvision import torchvision
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.imagenet import PRETRAINED
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.wrapping import wrap
from quantlab.networks.settings import FLOAT, Setting

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.fixture(scope="module", params=PRETRAINED)
def pair(request):
    """torchvision's model with random weights whose batch norms have seen something, and ours made of it."""
    entry = PRETRAINED[request.param]
    torch.manual_seed(5)
    model = getattr(torchvision().models, entry.model)(weights=None, num_classes=9)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, low, high in (
                (module.running_mean, -0.5, 0.5),
                (module.running_var, 0.5, 2),
                (module.weight, 0.5, 1.5),
                (module.bias, -0.5, 0.5),
            ):
                nn.init.uniform_(values, low, high)
    model.eval().requires_grad_(False)
    return model, wrap(entry.slug, entry.title, model, entry.as_steps, MEAN, STD)


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (4, 64, 80, 3), dtype=np.uint8)


def theirs(model, pixels):
    return model(torchvision().transforms.functional.normalize(tensor_of(pixels), MEAN, STD))


def test_the_logits_are_torchvisions(pair, pictures):
    model, network = pair
    expected = theirs(model, pictures)
    assert expected.std() > 1e-3
    assert (network(tensor_of(pictures)) - expected).abs().max() < 1e-5 * expected.abs().max()


def test_the_logits_are_torchvisions_when_batch_norm_is_folded(pair, pictures):
    model, network = pair
    folded = fold(network)
    expected = theirs(model, pictures)
    assert not any(isinstance(step.module, nn.BatchNorm2d) for step in folded.steps)
    assert (folded(tensor_of(pictures)) - expected).abs().max() < 2e-5 * expected.abs().max()


def test_no_step_changes_what_another_gave(pair, pictures):
    network = pair[1]
    results, kept = {-1: tensor_of(pictures)}, {}
    for place, step in enumerate(network.steps):
        results[place] = step.module(*(results[i] for i in step.reads))
        kept[place] = results[place].clone()
    assert all(torch.equal(results[place], kept[place]) for place in kept)


def test_every_weight_of_the_model_is_in_one_step(pair):
    model, network = pair
    count = sum(p.numel() for p in model.parameters())
    extra = next(step.module for step in network.steps if step.name == "conv1").bias.numel()  # from the normalization
    assert sum(p.numel() for p in network.modules.parameters()) == count + extra
    assert len(network.layers) == sum(isinstance(m, nn.Conv2d | nn.Linear) for m in model.modules())


def test_the_model_it_is_made_of_stays_as_it_was(pair, pictures):
    model, network = pair
    before = theirs(model, pictures)
    Runner(network, data_of(pictures))
    assert torch.equal(theirs(model, pictures), before) and model(torch.zeros(1, 3, 64, 64)).shape == (1, 9)


def data_of(pixels):
    images = Images(pixels, np.arange(len(pixels)) % 9)
    return DataSet("noise", "Noise", tuple("abcdefghi"), images, images, images)


@pytest.mark.slow
def test_it_is_quantized_and_run_as_every_other_network(pair, pictures):
    model, network = pair
    runner = Runner(network, data_of(pictures))
    expected = theirs(model, pictures).numpy()
    assert np.abs(runner.logits(FLOAT) - expected).max() < 2e-5 * np.abs(expected).max()
    errors = []
    for bits in (4, 8, 12):
        setting = Setting(weights=bits, activations=bits, calibration=4)
        errors.append(np.abs(runner.logits(setting, base=setting) - expected).mean())
    assert errors[0] > 4 * errors[1] > 16 * errors[2] > 0
    later = Setting(weights=12, activations=12, calibration=4, layer_weights=((network.layers[-1], 4),))
    fresh = Runner(network, data_of(pictures)).logits(later)
    assert np.array_equal(runner.logits(later), fresh)  # what was kept, skip connections among it, is what it would compute


def test_the_picture_is_exact_at_eight_bits_but_for_its_border(pair, pictures):
    runner = Runner(pair[1], data_of(pictures))
    step = runner.prepare(FLOAT.replace(inputs=8))[1]
    bordered = pair[1].steps[0].module(tensor_of(pictures))
    quantized, width = step.quantize_input(bordered), pair[1].steps[0].module.width
    inside = (slice(None), slice(None), slice(width, -width), slice(width, -width))
    assert (quantized[inside] - bordered[inside]).abs().max() < 1e-6
    assert (quantized - bordered).abs().max() <= 0.5 / 255 + 1e-6
