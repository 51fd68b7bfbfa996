"""How many bytes does the quantized network take? In memory with all scales, as a packed file, and Huffman-coded."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from quantlab.networks.engine.quantized import Prepared, Setting
from quantlab.networks.engine.runner import Runner
from quantlab.storage import entropy_coding, packing
from quantlab.types import Quantized

FLOAT_BYTES = 4


@dataclass(frozen=True)
class LayerSize:
    """Bytes of one layer, its bias among them. ``count`` : weights and biases.

    memory : codes, scales, zero points and codebooks. packed : the file that ``packing.save`` writes, its header among
    them. huffman : the codes Huffman-coded, with the code's table and the scales.
    """

    layer: str
    count: int
    exact: int
    memory: float
    packed: int
    huffman: float


@dataclass(frozen=True)
class Size:
    """``other`` : bytes of what is never quantized (batch norms that are not folded), in float32."""

    layers: tuple[LayerSize, ...]
    other: int

    def total(self, what: str) -> float:
        """Bytes of the whole network: "exact" (float32), "memory", "packed" or "huffman"."""
        return sum(getattr(layer, what) for layer in self.layers) + self.other


def size(runner: Runner, setting: Setting) -> Size:
    """What this setting makes of the network's size."""
    prepared = runner.prepare(setting)
    others = [value for p in prepared if not p.step.weighted for value in p.step.module.state_dict().values() if value.ndim]
    return Size(tuple(_layer(p, setting) for p in prepared if p.step.weighted), FLOAT_BYTES * sum(v.numel() for v in others))


def _layer(prepared: Prepared, setting: Setting) -> LayerSize:
    module: Any = prepared.step.module
    weights, biases = module.weight.numel(), 0 if module.bias is None else module.bias.numel()
    exact = FLOAT_BYTES * (weights + biases)
    if prepared.weights is None:
        return LayerSize(prepared.step.name, weights + biases, exact, exact, exact, exact)
    bias = _bias(prepared, setting)
    packed, huffman = _files(prepared.weights)
    return LayerSize(prepared.step.name, weights + biases, exact, memory(prepared, setting), packed + -int(-bias // 1), huffman + bias)


def memory(prepared: Prepared, setting: Setting) -> float:
    """Bytes of a layer in memory, its scales and its bias among them."""
    module: Any = prepared.step.module
    values = module.weight.numel()
    weights = FLOAT_BYTES * values if prepared.weights is None else prepared.weights.bits_per_value * values / 8
    return weights + _bias(prepared, setting)


def _bias(prepared: Prepared, setting: Setting) -> float:
    module: Any = prepared.step.module
    count = 0 if module.bias is None else module.bias.numel()
    if setting.bias_at_32 or prepared.weights is None:
        return count * FLOAT_BYTES
    return count * prepared.weights.spec.bits / 8 + FLOAT_BYTES * bool(count)


def _files(q: Quantized) -> tuple[int, float]:
    """Bytes packed, and Huffman-coded."""
    stream, code = entropy_coding.encode(q.codes)
    scales = (q.bits_per_value - q.spec.bits) * q.codes.size / 8
    return packing.save(q, BytesIO()), len(stream) + code.table_bits / 8 + scales
