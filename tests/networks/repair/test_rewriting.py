"""Do equalisation and migration leave the float network's answers alone, and do what they are for?"""

import numpy as np
import pytest
import torch
from torch import nn

from quantlab.networks.engine import shipped
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import MODELS, Network, chain, tensor_of
from quantlab.networks.engine.repair import METHODS
from quantlab.networks.engine.repair._flow import channel_maxima
from quantlab.networks.engine.repair._pairs import columns, pairs
from quantlab.networks.engine.repair.base import Workpiece
from quantlab.networks.engine.repair.equalise import equalised
from quantlab.networks.engine.repair.smooth import migrated
from quantlab.networks.engine.repaired import channel_ranges
from quantlab.networks.repairs import REPAIRS
from quantlab.networks.settings import Setting
from quantlab.progress import finish
from tests.networks.conftest import skipping

REWRITING = [slug for slug, repair in REPAIRS.items() if repair.rewrites and slug != "fold"]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("slug", REWRITING)
def test_no_logit_moves_by_a_hundred_thousandth_of_the_largest(name, slug):
    network, data = shipped(name)
    piece = Workpiece(fold(network), data.calibration.pixels[:100], Setting(calibration=100))
    after = finish(METHODS[slug].apply(piece)).network
    x = tensor_of(data.test.pixels[:200])
    with torch.inference_mode():
        before = network(x)
        assert (before - after(x)).abs().max() < 1e-5 * before.abs().max()
    assert any(not torch.equal(a.layer.weight, b.layer.weight) for a, b in zip(piece.network.steps, after.steps, strict=True) if a.weighted)


@pytest.mark.parametrize("name", MODELS)
def test_both_sides_of_every_channel_get_the_same_range(name):
    before, after = fold(shipped(name)[0]), finish(equalised(fold(shipped(name)[0])))
    assert max(np.ptp(np.log(r.written / r.read)) for r in channel_ranges(before)) > 0.5
    for r in channel_ranges(after):
        alive = (r.written > 0) & (r.read > 0)
        assert np.allclose(r.written[alive], r.read[alive], rtol=1e-3)


def test_migration_divides_what_flows_in():
    """Expected: the square root of what flows in times what reads it, which is both sides' share with a = 1/2."""
    network, data = shipped("plain")
    folded, pixels = fold(network), data.calibration.pixels[:50]
    before, after = (channel_maxima(n, pixels) for n in (folded, migrated(folded, pixels)))
    readers = [folded.steps[pair.second] for pair in pairs(folded)]
    assert [step.name for step in readers] == list(folded.layers[1:])
    for step in readers:
        assert np.allclose(after[step.name], np.sqrt(before[step.name] * np.abs(columns(step.layer)).max(axis=1)), rtol=1e-4)
    assert np.array_equal(before["conv1"], after["conv1"])  # the picture is as it is


def test_what_lies_between_two_layers_must_keep_scales_and_be_read_once():
    torch.manual_seed(0)
    assert [(p.first, p.second) for p in pairs(fold(skipping()))] == [(0, 2)][: len(pairs(fold(skipping())))]

    def through(*between: nn.Module) -> Network:
        parts = [("a", nn.Conv2d(1, 4, 3)), *((f"m{i}", m) for i, m in enumerate(between)), ("b", nn.Conv2d(4, 4, 1))]
        return chain("t", "T", parts)

    assert len(pairs(through(nn.ReLU(), nn.MaxPool2d(2)))) == 1
    assert len(pairs(through(nn.ReLU6()))) == 0  # it clips at 6, whatever the scale
    assert len(pairs(through(nn.Sigmoid()))) == 0


def test_a_flattened_picture_of_several_values_a_channel_is_no_pair():
    wide = chain("t", "T", [("a", nn.Conv2d(1, 4, 3)), ("flat", nn.Flatten()), ("b", nn.Linear(4 * 36, 2))])
    narrow = chain("t", "T", [("a", nn.Conv2d(1, 4, 3)), ("mean", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten()), ("b", nn.Linear(4, 2))])
    assert pairs(wide) == () and len(pairs(narrow)) == 1


def test_a_channel_without_weights_stays():
    torch.manual_seed(0)
    network = chain("t", "T", [("a", nn.Conv2d(1, 4, 3)), ("relu", nn.ReLU()), ("b", nn.Conv2d(4, 3, 1))])
    with torch.no_grad():
        network.steps[0].layer.weight[1] = 0
        network.steps[2].layer.weight[:, 2] = 0
    network.modules.eval().requires_grad_(False)
    x = torch.rand(5, 1, 8, 8)
    after = finish(equalised(network))
    assert torch.allclose(network(x), after(x), atol=1e-5) and torch.isfinite(after(x)).all()
