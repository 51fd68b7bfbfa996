"""Agreement of a converted network with the fake-quantized one that it came from, layer by layer and reason by reason."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch

from quantlab.integer.agreement import EDGES, Agreement, LayerAgreement
from quantlab.integer.network import BATCH, PIXEL, IntegerNetwork
from quantlab.integer.operations import USUAL, Arithmetic, Layer, Numbers, over_channels
from quantlab.integer.requantize import border_distance, nearest
from quantlab.networks.engine.integers import to_integers
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.runner import Runner
from quantlab.networks.settings import FLOAT, Setting
from quantlab.progress import Steps


@dataclass(frozen=True, eq=False)
class _Twin:
    """The fake-quantized network in one float type, fed with the integer network's codes. modules : one a step."""

    modules: list[torch.nn.Module]
    dtype: torch.dtype

    def codes(self, x: torch.Tensor, layer: Layer) -> np.ndarray:
        """What the layer reads, int32 codes: x/s in float64, x times the float32 of 1/s in float32, as torch and the network lab do."""
        grid = layer.grid
        scale = torch.tensor(grid.scale, dtype=self.dtype)
        places = x * (1 / scale) if self.dtype == torch.float32 else x / scale
        return (places.round() + grid.zero_point).clamp(grid.qmin, grid.qmax).numpy().astype(np.int32)

    def values(self, codes: np.ndarray, layer: Layer) -> torch.Tensor:
        return torch.from_numpy(codes - layer.grid.zero_point).to(self.dtype) * torch.tensor(layer.grid.scale, dtype=self.dtype)


def _on_the_step(prepared: Sequence[QuantizedStep], network: IntegerNetwork, dtype: torch.dtype) -> list[torch.nn.Module]:
    """The modules of the fake-quantized network with the biases, and in float64 the weights, that the integers stand for."""
    modules = []
    for quantized, operation in zip(prepared, network.operations, strict=True):
        module = quantized.step.module
        if isinstance(operation, Layer):
            module = copy.deepcopy(module).to(dtype)
            step = operation.out_scale
            module.bias = torch.nn.Parameter(torch.from_numpy(operation.bias * step).to(dtype), requires_grad=False)
            if dtype == torch.float64:
                exact = operation.weights.astype(np.float64) * operation.scale.astype(np.float64).reshape(
                    -1, *[1] * (operation.weights.ndim - 1)
                )
                module.weight = torch.nn.Parameter(torch.from_numpy(exact), requires_grad=False)
        modules.append(module)
    return modules


def agreement_steps(runner: Runner, setting: Setting, arithmetic: Arithmetic = USUAL, batch: int = BATCH) -> Steps[Agreement]:
    """The integer network beside the fake-quantized one on all of the runner's test images; yields (done, total) a batch."""
    network, prepared = to_integers(runner, setting), runner.prepare(setting)
    usual = [quantized.step.module for quantized in prepared]
    same = _on_the_step(prepared, network, torch.float32)
    twins = [_Twin(usual, torch.float32), _Twin(same, torch.float32), _Twin(_on_the_step(prepared, network, torch.float64), torch.float64)]
    float_steps = runner.prepare(FLOAT.replace(folded=setting.folded))
    layers: list[list[LayerAgreement]] = []
    logits: list[list[np.ndarray]] = []
    pixels = runner.test.pixels
    for start in range(0, len(pixels), batch):
        yield start, len(pixels)
        some = pixels[start : start + batch]
        own = [_own_way(network, prepared, modules, some) for modules in (usual, same)]
        compared, answer = _side_by_side(network, twins, some, arithmetic, [codes for codes, _ in own])
        layers.append(compared)
        logits.append([answer, own[0][1], own[1][1], _float_logits(float_steps, some)])
    each = (reduce(add, of_layer) for of_layer in zip(*layers, strict=True))
    integer, fake, same_biases, exact = (np.concatenate(part) for part in zip(*logits, strict=True))
    return Agreement(tuple(each), integer, fake, same_biases, exact, runner.test.labels)


@torch.inference_mode()
def _side_by_side(
    network: IntegerNetwork, twins: Sequence[_Twin], pixels: np.ndarray, arithmetic: Arithmetic, own: Sequence[dict[str, np.ndarray]]
) -> tuple[list[LayerAgreement], np.ndarray]:
    """Every layer's codes in the integer network and in the twins, all fed with the integer network's codes; and its logits."""
    whole = {-1: Numbers(pixels.transpose(0, 3, 1, 2).astype(np.int32), PIXEL)}
    real = [{-1: tensor_of(pixels).to(twin.dtype)} for twin in twins]
    rounded = {-1: 0.0}  # place -> what the biases before it are rounded by at most, in values
    compared = []
    for place, (operation, reads) in enumerate(zip(network.operations, network.reads, strict=True)):
        if isinstance(operation, Layer):
            source = whole[reads[0]]
            codes = operation.codes(source, arithmetic)
            from_floats = [twin.codes(results[reads[0]], operation) for twin, results in zip(twins, real, strict=True)]
            reach = rounded[reads[0]] / operation.grid.scale
            compared.append(_compare(operation, source, codes, from_floats, [each[operation.name] for each in own], reach))
            rounded[place] = float(operation.out_scale.max()) / 2
            whole[place] = Numbers(operation.accumulate(codes, arithmetic), operation.out_scale)
            for twin, results in zip(twins, real, strict=True):
                results[place] = twin.modules[place](twin.values(codes, operation))
        else:
            whole[place] = operation(arithmetic, *(whole[i] for i in reads))
            rounded[place] = sum(rounded[i] for i in reads)
            for twin, results in zip(twins, real, strict=True):
                results[place] = twin.modules[place](*(results[i] for i in reads))
    return compared, whole[len(network.operations) - 1].real


def _compare(
    layer: Layer, source: Numbers, codes: np.ndarray, from_floats: Sequence[np.ndarray], own: Sequence[np.ndarray], reach: float
) -> LayerAgreement:
    scale = over_channels(source.scale, source.values.ndim)
    off = [codes != other for other in from_floats]
    off.append(nearest(source.values, scale, layer.grid) != from_floats[-1])
    distance = border_distance(source.values, scale, layer.grid)
    near = np.array([np.histogram(distance[each], EDGES)[0] for each in off])
    farthest = int(np.abs(codes - from_floats[0]).max()) if codes.size else 0
    counts = tuple(int(each.sum()) for each in off)
    inherited = [int((codes != other).sum()) for other in own]
    return LayerAgreement(
        layer.name,
        codes.size,
        counts,
        inherited[0],
        inherited[1],
        farthest,
        np.histogram(distance, EDGES)[0],
        near,
        reach,
    )


@torch.inference_mode()
def _own_way(
    network: IntegerNetwork, prepared: Sequence[QuantizedStep], modules: Sequence[torch.nn.Module], pixels: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What each layer of the fake-quantized network reads where it goes its own way, as codes; and its logits."""
    twin = _Twin(list(modules), torch.float32)
    results, codes = {-1: tensor_of(pixels)}, {}
    for place, (quantized, module, operation) in enumerate(zip(prepared, modules, network.operations, strict=True)):
        inputs = [results[i] for i in quantized.step.reads]
        if isinstance(operation, Layer):
            codes[operation.name] = twin.codes(inputs[0], operation)
            inputs = [quantized.quantize_input(inputs[0])]
        results[place] = module(*inputs)
    return codes, results[len(modules) - 1].numpy()


@torch.inference_mode()
def _float_logits(steps: Sequence[QuantizedStep], pixels: np.ndarray) -> np.ndarray:
    results = {-1: tensor_of(pixels)}
    for place, quantized in enumerate(steps):
        results[place] = quantized(*(results[i] for i in quantized.step.reads))
    return results[len(steps) - 1].numpy()
