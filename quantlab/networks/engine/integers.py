"""Conversion of a quantized network to integers: the same codes and scales, counted in whole numbers.

The quantizers stay where the fake-quantized network has them, at the inputs of weighted layers; none is added. A bias becomes
an int32 at the step of the products, rint(b / (s_x·s_w)), off by at most half that step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # what torch's modules hold has no narrower type

import numpy as np
import torch
from torch import nn

from quantlab.integer.arithmetic import Window
from quantlab.integer.network import IntegerNetwork
from quantlab.integer.operations import Flatten, Layer, MaxPool, Mean, Operation, Relu, Same, Sum, fits_int32
from quantlab.integer.requantize import Grid
from quantlab.networks.engine.models import Network, Step, release, tensor_of
from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.wrapping import Add
from quantlab.networks.settings import Setting

WIDEST = 8  # bits of codes


Shape = tuple[int, ...]  # of what a step reads, without the images


def to_integers(runner: Runner, setting: Setting) -> IntegerNetwork:
    """The network that a setting describes, in integers; ValueError naming what has no integer form, and the remedy."""
    network, prepared = runner.network(setting), runner.prepare(setting)
    read = _read_by_steps(network, tensor_of(runner.data.calibration.pixels[: setting.calibration]))
    operations = [_operation(*each) for each in zip(network.steps, prepared, read, strict=True)]
    height, width, channels = runner.test.pixels.shape[1:]
    return IntegerNetwork(network.title, (height, width, channels), tuple(operations), tuple(step.reads for step in network.steps))


@dataclass(frozen=True)
class _Read:
    """What a step reads on calibration images. shape : without the images. largest : magnitude, looked at for sums alone."""

    shape: Shape
    largest: float


@torch.inference_mode()
def _read_by_steps(network: Network, x: torch.Tensor) -> list[_Read]:
    """What each step of the float network reads."""
    results, last, read = {-1: x}, network.last_reader(), []
    for place, step in enumerate(network.steps):
        inputs = [results[i] for i in step.reads]
        largest = max(float(i.abs().max()) for i in inputs) if isinstance(step.module, Add) else 0.0
        read.append(_Read(tuple(inputs[0].shape[1:]), largest))
        results[place] = step.module(*inputs)
        release(results, last, place)
    return read


def _operation(step: Step, quantized: QuantizedStep, read: _Read) -> Operation:
    if step.weighted:
        return _layer(step, quantized)
    make = next((make for kind, make in _MADE.items() if isinstance(step.module, kind)), None)
    if make is None:
        supported = ", ".join(["Conv2d", "Linear", *(kind.__name__ for kind in _MADE)])
        raise ValueError(
            f"{step.name} is a {type(step.module).__name__}, which has no integer form here; {_remedy(step.module, supported)}"
        )
    return make(step.name, step.module, read)


def _remedy(module: nn.Module, supported: str) -> str:
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        return "fold it into the layer before it: Setting(folded=True), and let nothing else read that layer"
    return f"use {supported}"


def _layer(step: Step, quantized: QuantizedStep) -> Layer:
    weights, spec, qparams, module = quantized.weights, quantized.input_spec, quantized.input_qparams, step.layer
    if weights is None or spec is None:
        raise ValueError(f"{step.name} has float weights or inputs; give weights, activations and inputs 2 to {WIDEST} bits each")
    if qparams is None:
        raise ValueError(f"the range of what flows into {step.name} is each image's own; choose static ranges: Setting(dynamic=False)")
    if weights.spec.scheme != "int-symmetric" or weights.spec.granularity.kind not in ("tensor", "channel"):
        what = f"{weights.spec.scheme}, one scale for {weights.spec.granularity.title}"
        raise ValueError(f"the weights of {step.name} are {what}; choose int-symmetric, per tensor or per output channel")
    if max(weights.spec.bits, spec.bits) > WIDEST:
        raise ValueError(f"{step.name} has {max(weights.spec.bits, spec.bits)} bits and a code lies in a byte; choose 2 to {WIDEST}")
    scale = np.broadcast_to(weights.qparams.scale, len(weights.codes)).astype(np.float32)
    grid = Grid(float(qparams.scale[0]), int(qparams.zero_point[0]), qparams.qmin, qparams.qmax)
    codes = np.ascontiguousarray(weights.codes.reshape(module.weight.shape)).astype(np.int8)
    return Layer(step.name, codes, scale, _bias(step, quantized, grid, scale), grid, window_of(step.name, module))


def _bias(step: Step, quantized: QuantizedStep, grid: Grid, scale: np.ndarray) -> np.ndarray:
    bias = quantized.step.layer.bias
    if bias is None:
        return np.zeros(len(scale), np.int32)
    steps = bias.detach().numpy().astype(np.float64) / (np.float64(grid.scale) * scale.astype(np.float64))
    return fits_int32(np.rint(steps).astype(np.int64), f"the bias of {step.name}")


def window_of(name: str, module: nn.Module) -> Window | None:
    """The window of a convolution or pooling, None for a linear layer; ValueError for what is not supported of it."""
    if isinstance(module, nn.Linear):
        return None
    for attribute, usual in (("dilation", 1), ("ceil_mode", False), ("padding_mode", "zeros")):
        value = getattr(module, attribute, usual)
        if value not in (usual, (usual, usual)):
            raise ValueError(f"{name} has {attribute}={value}, which has no integer form here; use {attribute}={usual!r}")
    if isinstance(module.padding, str):
        raise ValueError(f"{name} has padding={module.padding!r}; write the padding as a number")
    kernel, stride, padding = (_pair(getattr(module, what)) for what in ("kernel_size", "stride", "padding"))
    groups = module.groups if isinstance(module, nn.Conv2d) else 1
    return Window(kernel, stride, padding, groups)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _max_pool(name: str, module: nn.Module, read: _Read) -> Operation:
    window = window_of(name, module)
    assert window is not None
    return MaxPool(name, window)


def _whole_mean(name: str, module: Any, read: _Read) -> Operation:
    if _pair(module.output_size) != (1, 1):
        raise ValueError(f"{name} gives {module.output_size} places; only a mean of the whole map has an integer form here: use 1")
    return Mean(name, Window((read.shape[1], read.shape[2])), whole=True)


def _mean(name: str, module: nn.Module, read: _Read) -> Operation:
    window = window_of(name, module)
    assert window is not None
    if window.padding != (0, 0):
        raise ValueError(f"{name} has padding={window.padding}, whose share of a mean has no integer form here; use padding=0")
    return Mean(name, window, whole=window.kernel == read.shape[1:])


def _flatten(name: str, module: Any, read: _Read) -> Operation:
    if (module.start_dim, module.end_dim) != (1, -1):
        raise ValueError(f"{name} flattens from {module.start_dim} to {module.end_dim}; use nn.Flatten()")
    return Flatten(name, int(np.prod(read.shape[1:])))


def _sum(name: str, module: nn.Module, read: _Read) -> Operation:
    return Sum(name, 2 * read.largest or 1.0)


def _same(name: str, module: nn.Module, read: _Read) -> Operation:
    return Same(name)


_MADE: dict[type[nn.Module], Callable[[str, nn.Module, _Read], Operation]] = {
    nn.ReLU: lambda name, module, read: Relu(name),
    nn.ReLU6: lambda name, module, read: Relu(name, 6.0),
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _mean,
    nn.AdaptiveAvgPool2d: _whole_mean,
    nn.Flatten: _flatten,
    nn.Dropout: _same,
    nn.Identity: _same,
    Add: _sum,
}


def weights_of(runner: Runner, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """Float weights (O, ...) and biases (O,) of a layer, batch norm folded in."""
    module = next(step.layer for step in runner.network(Setting()).steps if step.name == layer)
    bias = np.zeros(len(module.weight), np.float32) if module.bias is None else module.bias.detach().numpy()
    return module.weight.detach().numpy(), bias
