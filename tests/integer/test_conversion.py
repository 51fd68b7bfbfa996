"""Conversion to integers: it equals the fake-quantized network once their roundings are the same, and says what it cannot convert.

Expected numbers: torch's float convolutions of the fake-quantized network, in float64 so that no sum is rounded.
"""

import numpy as np
import pytest
import torch
from torch import nn

import quantlab as ql
from quantlab.integer.agreement import EDGES
from quantlab.integer.operations import USUAL, Arithmetic, Layer, Numbers
from quantlab.integer.requantize import Grid
from quantlab.networks import engine
from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine.models import Network, Step, chain
from quantlab.networks.engine.wrapping import Add
from quantlab.networks.settings import WEIGHTS, Setting
from quantlab.progress import finish

PER_CHANNEL = WEIGHTS.replace(granularity=ql.per_channel(0))


@pytest.fixture(scope="module", params=["plain", "depthwise", "small"])
def runner(request) -> engine.Runner:
    return engine.Runner(*engine.shipped(request.param), images=40)


@pytest.mark.parametrize("bits", [8, 5, 3, 2])
@pytest.mark.parametrize("weight_spec", [WEIGHTS, PER_CHANNEL], ids=["a scale a layer", "a scale a channel"])
def test_no_code_differs_once_the_reasons_are_gone(runner, bits, weight_spec):
    agreement = finish(engine.agreement_steps(runner, Setting(bits, bits, weight_spec=weight_spec)))
    total = agreement.total
    usual, same_biases, _, exact = total.differing
    assert exact == 0 and same_biases <= 1e-5 * total.compared and usual >= same_biases
    assert total.farthest <= 1
    assert total.near.sum() == total.compared and total.differing_near.sum(axis=1).tolist() == list(total.differing)


def test_what_differs_lies_nearer_to_a_border_than_a_bias_is_rounded(runner):
    for layer in finish(engine.agreement_steps(runner, Setting())).layers:
        bins = np.flatnonzero(layer.differing_near[0])
        assert len(bins) == 0 or EDGES[bins[-1]] <= layer.reach + 1e-4


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_networks_of_fresh_seeds_agree_too(seed):
    """Random weights and pictures: nothing rests on the shipped networks."""
    torch.manual_seed(seed)
    runner = engine.Runner(random_network(), random_pictures(seed), images=16)
    agreement = finish(engine.agreement_steps(runner, Setting(6, 6, calibration=20)))
    assert agreement.total.differing[-1] == 0 and agreement.total.compared > 1000


def random_network() -> Network:
    """Convolution, ReLU6, a pool, a skip connection, a mean, two linear layers: every supported step but dropout."""
    layers: list[tuple[str, nn.Module, tuple[int, ...]]] = [
        ("conv1", nn.Conv2d(3, 8, 3, padding=1), (-1,)),
        ("relu1", nn.ReLU6(), (0,)),
        ("pool1", nn.MaxPool2d(2), (1,)),
        ("conv2", nn.Conv2d(8, 8, 3, padding=1, groups=2), (2,)),
        ("conv3", nn.Conv2d(8, 8, 1), (2,)),
        ("sum", Add(), (3, 4)),
        ("relu2", nn.ReLU(), (5,)),
        ("pool2", nn.AvgPool2d(2), (6,)),
        ("flat", nn.Flatten(), (7,)),
        ("hidden", nn.Linear(8 * 4, 16), (8,)),
        ("relu3", nn.ReLU(), (9,)),
        ("drop", nn.Dropout(), (10,)),
        ("answer", nn.Linear(16, 4), (11,)),
    ]
    steps = tuple(Step(name, module.eval().requires_grad_(False), reads) for name, module, reads in layers)
    return Network("own", "A network of one's own", steps)


def random_pictures(seed: int) -> DataSet:
    rng = np.random.default_rng(seed)

    def part(n: int) -> Images:
        return Images(rng.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8), np.arange(n) % 4)

    return DataSet("noise", "Noise", tuple("abcd"), part(20), part(20), part(16))


def test_a_relu6_a_skip_connection_and_a_mean_are_converted_to_within_the_quantizers_own_error():
    torch.manual_seed(4)
    runner = engine.Runner(random_network(), random_pictures(4), images=16)
    exact = runner.logits(Setting(None, None, None))
    integer = engine.to_integers(runner, Setting(calibration=20)).logits(runner.test.pixels)
    assert np.abs(integer - exact).max() < 0.05 * np.abs(exact).max()


REFUSED = {
    "float weights": (Setting(weights=None), "give weights, activations and inputs 2 to 8 bits"),
    "float activations": (Setting(activations=None), "give weights, activations and inputs 2 to 8 bits"),
    "dynamic ranges": (Setting(dynamic=True), r"choose static ranges: Setting\(dynamic=False\)"),
    "unfolded norms": (Setting(folded=False), r"fold it into the layer before it: Setting\(folded=True\)"),
    "a codebook": (Setting(weights=4, weight_spec=ql.QuantSpec("nf4")), "choose int-symmetric"),
    "groups": (Setting(weight_spec=WEIGHTS.replace(granularity=ql.per_group(16))), "per tensor or per output channel"),
    "12 bits": (Setting(weights=12), "choose 2 to 8"),
}


@pytest.mark.parametrize("setting, remedy", REFUSED.values(), ids=list(REFUSED))
def test_a_setting_without_an_integer_form_is_refused_with_the_remedy(setting, remedy):
    runner = engine.Runner(*engine.shipped("small"), images=4)
    with pytest.raises(ValueError, match=remedy):
        engine.to_integers(runner, setting)


MODULES = {
    "sigmoid": (nn.Sigmoid(), "odd is a Sigmoid, which has no integer form here; use Conv2d, Linear"),
    "dilation": (nn.Conv2d(3, 3, 3, dilation=2), "odd has dilation"),
    "circular padding": (nn.Conv2d(3, 3, 3, padding=1, padding_mode="circular"), "padding_mode"),
    "padding in words": (nn.Conv2d(3, 3, 3, padding="same"), "write the padding as a number"),
    "a padded mean": (nn.AvgPool2d(3, 1, 1), "use padding=0"),
    "a mean of four": (nn.AdaptiveAvgPool2d(2), "use 1"),
}


@pytest.mark.parametrize("module, said", MODULES.values(), ids=list(MODULES))
def test_a_step_without_an_integer_form_is_refused_by_name(module, said):
    parts: list[tuple[str, nn.Module]] = [
        ("odd", module),
        ("mean", nn.AdaptiveAvgPool2d(1)),
        ("flat", nn.Flatten()),
        ("answer", nn.Linear(3, 4)),
    ]
    runner = engine.Runner(chain("own", "Own", parts), random_pictures(0), images=4)
    with pytest.raises(ValueError, match=said):
        engine.to_integers(runner, Setting(calibration=20))


def test_pictures_that_are_no_bytes_are_refused():
    network = engine.to_integers(engine.Runner(*engine.shipped("small"), images=4), Setting())
    with pytest.raises(ValueError, match="give bytes from 0 to 255"):
        network.logits(np.zeros((2, 8, 8, 1), np.float32))


@pytest.mark.parametrize("overflow", ["wrap", "saturate"])
def test_an_accumulator_of_enough_bits_changes_nothing_and_one_of_few_changes_answers(overflow):
    runner = engine.Runner(*engine.shipped("small"), images=40)
    network = engine.to_integers(runner, Setting())
    exact = network.logits(runner.test.pixels)
    assert np.array_equal(network.logits(runner.test.pixels, Arithmetic(accumulator=24, overflow=overflow)), exact)
    few = network.logits(runner.test.pixels, Arithmetic(accumulator=12, overflow=overflow))
    assert (few.argmax(1) != exact.argmax(1)).any()


def test_saturation_inside_a_layer_is_that_of_plain_loops():
    rng = np.random.default_rng(3)
    layer = Layer(
        "l", rng.integers(-127, 128, (2, 30)).astype(np.int8), np.ones(2, np.float32), np.array([5, -7], np.int32), Grid(1.0, 3, 0, 255)
    )
    codes = rng.integers(0, 256, (4, 30)).astype(np.int32)
    for n, o in np.ndindex(4, 2):
        total = 0
        for k in range(30):
            total = min(max(total + int(codes[n, k] - 3) * int(layer.weights[o, k]), -(2**15)), 2**15 - 1)
        total = min(max(total + int(layer.bias[o]), -(2**15)), 2**15 - 1)
        assert layer.accumulate(codes, Arithmetic(accumulator=16, overflow="saturate"))[n, o] == total


def test_numbers_stand_for_scale_times_number():
    assert Numbers(np.array([[2, 4]], np.int32), np.array([0.5, 0.25])).real.tolist() == [[1.0, 1.0]]
    assert USUAL.accumulator == 32
