"""Is the quantized network what its setting says? Expected: the same built by hand from torch's own kernels."""

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d, linear, max_pool2d

import quantlab as ql
from quantlab.networks.engine.folding import fold
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.shipped_networks import shipped
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting


def torch_weights(w, bits):
    """Per channel, restricted symmetric: s = max|w| / (2^(b-1) - 1) of each row, by torch's kernel."""
    top = 2 ** (bits - 1) - 1
    scale = (w.reshape(len(w), -1).abs().amax(1).double() / top).float()
    return torch.fake_quantize_per_channel_affine(w, scale, torch.zeros(len(w), dtype=torch.int32), 0, -top, top)


def torch_activations(x, seen, bits):
    """Asymmetric, ranges of ``seen``: a ReLU's smallest value is 0, so the zero point is 0."""
    top = 2**bits - 1
    return torch.fake_quantize_per_tensor_affine(x, float(seen.max()) / top, 0, 0, top)


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_the_plain_network_is_the_one_built_by_hand_from_torch_s_kernels(bits, plain):
    weights = WEIGHTS.replace(granularity=ql.per_channel(0), arithmetic="torch_fake")
    ours = plain.logits(Setting(bits, bits, weight_spec=weights, calibration=100))
    network, data = shipped("plain")
    modules = fold(network).modules
    x, seen = tensor_of(plain.test.pixels), tensor_of(data.calibration.pixels[:100])
    for i in range(1, 5):
        conv = modules[f"conv{i}"]
        x = torch_activations(x, torch.ones(1), 8) if i == 1 else torch_activations(x, seen, bits)
        x = conv2d(x, torch_weights(conv.weight, bits), conv.bias, padding=1).relu()
        seen = conv2d(seen, conv.weight, conv.bias, padding=1).relu()
        x, seen = (max_pool2d(x, 2), max_pool2d(seen, 2)) if i < 4 else (x.mean((2, 3)), seen.mean((2, 3)))
    x = torch_activations(x, seen, bits)
    theirs = linear(x, torch_weights(modules["answer"].weight, bits), modules["answer"].bias).numpy()
    # convolutions add in another order, and now and then a value on a border goes the other way
    assert (np.abs(ours - theirs) < 1e-3 * np.abs(theirs).max()).mean() > 0.98
    assert (ours.argmax(1) == theirs.argmax(1)).mean() > 0.995


def test_float_is_the_network_itself(small):
    network, data = shipped("small")
    expected = network(tensor_of(data.test.pixels[:200])).numpy()
    assert np.allclose(small.logits(FLOAT.replace(folded=False)), expected, atol=1e-4)
    assert np.allclose(small.logits(FLOAT), expected, atol=1e-4)


def test_pictures_of_eight_bits_pass_an_input_of_eight_bits_unchanged(plain):
    from quantlab.networks.engine.kernels import activations

    prepared = plain.prepare(Setting())[0]
    x = torch.arange(256).float().reshape(1, 1, 16, 16) / 255
    assert torch.allclose(activations(x, prepared.input_spec, prepared.input_qparams), x, rtol=1e-7, atol=0)


def test_first_and_last_layer_are_kept_at_eight_bits_where_they_would_have_fewer(plain):
    network = plain.network(FLOAT)
    assert [Setting(3, 4, 5, ends_at_8=True).bits_of(network.layers, n) for n in ("conv1", "conv2", "answer")] == [(8, 5), (3, 4), (8, 8)]
    assert Setting(12, 10, ends_at_8=True).bits_of(network.layers, "answer") == (12, 10)
    assert Setting(None, None, ends_at_8=True).bits_of(network.layers, "answer") == (None, None)
    assert Setting(3, 4, ends_at_8=True, layer_weights=(("answer", 2),)).bits_of(network.layers, "answer") == (2, 8)


def test_bits_of_one_layer_change_that_layer_alone(plain):
    base = Setting(6, 6)
    changed = base.replace(layer_weights=(("conv3", 3),), layer_activations=(("conv2", None),))
    a, b = plain.prepare(base), plain.prepare(changed)
    assert [p.step.name for p, q in zip(a, b, strict=True) if p.key != q.key] == ["conv2", "conv3"]
    assert {p.step.name: p.weights.spec.bits for p in b if p.weights is not None}["conv3"] == 3
    assert next(p for p in b if p.step.name == "conv2").input_spec is None


@pytest.mark.parametrize(
    "setting, message",
    [
        (Setting(layer_weights=(("conv9", 4),)), "no layer 'conv9'; this network has conv1"),
        (Setting(weights=17), "cannot use 17 bits"),
        (Setting(weights=4, weight_spec=ql.QuantSpec("nf4"), activations=40), "cannot use 40 bits"),
        (Setting(calibration=201), "201 calibration images are asked for and there are 200"),
        (Setting(calibration=0), "choose 1 to 200"),
        (Setting(dynamic=True, activation_spec=ql.QuantSpec("int-asymmetric", calibrator="entropy")), "choose static, or minmax"),
        (
            Setting(activation_spec=ql.QuantSpec("int-asymmetric", granularity=ql.per_group(8))),
            r"not one for groups of 8; choose per_tensor",
        ),
    ],
    ids=["unknown layer", "weight bits", "activation bits", "too many images", "no image", "dynamic search", "groups of activations"],
)
def test_a_setting_that_means_nothing_is_refused_in_one_sentence(setting, message, small):
    with pytest.raises(ValueError, match=message):
        small.logits(setting)


@pytest.mark.parametrize(
    "spec",
    [
        ql.QuantSpec("nf4"),
        ql.QuantSpec("mx", format="mxfp4"),
        ql.QuantSpec("kmeans", bits=4),
        ql.QuantSpec("float", format="e2m1fn"),
        ql.QuantSpec("int-symmetric", granularity=ql.per_group(16)),
        ql.QuantSpec("power-of-two"),
    ],
    ids=repr,
)
def test_any_scheme_of_the_core_quantizes_the_weights(spec, small):
    setting = Setting(spec.bits, None, weight_spec=spec)
    for before, after in zip(small.network(setting).steps, small.prepare(setting), strict=True):
        if before.weighted:
            w = before.layer.weight.detach()
            expected = ql.fake_quantize(w.reshape(len(w), -1).numpy(), spec).reshape(w.shape)
            assert np.array_equal(after.step.layer.weight.detach().numpy(), expected)


def test_activations_of_another_scheme_and_dynamic_ones_answer_too(plain):
    floats = Setting(None, 8, activation_spec=ql.QuantSpec("float", format="e4m3fn"))
    exact = plain.logits(FLOAT).argmax(1)
    for setting in (
        floats,
        Setting(None, 8, dynamic=True),
        floats.replace(dynamic=True, activation_spec=ql.QuantSpec("int-symmetric", bits=8)),
    ):
        assert (plain.logits(setting).argmax(1) == exact).mean() > 0.95


def test_a_bias_in_few_bits_harms_and_one_at_32_stays(small):
    kept, rounded = (small.prepare(Setting(3, bias_at_32=flag))[-1].step.module.bias for flag in (True, False))
    exact = small.network(FLOAT).steps[-1].module.bias
    assert torch.equal(kept, exact)
    assert np.array_equal(rounded.numpy(), ql.fake_quantize(exact.numpy(), ql.QuantSpec("int-symmetric", bits=3)))


def test_an_int32_bias_at_the_step_of_the_products_differs_by_less_than_anything_that_counts(plain):
    """Why "at 32" leaves the bias in float: half of s_a·s_w of 8 bits is below a ten-thousandth of the largest bias."""
    for p in plain.prepare(Setting(8, 8)):
        if p.weights is not None:
            step = float(p.input_qparams.scale[0]) * float(p.weights.qparams.scale.max())
            bias = p.step.module.bias.numpy().astype(np.float64)
            assert np.abs(np.rint(bias / step) * step - bias).max() <= step / 2 < 2e-3 * np.abs(bias).max()


def test_per_tensor_weights_ruin_the_depthwise_network_and_per_channel_ones_save_it(depthwise, plain):
    """Measured on 400 images, 4-bit weights: the gain of a scale for each channel, McNemar's test on the same images."""
    from quantlab.networks.statistics import mcnemar

    def right(runner: Runner, **how):
        return runner.logits(Setting(4, None, weight_spec=WEIGHTS.replace(**how))).argmax(1) == runner.test.labels

    tensor, channel = right(depthwise), right(depthwise, granularity=ql.per_channel(0))
    assert channel.mean() - tensor.mean() > 0.2 and mcnemar(tensor, channel) < 1e-12
    exact = (depthwise.logits(FLOAT).argmax(1) == depthwise.test.labels).mean()
    assert exact - channel.mean() < 0.2 < exact - tensor.mean()
