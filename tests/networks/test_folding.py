"""Does a folded network do what the unfolded one does? Expected: torch's own batch norm."""

import pytest
import torch
from torch import nn

from quantlab.networks.engine import shipped
from quantlab.networks.engine.folding import fold, fold_norm
from quantlab.networks.engine.models import MODELS, tensor_of
from tests.networks.conftest import skipping


@pytest.mark.parametrize("name", MODELS)
def test_folding_changes_no_logit_by_more_than_a_hundred_thousandth(name):
    network, data = shipped(name)
    x = tensor_of(data.test.pixels[:200])
    before, after = network(x), fold(network)(x)
    assert (before - after).abs().max() < 1e-5 * before.abs().max()
    assert not any(isinstance(step.module, nn.BatchNorm2d) for step in fold(network).steps)


def test_folding_keeps_connections_that_skip():
    network = skipping()
    x = torch.rand(20, 1, 8, 8)
    assert torch.allclose(network(x), fold(network)(x), atol=1e-5)
    assert len(fold(network).steps) == len(network.steps) - 2


def test_a_norm_whose_convolution_is_read_elsewhere_stays():
    from dataclasses import replace

    network = skipping()
    steps = list(network.steps)
    steps[5] = replace(steps[5], reads=(4, 3))  # the sum reads the convolution b beside its norm
    network = replace(network, steps=tuple(steps))
    x = torch.rand(20, 1, 8, 8)
    assert torch.allclose(network(x), fold(network)(x), atol=1e-5)
    assert [s.name for s in fold(network).steps if isinstance(s.module, nn.BatchNorm2d)] == ["b_norm"]


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_a_linear_layer_folds_too(bias, affine):
    torch.manual_seed(0)
    layer, norm = nn.Linear(6, 5, bias=bias), nn.BatchNorm1d(5, affine=affine)
    norm(torch.randn(50, 5) * 3 + 1)
    norm.eval()
    x = torch.randn(30, 6)
    assert torch.allclose(norm(layer(x)), fold_norm(layer, norm)(x), atol=1e-5)


def test_a_norm_without_running_numbers_is_refused():
    with pytest.raises(ValueError, match="track_running_stats"):
        fold_norm(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2, track_running_stats=False))
