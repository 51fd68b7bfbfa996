"""Quantizers inserted into a float model: QuantizeLinear and DequantizeLinear before each layer with weights, as a plan says.

    x_hat = s_x (clip(rint(x / s_x) + z) - z),   w_hat = s_w code,   b_hat = s_x s_w rint(b / (s_x s_w))

Every scale is chosen by ``quantlab``; the ranges of activations from calibration examples that pass the float model.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any  # see ``model``

import numpy as np

import quantlab as ql
from quantlab.bench.model import Layer, Model, layers_of
from quantlab.bench.running import run
from quantlab.sources.upload import Refused, show
from quantlab.types import QuantSpec

Ranges = dict[str, tuple[float, int]]  # scale and zero point by the name of the tensor
MOST = 400_000  # values of one tensor that a range is chosen from


@dataclass(frozen=True)
class Plan:
    """How a model is quantized. weights, activations : bits from 2 to 8. granularity : of the weights, "tensor" or "channel".

    weight_calibrator, calibrator : range rules of weights and activations. left : layers that stay in float. seed : of the calibration draw.
    """

    weights: int = 8
    activations: int = 8
    granularity: str = "channel"
    weight_calibrator: str = "absmax"
    calibrator: str = "minmax"
    left: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what in ("weights", "activations"):
            if not 2 <= getattr(self, what) <= 8:
                raise ValueError(f"{what}={getattr(self, what)} bits are not inserted; choose 2 to 8")
        if self.granularity not in ("tensor", "channel"):
            raise ValueError(f"granularity {self.granularity!r} is not inserted; choose tensor or channel")


def quantized(model: Model, plan: Plan, calibration: np.ndarray) -> Model:
    """The model with quantizers. calibration : examples (N, ...) as the model reads them."""
    return inserted(model, plan, ranges_of(model, plan, calibration))


def ranges_of(model: Model, plan: Plan, calibration: np.ndarray) -> Ranges:
    """Scales and zero points of what reaches the layers, whatever the weights' bits; ValueError where none of them can be quantized."""
    layers = [layer for layer in layers_of(model) if layer.name not in plan.left]
    if not layers:
        raise Refused(
            f"{show(model.name)} has no convolution or product with constant float32 weights: bring the float model, or one with weights."
        )
    if unknown := set(plan.left) - {layer.name for layer in layers_of(model)}:
        known = [layer.name for layer in layers_of(model)]
        raise Refused(
            f"there is no layer {show(sorted(unknown)[0])}: the model has {', '.join(map(show, known[:5]))}{' and others' * (len(known) > 5)}."
        )
    seen = run(model, calibration, [layer.x for layer in layers])
    return {name: activation_qparams(values, plan) for name, values in seen.items()}


def activation_qparams(values: np.ndarray, plan: Plan) -> tuple[float, int]:
    """Scale and zero point of a tensor whose values were seen."""
    flat = values.astype(np.float32).ravel()
    if not np.isfinite(flat).all():
        raise Refused("an activation of the float model is NaN or infinite on these examples: test a model that is sound in float.")
    if flat.size > MOST:
        order = np.sort(flat)
        flat = order[np.rint(np.linspace(0, order.size - 1, MOST)).astype(np.int64)]
    qparams = ql.choose_qparams(flat, QuantSpec("int-asymmetric", bits=plan.activations, calibrator=plan.calibrator))
    return float(qparams.scale.ravel()[0]), int(np.ravel(qparams.zero_point)[0])


def weight_codes(layer: Layer, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Codes int8 in the weight's shape, and scales float32, (O,) or (1,)."""
    per = ql.per_channel(layer.axis) if plan.granularity == "channel" else ql.per_tensor()
    if not np.isfinite(layer.weight).all():
        raise Refused(f"the weights of {show(layer.name)} hold NaN or infinity: test a model that is sound in float.")
    q = ql.quantize(layer.weight, QuantSpec("int-symmetric", bits=plan.weights, granularity=per, calibrator=plan.weight_calibrator))
    return q.codes.astype(np.int8), q.qparams.scale.astype(np.float32).ravel()


def inserted(model: Model, plan: Plan, ranges: Ranges) -> Model:
    """The model with quantizers of these scales and zero points, by tensor."""
    helper: Any = import_module("onnx").helper
    constants, before = dict(model.constants), dict[str, list[Any]]()
    quantizer: dict[str, str] = {}
    weights: dict[tuple[str, int], str] = {}  # of layers that share an array, as one that is run step by step does: it is stored once
    replaced: dict[str, Any] = {}
    for layer in layers_of(model):
        if layer.name in plan.left:
            continue
        scale, zero = ranges[layer.x]
        nodes = before.setdefault(layer.node.name, [])
        if layer.x not in quantizer:
            quantizer[layer.x] = _activation(helper, layer.x, scale, zero, plan.activations, constants, nodes)
        same = (layer.node.input[1], layer.axis)
        if same not in weights:
            weights[same] = _weight(helper, layer, plan, constants, nodes)
        weight = weights[same]
        steps = constants[f"{weight}/scale"].ravel()
        inputs = [quantizer[layer.x], weight]
        if layer.bias is not None:
            inputs.append(_bias(helper, layer, scale, steps, constants, nodes))
        copy = import_module("onnx").NodeProto()
        copy.CopyFrom(layer.node)
        del copy.input[:]
        copy.input.extend(inputs)
        replaced[layer.node.name] = copy
    ordered = [one for node in model.proto.graph.node for one in (*before.get(node.name, ()), replaced.get(node.name, node))]
    return model.changed(ordered, constants)


def _weight(helper: Any, layer: Layer, plan: Plan, constants: dict[str, np.ndarray], nodes: list[Any]) -> str:
    codes, steps = weight_codes(layer, plan)
    weight = f"{layer.name}/weight"
    constants |= {f"{weight}/codes": codes, f"{weight}/scale": steps if steps.size > 1 else steps.reshape(())}
    constants[f"{weight}/zero"] = np.zeros(constants[f"{weight}/scale"].shape, np.int8)
    axis = {"axis": layer.axis} if steps.size > 1 else {}
    parts = [f"{weight}/{part}" for part in ("codes", "scale", "zero")]
    nodes.append(helper.make_node("DequantizeLinear", parts, [weight], name=weight, **axis))
    return weight


def _activation(helper: Any, x: str, scale: float, zero: int, bits: int, constants: dict[str, np.ndarray], nodes: list[Any]) -> str:
    constants |= {f"{x}/scale": np.array(scale, np.float32), f"{x}/zero": np.array(zero, np.uint8)}
    codes = f"{x}/codes"
    nodes.append(helper.make_node("QuantizeLinear", [x, f"{x}/scale", f"{x}/zero"], [codes], name=codes))
    if bits < 8:
        ends = (f"{x}/least", f"{x}/most")
        constants |= {ends[0]: np.array(0, np.uint8), ends[1]: np.array((1 << bits) - 1, np.uint8)}
        nodes.append(helper.make_node("Clip", [codes, *ends], [f"{x}/clipped"], name=f"{x}/clipped"))
        codes = f"{x}/clipped"
    value = f"{x}/value"
    nodes.append(helper.make_node("DequantizeLinear", [codes, f"{x}/scale", f"{x}/zero"], [value], name=value))
    return value


def _bias(helper: Any, layer: Layer, scale: float, steps: np.ndarray, constants: dict[str, np.ndarray], nodes: list[Any]) -> str:
    """The bias as int32 on the step of the products; as it is where int32 does not hold it."""
    assert layer.bias is not None
    step = (np.float32(scale) * steps).astype(np.float32)
    codes = np.rint(layer.bias.astype(np.float64) / step)
    if layer.bias.ndim != 1 or np.abs(codes).max(initial=0) >= 1 << 31:
        return str(layer.node.input[2])
    name = f"{layer.name}/bias"
    constants |= {f"{name}/codes": codes.astype(np.int32), f"{name}/scale": step if step.size > 1 else step[0]}
    axis = {"axis": 0} if step.size > 1 else {}
    nodes.append(helper.make_node("DequantizeLinear", [f"{name}/codes", f"{name}/scale"], [name], name=name, **axis))
    return name
