"""What flows into each layer on the calibration images: in the float network, and in the one that is quantized so far.

Layers are chosen from first to last; each reads what the chosen ones before it really give, as in the network that runs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from quantlab import quantizer
from quantlab.networks.engine.calibration import flowing
from quantlab.networks.engine.models import Network, Step, release, tensor_of
from quantlab.networks.engine.quantized import QuantizedStep, prepare
from quantlab.networks.engine.repair.base import Workpiece
from quantlab.progress import Steps
from quantlab.types import Quantized

SHARES = 1000  # steps of progress of one layer


@dataclass(frozen=True, eq=False)
class Arrival:
    """One weighted layer and what arrives there, float32 (N, ...) both.

    step : in float. quantized : as it stands so far. exact : from the float network. coarse : from the quantized one, before
    this layer quantizes it.
    """

    step: Step
    quantized: QuantizedStep
    exact: torch.Tensor
    coarse: torch.Tensor

    @property
    def read(self) -> torch.Tensor:
        """What the quantized layer multiplies: ``coarse``, quantized as the setting says."""
        return self.quantized.quantize_input(self.coarse)


Choose = Callable[[Arrival], Steps[QuantizedStep]]


def prepared(piece: Workpiece) -> list[QuantizedStep]:
    """All steps of the workpiece, quantized as it stands."""
    return [dressed(piece, step) for step in prepare(piece.network, piece.setting, piece.observer)]


def dressed(piece: Workpiece, step: QuantizedStep) -> QuantizedStep:
    """The step with the codes and the bias that the workpiece has for it; as it is where the setting leaves it in float."""
    if step.weights is None:
        return step
    name = step.step.name
    if name in piece.weights:
        step = with_codes(step, piece.weights[name])
    return with_bias(step, piece.biases[name]) if name in piece.biases else step


def with_codes(step: QuantizedStep, codes: Quantized) -> QuantizedStep:
    """The step with these codes (out, K) as its weights."""
    layer = copy.deepcopy(step.step.layer)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(quantizer.dequantize(codes)).reshape(layer.weight.shape))
    return replace(step, step=step.step.with_module(layer), key=(*step.key, codes.codes.tobytes()), weights=codes)


def with_bias(step: QuantizedStep, bias: np.ndarray) -> QuantizedStep:
    """The step with this bias, float32 (out,)."""
    layer = copy.deepcopy(step.step.layer)
    layer.bias = torch.nn.Parameter(torch.from_numpy(bias), requires_grad=False)
    return replace(step, step=step.step.with_module(layer), key=(*step.key, bias.tobytes()))


def walk(piece: Workpiece, choose: Choose) -> Steps[list[QuantizedStep]]:
    """All steps, each layer with quantized weights as ``choose`` leaves it; yields (done, total)."""
    steps, last = prepared(piece), piece.network.last_reader()
    total = SHARES * len(steps)
    exact = {-1: tensor_of(piece.pixels[: piece.setting.calibration]).contiguous(memory_format=torch.channels_last)}
    coarse = dict(exact)
    for place, step in enumerate(piece.network.steps):
        yield SHARES * place, total
        if steps[place].weights is not None:
            arrival = Arrival(step, steps[place], exact[step.reads[0]], coarse[step.reads[0]])
            steps[place] = yield from _part(choose(arrival), place, total)
        with torch.inference_mode():
            exact[place] = step.module(*(exact[i] for i in step.reads))
            coarse[place] = steps[place](*(coarse[i] for i in step.reads))
        release(exact, last, place)
        release(coarse, last, place)
    return steps


def _part(steps: Steps[QuantizedStep], place: int, total: int) -> Steps[QuantizedStep]:
    """The progress of one layer as a part of all."""
    while True:
        try:
            done, whole = next(steps)
        except StopIteration as end:
            return end.value
        yield SHARES * place + SHARES * done // max(whole, 1), total


def channel_maxima(network: Network, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """The largest magnitude of every channel that flows into each weighted layer of the float network, float64 (channels,)."""
    return {step.name: x.abs().transpose(0, 1).flatten(1).amax(dim=1).double().numpy() for step, x in flowing(network, pixels)}
