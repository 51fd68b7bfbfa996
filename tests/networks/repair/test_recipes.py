"""Are recipes applied as they say, and does bias correction leave no mean error? Expected: torch's own layers, run by hand."""

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

import quantlab as ql
from quantlab.networks.engine import Evaluator, layer_case, repair_steps, repaired_steps, rounding_steps
from quantlab.networks.engine.repair import METHODS
from quantlab.networks.engine.repair._flow import prepared, walk
from quantlab.networks.engine.repair._moments import moments, output_error
from quantlab.networks.engine.repair.bias import mean_error
from quantlab.networks.repairs import APART, NEAREST, REPAIRS, ROWS, Recipe
from quantlab.networks.settings import FLOAT, Setting
from quantlab.networks.store import Store
from quantlab.progress import finish

SETTING = Setting(4, 8, calibration=60)


def piece_of(runner, recipe, setting=SETTING):
    return finish(repair_steps(runner.networks[False], runner.data.calibration.pixels, setting, recipe))


def test_every_repair_has_a_method_and_every_method_its_facts():
    assert list(METHODS) == list(REPAIRS)
    assert all(METHODS[slug].facts is REPAIRS[slug] for slug in REPAIRS)
    assert all((inspect.getmodule(METHODS[slug].apply).__doc__ or "").strip() for slug in REPAIRS)


def test_a_recipe_orders_completes_and_refuses():
    assert Recipe(("bias", "clip")).repairs == ("fold", "clip", "bias")
    with pytest.raises(ValueError, match="both choose the codes"):
        Recipe(("gptq", "adaround"))
    with pytest.raises(ValueError, match="there is no repair 'glue'; choose among fold"):
        Recipe(("glue",))
    assert all("fold" in row.repairs for row in ROWS if row != APART)  # all but one on the same network
    assert len(set(ROWS)) == len(ROWS) and ROWS[0] == NEAREST and len({row.title for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("recipe", [NEAREST, APART], ids=["folded", "apart"])
def test_no_repair_is_the_network_lab_s_answer(small, recipe):
    """Expected: the runner of the network lab, whose answers other tests hold to torch."""
    setting = Setting(4, 8, folded=recipe is NEAREST)
    now = finish(repaired_steps(Evaluator(small, Store(None)), Setting(4, 8), recipe))
    assert np.array_equal(now.logits, small.logits(setting))
    assert np.array_equal(now.reference, small.logits(FLOAT))


@pytest.mark.parametrize("name", ["plain", "depthwise", "small"])
@pytest.mark.parametrize("bits", [6, 3])
def test_bias_correction_leaves_no_mean_error_on_the_calibration_images(name, bits, request):
    runner = request.getfixturevalue(name)
    setting = SETTING.replace(weights=bits)
    found = {}

    def look(arrival):
        yield 0, 1
        found[arrival.step.name] = mean_error(arrival), arrival.step.module(arrival.exact).abs().mean().item()
        return arrival.quantized

    finish(walk(piece_of(runner, NEAREST, setting), look))
    uncorrected = dict(found)
    finish(walk(piece_of(runner, Recipe(("bias",)), setting), look))
    for layer, (error, size) in found.items():
        assert np.abs(error).max() < 1e-5 * max(size, 1), layer
        assert np.abs(uncorrected[layer][0]).max() > 1e-3 * size, layer


@pytest.mark.parametrize("rounder", ["adaround", "gptq"])
def test_chosen_codes_move_the_outputs_of_a_layer_less_than_nearest_ones(depthwise, rounder):
    """Expected: the convolution itself, run by torch on the calibration images with both kinds of weights."""
    case = layer_case(depthwise, "depth2", 60)
    spec = ql.QuantSpec("int-symmetric", bits=4)
    grid = case.grid(spec)
    codes = finish(rounding_steps(Store(None), case, spec, rounder))
    network = depthwise.networks[True]
    x = {}
    network_input = torch.from_numpy(depthwise.data.calibration.pixels[:60]).permute(0, 3, 1, 2).float() / 255
    value = network_input
    for step in network.steps:
        x[step.name] = value
        value = step.module(value)
    layer = next(s.layer for s in network.steps if s.name == "depth2")

    def moved(weight):
        new = torch.from_numpy(weight).float().reshape(layer.weight.shape)
        out = functional.conv2d(x["depth2"], layer.weight - new, None, layer.stride, layer.padding, groups=layer.groups)
        return out.double().square().mean((0, 2, 3)).numpy()

    nearest = grid.value(grid.nearest(case.weight))
    assert np.allclose(moved(nearest), case.error(nearest), rtol=1e-3)
    assert (moved(grid.value(codes)) <= moved(nearest) * (1 + 1e-6)).all()
    assert moved(grid.value(codes)).sum() < 0.7 * moved(nearest).sum()


def test_moments_of_a_grouped_convolution_are_those_of_its_patches():
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
    x = torch.rand(7, 4, 9, 9)
    h = moments(layer, x)
    difference = torch.randn(6, 18)
    out = functional.conv2d(x, difference.reshape(6, 2, 3, 3), None, layer.stride, layer.padding, groups=2)
    assert np.allclose(output_error(difference.numpy(), h), out.double().square().mean((0, 2, 3)).numpy(), rtol=1e-4)


def test_least_error_clips_have_less_error(plain):
    before, after = (prepared(piece_of(plain, recipe)) for recipe in (NEAREST, Recipe(("fold", "clip"))))
    exact = {step.name: step.layer.weight.flatten(1).numpy() for step in plain.networks[True].steps if step.weighted}
    for a, b in zip(before, after, strict=True):
        if a.weights is not None:
            errors = [float(((ql.dequantize(s.weights) - exact[s.step.name]) ** 2).mean()) for s in (a, b)]
            assert errors[1] <= errors[0] * (1 + 1e-9)


def test_a_layer_in_float_is_left_alone(small):
    piece = piece_of(small, Recipe(("gptq", "bias")), SETTING.replace(layer_weights=(("conv2", None),)))
    assert "conv2" not in piece.weights and "conv2" not in piece.biases and set(piece.weights) == {"conv1", "answer"}


def test_answers_come_from_disk_the_second_time(small, tmp_path):
    evaluator = Evaluator(small, Store(tmp_path))
    first = finish(repaired_steps(evaluator, SETTING, Recipe(("gptq",))))
    again = repaired_steps(Evaluator(small, Store(tmp_path)), SETTING, Recipe(("gptq",)))
    with pytest.raises(StopIteration) as end:  # nothing is computed, so nothing is yielded
        next(again)
    assert np.array_equal(end.value.value.logits, first.logits)


def test_a_damaged_file_is_computed_anew(small, tmp_path):
    evaluator = Evaluator(small, Store(tmp_path))
    first = finish(repaired_steps(evaluator, SETTING, NEAREST))
    for file in tmp_path.glob("*.npy"):
        file.write_bytes(file.read_bytes()[:90])
    again = finish(repaired_steps(Evaluator(small, Store(tmp_path)), SETTING, NEAREST))
    assert np.array_equal(first.logits, again.logits)


def test_repairs_see_the_calibration_images_alone(small):
    """Other test images change no code and no bias."""
    recipe = Recipe(("equalise", "clip", "gptq", "bias"))
    piece = piece_of(small, recipe)
    test = replace(small.data.test, pixels=255 - small.data.test.pixels)
    again = piece_of(small.on(replace(small.data, test=test), 50), recipe)
    assert all(np.array_equal(piece.weights[layer].codes, again.weights[layer].codes) for layer in piece.weights)
    assert all(np.array_equal(piece.biases[layer], again.biases[layer]) for layer in piece.biases)


def test_schemes_without_even_steps_are_refused(small):
    setting = SETTING.replace(weight_spec=ql.QuantSpec("power-of-two", bits=4))
    with pytest.raises(ValueError, match="choose int-symmetric or int-asymmetric"):
        piece_of(small, Recipe(("gptq",)), setting)
