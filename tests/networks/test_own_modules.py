"""A module of one's own becomes steps that compute the same, or is refused by name with what to write instead."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from quantlab.integer.export import FORMS, export
from quantlab.integer.runtime import Session
from quantlab.networks import engine
from quantlab.networks.engine.own_modules import LAYERS
from quantlab.networks.engine.wrapping import Add
from quantlab.networks.settings import FLOAT, Setting
from quantlab.progress import finish
from tests.integer.test_conversion import random_pictures

SETTING = Setting(calibration=20)


class Residual(nn.Module):
    """Functions, methods and modules, a layer used in place, a skip connection, a norm that is folded."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.inner = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.answer = nn.Linear(8, 4)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(self.stem(x), 2)
        x = torch.relu(x + self.inner(x))
        return self.answer(F.dropout(self.pool(x).flatten(1), 0.2, self.training))


class Sequence(nn.Sequential):
    """Two linear layers after a convolution: a ReLU between them, no mean."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(3, 6, 3), nn.ReLU6(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 12), nn.ReLU(), nn.Linear(12, 4))


@pytest.fixture(params=[Residual, Sequence], ids=["residual", "sequence"])
def module(request) -> nn.Module:
    torch.manual_seed(3)
    module = request.param()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-0.2, 0.2)
            part.running_var.uniform_(0.5, 2)
    return module.eval()


def test_the_steps_compute_what_the_module_computes(module):
    x = torch.rand(5, 3, 8, 8)
    with torch.inference_mode():
        assert torch.equal(engine.wrap_module(module)(x), module(x))


def test_the_module_stays_as_it_is(module):
    before = {name: value.clone() for name, value in module.state_dict().items()}
    network = engine.wrap_module(module)
    with torch.no_grad():
        network.steps[0].layer.weight.zero_()
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert [part.inplace for part in module.modules() if isinstance(part, nn.ReLU)][:1] in ([True], [False])


def test_the_whole_path_wrap_calibrate_evaluate_convert_export(module):
    runner = engine.Runner(engine.wrap_module(module), random_pictures(1), images=16)
    exact, quantized = runner.logits(FLOAT), runner.logits(SETTING)
    assert np.abs(quantized - exact).max() < 0.06 * np.abs(exact).max()
    agreement = finish(engine.agreement_steps(runner, SETTING))
    assert agreement.total.differing[-1] == 0
    network = engine.to_integers(runner, SETTING)
    integer = network.logits(runner.test.pixels)
    assert np.array_equal(integer, agreement.integer)
    for level in ("none", "basic"):
        assert np.array_equal(Session(export(network, "qlinear"), level).run(runner.test.pixels)["logits"], integer)
    for form in FORMS:
        assert np.abs(Session(export(network, form), "all").run(runner.test.pixels)["logits"] - integer).max() < 0.06 * np.abs(exact).max()


class Odd(nn.Module):
    """A convolution and one thing that is not supported."""

    def __init__(self, what) -> None:
        super().__init__()
        self.conv, self.what = nn.Conv2d(3, 4, 3), what

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.what(self.conv(x))


REFUSED = {
    "a GELU": (nn.GELU(), "what is GELU, which is not supported here; use nn.ReLU"),
    "a softmax": (nn.Softmax(dim=1), "the outputs are logits"),
    "a norm of layers": (nn.LayerNorm(6), "use nn.BatchNorm2d"),
    "an unheard layer": (nn.PReLU(), "supported are Conv2d, Linear"),
    "a view": (lambda x: x.view(2, -1), r"use nn.Flatten\(\)"),
    "a mean": (lambda x: x.mean((2, 3)), "use nn.AdaptiveAvgPool2d"),
    "a product": (lambda x: x * 2, "is mul, which is not supported"),
    "a constant added": (lambda x: x + 1, "a sum adds two of them and nothing else"),
    "a flatten of images": (torch.flatten, r"write flatten\(1\)"),
    "a branch on values": (lambda x: x if x.sum() > 0 else -x, "without if and for over tensors"),
    "two results": (lambda x: (x, x), "give its logits alone"),
}


@pytest.mark.parametrize("what, said", REFUSED.values(), ids=list(REFUSED))
def test_what_is_not_supported_is_refused_by_name_with_the_remedy(what, said):
    with pytest.raises(ValueError, match=said):
        engine.wrap_module(Odd(what))


def test_a_module_without_weights_and_one_with_two_inputs_are_refused():
    with pytest.raises(ValueError, match="give it at least one"):
        engine.wrap_module(nn.ReLU())

    class Two(nn.Module):
        def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return a + b

    with pytest.raises(ValueError, match="give it one tensor"):
        engine.wrap_module(Two())


def test_the_docs_name_every_supported_layer():
    from tests.test_docs import DOCUMENTS

    for layer in LAYERS:
        assert layer is Add or f"`{layer.__name__}`" in DOCUMENTS["docs/own-network.md"]
