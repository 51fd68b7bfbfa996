"""How many bytes, counted by hand, and really written?"""

import io

import numpy as np
import pytest

import quantlab as ql
from quantlab.networks.engine.sizes import size
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting
from quantlab.storage import entropy_coding, packing


def test_a_float_network_takes_four_bytes_a_number(plain):
    folded, unfolded = size(plain, FLOAT), size(plain, FLOAT.replace(folded=False))
    weights = 3 * 16 * 9 + 16 * 32 * 9 + 32 * 48 * 9 + 48 * 96 * 9 + 96 * 20
    assert folded.total("exact") == folded.total("memory") == 4 * (weights + 16 + 32 + 48 + 96 + 20)
    assert unfolded.total("exact") == 4 * (weights + 20 + 4 * (16 + 32 + 48 + 96))  # gain, shift, mean, variance of each norm
    assert folded.other == 0


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_memory_counts_codes_scales_and_biases(plain, bits):
    setting = Setting(bits, weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0)))
    layers = {layer.layer: layer for layer in size(plain, setting).layers}
    assert layers["conv2"].memory == 16 * 32 * 9 * bits / 8 + 32 * 4 + 32 * 4  # a scale and a bias for each filter
    per_tensor = {layer.layer: layer for layer in size(plain, Setting(bits)).layers}
    assert per_tensor["conv2"].memory == 16 * 32 * 9 * bits / 8 + 4 + 32 * 4


def test_files_are_as_long_as_said_and_can_be_read_back(plain):
    setting = Setting(3)
    for layer, prepared in zip(size(plain, setting).layers, [p for p in plain.prepare(setting) if p.step.weighted], strict=True):
        file = io.BytesIO()
        bias = 4 * prepared.step.module.bias.numel()
        assert packing.save(prepared.weights, file) + bias == layer.packed == len(file.getvalue()) + bias
        file.seek(0)
        assert np.array_equal(packing.load(file).codes, prepared.weights.codes)
        stream, code = entropy_coding.encode(prepared.weights.codes)
        assert layer.huffman == pytest.approx(len(stream) + code.table_bits / 8 + 4 + bias)
        assert np.array_equal(entropy_coding.decode(stream, code, prepared.weights.codes.size), prepared.weights.codes.ravel())


def test_huffman_saves_where_few_codes_are_frequent(plain):
    four = size(plain, Setting(4))
    assert four.total("huffman") < four.total("memory") < four.total("packed") < four.total("exact") / 6


@pytest.mark.parametrize("bits", [2, 4])
def test_biases_of_the_weights_bits_cost_them_and_a_scale_of_their_own(plain, bits):
    apart, same = ({layer.layer: layer for layer in size(plain, Setting(bits, bias_at_32=at_32)).layers} for at_32 in (True, False))
    for what in ("memory", "huffman"):
        assert getattr(apart["conv2"], what) - getattr(same["conv2"], what) == 32 * 4 - (32 * bits / 8 + 4)
    assert apart["conv2"].packed - same["conv2"].packed == 32 * 4 - (32 * bits / 8 + 4)
