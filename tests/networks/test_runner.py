"""Is a run that begins in the middle the same as one from the start, and does it begin there?"""

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from quantlab.networks.engine import shipped
from quantlab.networks.engine.inside import feature_maps
from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.runner import Runner, live
from quantlab.networks.settings import FLOAT, Setting


def count_calls(runner, folded=True):
    """How many images each step sees from now on, by hooks on the modules that are not copied (all but quantized ones)."""
    calls = {}
    for step in runner.networks[folded].steps:
        calls[step.name] = 0

        def hook(module, inputs, output, name=step.name):
            calls[name] += len(output) * (len(output) > 1)  # a single image only tells the sizes

        step.module.register_forward_hook(hook)
    return calls


def fresh(name="plain", images=250):
    network, data = shipped(name)
    from quantlab.networks.engine.models import MODELS

    copy = MODELS[name].build()
    copy.modules.load_state_dict(network.modules.state_dict())
    return Runner(copy, data, images)


def test_a_change_in_one_layer_computes_only_what_comes_after(plain):
    runner, base = fresh(), Setting(5, 5)
    runner.logits(base, base)
    changed = base.replace(layer_weights=(("conv4", 3),))
    calls = count_calls(runner)
    result = runner.logits(changed)
    assert {name: calls[name] for name in ("conv1_relu", "pool3", "conv4_relu", "mean")} == {
        "conv1_relu": 0, "pool3": 0, "conv4_relu": 250, "mean": 250,
    }  # fmt: skip
    assert np.array_equal(result, fresh().logits(changed))


def test_activations_alone_compute_the_first_layer_once():
    runner = fresh()
    settings = [Setting(None, bits) for bits in (4, 3, 5)]
    runner.prepare(settings[0])  # calibrates
    calls = count_calls(runner)
    found = [runner.logits(setting, settings[0]) for setting in settings]
    assert calls["pool1"] == 250 and calls["pool2"] == 3 * 250
    assert all(np.array_equal(a, fresh().logits(s)) for a, s in zip(found, settings, strict=True))


@pytest.mark.parametrize("layer", ["a", "b", "c", "answer"])
def test_connections_that_skip_are_kept_too(skip, layer):
    base = Setting(4, 4)
    skip.logits(base, base)
    changed = base.replace(layer_weights=((layer, 2),), layer_activations=((layer, None),))
    again = Runner(skip.networks[False], skip.data, 150)
    assert np.array_equal(skip.logits(changed), again.logits(changed))
    assert not np.array_equal(skip.logits(changed), skip.logits(base))


def test_what_is_live_at_a_step_is_what_is_read_there_or_later(skip):
    network = skip.networks[True]  # a relu b sum c both mean flat answer
    names = [step.name for step in network.steps]
    assert {names[i] for i in live(network, names.index("b"))} == {"relu"}
    assert {names[i] for i in live(network, names.index("sum"))} == {"relu", "b"}
    assert {names[i] for i in live(network, names.index("both"))} == {"sum", "c"}


def test_few_runs_are_kept_and_each_within_its_budget(monkeypatch):
    from quantlab.networks.engine import runner as module

    one = fresh()
    for bits in range(2, 8):
        one.logits(Setting(bits, bits), Setting(bits, bits))
    assert list(one._checkpoints) == [Setting(b, b) for b in (5, 6, 7)]
    monkeypatch.setattr(module, "BUDGET", 96 * 4 * 250 + 48 * 4 * 4 * 4 * 250)  # what conv4 and the answer read, at most
    tight = fresh()
    tight.logits(FLOAT, FLOAT)
    names = [tight.networks[True].steps[cut].name for cut in tight._checkpoints[FLOAT].cuts]
    assert names == ["answer", "conv4"]
    assert np.array_equal(tight.logits(Setting(4)), fresh().logits(Setting(4)))


def test_a_step_that_would_work_in_place_spoils_nothing_that_is_kept():
    from torch import nn

    from quantlab.networks.engine.models import chain

    parts = [("a", nn.Conv2d(1, 4, 3)), ("relu", nn.ReLU(inplace=True)), ("b", nn.Conv2d(4, 4, 3)), ("relu6", nn.ReLU6(inplace=True))]
    parts += [("flat", nn.Flatten()), ("answer", nn.Linear(64, 10))]
    one = Runner(chain("in-place", "In place", parts), shipped("small")[1], 50)
    first, maps = one.logits(FLOAT, FLOAT), feature_maps(one, Setting(4, 4), one.test.pixels[0])
    assert np.array_equal(first, one.logits(FLOAT)) and (maps["a"].before < 0).any() and (maps["relu"].before >= 0).all()


@pytest.mark.parametrize("dynamic", [False, True])
def test_an_answer_does_not_depend_on_the_other_images(dynamic):
    setting = Setting(6, 4, dynamic=dynamic)
    many, few = fresh(images=250).logits(setting), fresh(images=30).logits(setting)
    assert np.allclose(many[:30], few, atol=1e-3)
    assert np.array_equal(many[:30].argmax(1), few.argmax(1))


def test_several_threads_get_the_same_as_one():
    settings = [Setting(b, b) for b in (2, 3, 4, 5)] * 2
    runner, found = fresh("small", 200), {}

    def ask(i):
        found[i] = runner.logits(settings[i], settings[0])

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(settings))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = fresh("small", 200)
    assert all(np.array_equal(found[i], alone.logits(settings[i])) for i in range(len(settings)))


def test_a_runner_of_fewer_or_other_images_gives_what_a_new_one_gives(small):
    setting = Setting(4, 4)
    few = small.on(small.data, 70)
    assert np.array_equal(few.logits(setting), small.logits(setting)[:70]) and few.observers is small.observers
    data = replace(small.data, test=small.data.calibration)
    assert np.array_equal(small.on(data).logits(setting), Runner(shipped("small")[0], data).logits(setting))
    assert np.array_equal(small.logits(setting), small.logits(setting, FLOAT))  # it is as it was


def test_of_two_layers_that_follow_at_once_the_second_begins_anew_where_the_first_is_another(small):
    torch.manual_seed(0)
    parts = [Step("a", nn.Conv2d(1, 8, 3), (-1,)), Step("b", nn.Conv2d(8, 8, 3), (0,)), Step("mean", nn.AdaptiveAvgPool2d(1), (1,))]
    parts += [Step("flat", nn.Flatten(), (2,)), Step("answer", nn.Linear(8, 10), (3,))]
    runner = Runner(Network("two", "Two", tuple(parts)), small.data, images=150)
    base, other = Setting(8, 8), Setting(8, 8, layer_weights=(("a", 2),))
    whole = runner.logits(other)
    runner.logits(base, base)
    assert np.array_equal(runner.logits(other, base), whole) and not np.array_equal(whole, runner.logits(base))


@pytest.mark.parametrize("images", [1, 7, 150])
def test_few_images_are_dealt_to_both_threads_and_answered_the_same(small, images):
    few = small.on(small.data, images)
    assert len(few._inputs) == (1 if images == 1 else 2) and sum(map(len, few._inputs)) == images
    assert few.logits(FLOAT) == pytest.approx(small.logits(FLOAT)[:images], rel=1e-4, abs=1e-4)  # of one image torch multiplies otherwise
