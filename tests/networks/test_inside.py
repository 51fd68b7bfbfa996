"""Are feature maps and histograms those of the network? Expected: torch's modules run directly; numpy's unique."""

import numpy as np
import pytest

from quantlab.networks.engine.inside import activation_spread, feature_maps, weight_spread
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.settings import FLOAT, Setting


def test_feature_maps_before_are_the_float_network_s(plain):
    pixels = plain.test.pixels[7]
    maps = feature_maps(plain, Setting(4, 4), pixels)
    network = plain.network(FLOAT)
    x = tensor_of(pixels[None])
    for step in network.steps:
        x = step.module(x)
        assert np.allclose(maps[step.name].before, x[0].numpy(), atol=1e-5)
    assert np.allclose(maps["answer"].after, plain.logits(Setting(4, 4))[7], atol=1e-2)
    assert np.array_equal(maps["conv2"].error, maps["conv2"].after - maps["conv2"].before) and maps["conv2"].error.any()
    assert not any(m.error.any() for m in feature_maps(plain, FLOAT, pixels).values())


@pytest.mark.parametrize("bad", [np.zeros((32, 32), np.uint8), np.zeros((31, 32, 3), np.uint8), np.zeros((32, 32, 3), np.float32)])
def test_a_picture_of_another_shape_or_type_is_refused(plain, bad):
    with pytest.raises(ValueError, match=r"reads uint8 \(32, 32, 3\)"):
        feature_maps(plain, FLOAT, bad)


def test_weights_lie_on_their_levels(plain):
    spread = weight_spread(plain, Setting(3, 3), "conv2", bins=400)
    module = plain.prepare(Setting(3, 3))[3].step.module
    assert spread.levels.shape == (1, 7)
    assert set(np.unique(module.weight.numpy())) <= set(spread.levels[0])
    assert spread.before.sum() == spread.after.sum() == module.weight.numel()
    assert (spread.after > 0).sum() <= 7 < (spread.before > 0).sum()


def test_activations_lie_on_their_levels_where_ranges_are_static(plain):
    spread = activation_spread(plain, Setting(3, 3), "conv2", bins=400)
    assert spread.levels.shape == (1, 8) and (spread.after > 0).sum() <= 8
    assert spread.before.sum() == spread.after.sum() == 200 * 16 * 16 * 16
    dynamic = activation_spread(plain, Setting(3, 3, dynamic=True), "conv2", bins=400)
    assert dynamic.levels.size == 0 and (dynamic.after > 0).sum() > 8
    exact = activation_spread(plain, FLOAT, "conv2")
    assert np.array_equal(exact.before, exact.after) and exact.levels.size == 0


def test_a_layer_that_is_not_there_is_refused(plain):
    with pytest.raises(ValueError, match="this network has conv1"):
        weight_spread(plain, Setting(), "conv7")
