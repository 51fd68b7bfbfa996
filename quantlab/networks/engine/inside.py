"""Weights, activations and feature maps before and after quantization."""

from __future__ import annotations

import numpy as np
import torch

from quantlab import quantizer
from quantlab.networks.engine.models import Step, tensor_of
from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.runner import Runner
from quantlab.networks.results import FeatureMaps, Spread
from quantlab.networks.settings import Setting
from quantlab.schemes import SCHEMES


@torch.inference_mode()
def feature_maps(runner: Runner, setting: Setting, pixels: np.ndarray) -> dict[str, FeatureMaps]:
    """Every step's result for one picture, uint8 (H, W, C) of the size that the network reads."""
    expected = runner.test.pixels.shape[1:]
    if pixels.dtype != np.uint8 or pixels.shape != expected:
        raise ValueError(
            f"the picture is {pixels.dtype} {pixels.shape}, and this network reads uint8 {expected}; scale and convert it first"
        )
    x = tensor_of(pixels[None])
    exact, coarse, maps = {-1: x}, {-1: x}, {}
    for place, (step, quantized) in enumerate(zip(runner.network(setting).steps, runner.prepare(setting), strict=True)):
        exact[place] = step.module(*(exact[i] for i in step.reads))
        coarse[place] = quantized(*(coarse[i] for i in step.reads))
        before, after = (np.ascontiguousarray(result[place][0].numpy()) for result in (exact, coarse))
        maps[step.name] = FeatureMaps(step.name, before, after)
    return maps


_NO_LEVELS = np.empty((0, 0), np.float32)


def weight_spread(runner: Runner, setting: Setting, layer: str, bins: int = 101) -> Spread:
    """The weights of a layer (batch norm folded in, where the setting says so)."""
    step, quantized = _pair(runner, setting, layer)
    before, after = (layer_step.layer.weight.detach().numpy().ravel() for layer_step in (step, quantized.step))
    return _spread(layer, before, after, _NO_LEVELS if quantized.weights is None else quantized.weights.levels, bins)


@torch.inference_mode()
def activation_spread(runner: Runner, setting: Setting, layer: str, bins: int = 101) -> Spread:
    """The inputs of a layer from the calibration images passing the float network, and how its quantizer renders that."""
    quantized = _pair(runner, setting, layer)[1]
    observer, count = runner.observers[setting.folded], setting.calibration
    values = observer.by_image(layer, count) if setting.dynamic else observer.rows(count)[layer].values
    after = quantized.quantize_input(torch.from_numpy(values)).numpy()
    qparams, spec = quantized.input_qparams, quantized.input_spec
    levels = _NO_LEVELS if qparams is None or spec is None else SCHEMES[spec.scheme].levels(quantizer.one_group(qparams), spec)
    return _spread(layer, values.ravel(), after.ravel(), levels, bins)


def _pair(runner: Runner, setting: Setting, layer: str) -> tuple[Step, QuantizedStep]:
    network = runner.network(setting)
    if layer not in network.layers:
        raise ValueError(f"there is no layer {layer!r}; this network has {', '.join(network.layers)}")
    place = next(i for i, step in enumerate(network.steps) if step.name == layer)
    return network.steps[place], runner.prepare(setting)[place]


def _spread(layer: str, before: np.ndarray, after: np.ndarray, levels: np.ndarray, bins: int) -> Spread:
    low, high = (float(f([f(before), f(after)])) for f in (np.min, np.max))
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    return Spread(layer, edges, np.histogram(before, edges)[0], np.histogram(after, edges)[0], levels)
