"""Quantized steps of a network: weights beforehand, and what flows into each weighted layer while it runs.

The input of the network is a picture of known range, 0 to 1: at 8 bits it is exact. Activations are quantized where a
convolution or linear layer reads them, which after ReLU and max-pooling is the same as before the pooling. Weights are
quantized as a matrix (out, everything else), so that a channel is a row and groups run along a row.
Static: ranges observed on calibration images passing the float network. Dynamic: the extremes of each image's own
activations (per image and not per batch, so that an answer does not depend on what else is in the batch).
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import torch

import quantlab as ql
from quantlab.caching import lru_cache
from quantlab.networks.engine import kernels
from quantlab.networks.engine.calibration import Observer
from quantlab.networks.engine.models import Network, Step, Weighted
from quantlab.networks.settings import PICTURES, Bits, Setting
from quantlab.types import QParams, Quantized, QuantSpec


@dataclass(frozen=True, eq=False)
class QuantizedStep:
    """A step ready to run. ``key`` : equal keys compute the same. ``weights`` : the codes, None where they are float.

    input_spec : how what flows in is quantized, None for float; input_qparams : with what, None where dynamic.
    """

    step: Step
    key: tuple[Hashable, ...]
    weights: Quantized | None = None
    input_spec: QuantSpec | None = None
    input_qparams: QParams | None = None

    def quantize_input(self, x: torch.Tensor) -> torch.Tensor:
        """x (N, ...) as this step reads it."""
        if self.input_spec is None:
            return x
        return kernels.activations(x, self.input_spec, self.input_qparams or kernels.dynamic_qparams(x, self.input_spec))

    def __call__(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The step's result; what flows into a weighted one quantized first."""
        return self.step.module(*(self.quantize_input(x) for x in inputs))


def prepare(network: Network, setting: Setting, observer: Observer) -> list[QuantizedStep]:
    """All steps of the network (folded already, where it is to be) under this setting; ValueError where it is not supported."""
    unknown = {name for name, _ in setting.layer_weights + setting.layer_activations} - set(network.layers)
    if unknown:
        raise ValueError(f"there is no layer {sorted(unknown)[0]!r}; this network has {', '.join(network.layers)}")
    return [_prepared(network, step, setting, observer) for step in network.steps]


def _prepared(network: Network, step: Step, setting: Setting, observer: Observer) -> QuantizedStep:
    if not step.weighted:
        return QuantizedStep(step, (step.name,))
    w_bits, a_bits = setting.bits_of(network.layers, step.name)
    bias_bits = None if setting.bias_at_32 else w_bits
    w_spec = None if w_bits is None else setting.weight_spec.replace(bits=w_bits)
    module, weights = (step.layer, None) if w_spec is None else _quantized_layer(step.layer, w_spec, bias_bits)
    a_spec, qparams = (None, None) if a_bits is None else _input_quantizer(network, step.name, setting, a_bits, observer)
    a_key = () if a_spec is None else (a_spec, qparams is None or setting.calibration)
    return QuantizedStep(step.with_module(module), (step.name, w_spec, bias_bits, a_key), weights, a_spec, qparams)


@lru_cache(maxsize=256)
def _quantized_layer(layer: Weighted, spec: QuantSpec, bias_bits: Bits) -> tuple[Weighted, Quantized]:
    """A copy of a layer with fake-quantized weights, and their codes (out, K)."""
    new = copy.deepcopy(layer)
    weight = layer.weight.detach()
    codes = ql.quantize(weight.reshape(len(weight), -1).numpy(), spec)
    layout = torch.channels_last if weight.ndim == 4 else torch.contiguous_format
    values = torch.from_numpy(ql.dequantize(codes)).reshape(weight.shape).contiguous(memory_format=layout)
    new.weight = torch.nn.Parameter(values, requires_grad=False)
    if bias_bits is not None and layer.bias is not None:
        rounded = ql.fake_quantize(layer.bias.detach().numpy(), QuantSpec("int-symmetric", bits=bias_bits))
        new.bias = torch.nn.Parameter(torch.from_numpy(rounded), requires_grad=False)
    return new, codes


def _input_quantizer(network: Network, layer: str, setting: Setting, bits: int, observer: Observer) -> tuple[QuantSpec, QParams | None]:
    """The quantizer of this layer's input and its parameters; None where each image has its own."""
    if layer == network.layers[0]:
        spec = PICTURES.replace(bits=bits)
        return spec, ql.choose_qparams(np.array([0.0, 1.0], np.float32), spec)
    spec = setting.activation_spec.replace(bits=bits)
    if spec.granularity.kind != "tensor":
        raise ValueError(f"activations have one range a layer or an image, not one for {spec.granularity.title}; choose per_tensor()")
    if setting.dynamic:
        return kernels.check_dynamic(spec), None
    return spec, observer.qparams(layer, spec, setting.calibration)
