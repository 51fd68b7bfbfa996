"""Bytes of the quantized network: in memory with all scales, as a packed file, and Huffman-coded."""

from __future__ import annotations

from io import BytesIO

from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.runner import Runner
from quantlab.networks.results import LayerSize, Size
from quantlab.networks.settings import Setting
from quantlab.storage import entropy_coding, packing
from quantlab.types import Quantized

FLOAT_BYTES = 4


def size(runner: Runner, setting: Setting) -> Size:
    """The network's size under this setting."""
    steps = runner.prepare(setting)
    others = [value for p in steps if not p.step.weighted for value in p.step.module.state_dict().values() if value.ndim]
    return Size(tuple(_layer(p, setting) for p in steps if p.step.weighted), FLOAT_BYTES * sum(v.numel() for v in others))


def _layer(quantized: QuantizedStep, setting: Setting) -> LayerSize:
    layer = quantized.step.layer
    weights, biases = layer.weight.numel(), 0 if layer.bias is None else layer.bias.numel()
    exact = FLOAT_BYTES * (weights + biases)
    if quantized.weights is None:
        return LayerSize(quantized.step.name, weights + biases, exact, exact, exact, exact)
    bias = _bias(quantized, setting)
    packed, huffman = _files(quantized.weights)
    return LayerSize(quantized.step.name, weights + biases, exact, memory(quantized, setting), packed + -int(-bias // 1), huffman + bias)


def memory(quantized: QuantizedStep, setting: Setting) -> float:
    """Bytes of a layer in memory, its scales and its bias among them."""
    layer = quantized.step.layer
    values = layer.weight.numel()
    weights = FLOAT_BYTES * values if quantized.weights is None else quantized.weights.bits_per_value * values / 8
    return weights + _bias(quantized, setting)


def _bias(quantized: QuantizedStep, setting: Setting) -> float:
    layer = quantized.step.layer
    count = 0 if layer.bias is None else layer.bias.numel()
    if setting.bias_at_32 or quantized.weights is None:
        return count * FLOAT_BYTES
    return count * quantized.weights.spec.bits / 8 + FLOAT_BYTES * bool(count)


def _files(q: Quantized) -> tuple[int, float]:
    """Bytes packed, and Huffman-coded."""
    stream, code = entropy_coding.encode(q.codes)
    scales = (q.bits_per_value - q.spec.bits) * q.codes.size / 8
    return packing.save(q, BytesIO()), len(stream) + code.table_bits / 8 + scales
