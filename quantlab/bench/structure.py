"""The quantized form of each float layer: its quantizers as the file has them, found by the names of the tensors around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any  # see ``model``

import numpy as np

from quantlab.bench.bounds import WEIGHTED
from quantlab.bench.model import Layer, Model, attributes_of

_CODES = ("QuantizeLinear", "DequantizeLinear", "Clip")


@dataclass(frozen=True, eq=False)
class Pair:
    """One QuantizeLinear and the DequantizeLinear behind it. scale, zero_point : of the first; out_scale, out_zero : of the second.

    qmin, qmax : the codes that can come out.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    out_scale: np.ndarray
    out_zero: np.ndarray
    qmin: int
    qmax: int


@dataclass(frozen=True, eq=False)
class QuantizedLayer:
    """A layer's quantized form. source : the tensor before its quantizers. pairs : those quantizers, the first first; empty for float.

    codes, w_scale, w_zero, w_axis : of the weights, None where they are float. bias, bias_scale : codes int32, or None.
    foreign : operators between its product and its result that the float model does not have. node : in the quantized model.
    out : its result there, before any quantizer of what follows.
    """

    layer: Layer
    node: Any
    source: str
    pairs: tuple[Pair, ...]
    codes: np.ndarray | None
    w_scale: np.ndarray
    w_zero: np.ndarray
    w_axis: int
    bias: np.ndarray | None
    bias_scale: np.ndarray | None
    foreign: tuple[str, ...] = ()
    out: str = ""

    @property
    def float(self) -> bool:
        """Whether weights or input are not quantized."""
        return self.codes is None or not self.pairs

    def by_channel(self, values: np.ndarray) -> np.ndarray:
        """(O,) or one value in the shape that broadcasts against the weights."""
        if values.size == 1:
            return values.reshape(-1)[0]
        return values.reshape([-1 if axis == self.w_axis else 1 for axis in range(self.layer.weight.ndim)])

    @property
    def weight(self) -> np.ndarray:
        """The values that the codes stand for, in the weight's shape."""
        if self.codes is None:
            return self.layer.weight
        return ((self.codes.astype(np.float64) - self.by_channel(self.w_zero)) * self.by_channel(self.w_scale)).astype(np.float32)

    @property
    def step(self) -> np.ndarray:
        """The step of the last quantizer's result."""
        return self.pairs[-1].out_scale


INTEGER = (
    *("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"),
    *("QGemm", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"),  # onnxruntime's own
)


def in_integers(layers: tuple[Layer, ...], model: Model) -> bool:
    """Whether integer operators compute what has no QDQ form: then the file names no tensors to compare, and only answers are tested."""
    missing = match(layers, model)[1]
    return bool(missing) and sum(node.op_type in INTEGER for node in model.proto.graph.node) >= len(missing)


def match(layers: tuple[Layer, ...], model: Model) -> tuple[dict[str, QuantizedLayer], tuple[str, ...]]:
    """The quantized forms by the layer's name, and the names of layers that the quantized model does not have.

    A layer is found by the name of its result; where all products are of the same kinds and shapes in the same order, by that order.
    """
    found, missing = {}, []
    products = [node for node in model.proto.graph.node if node.op_type in WEIGHTED and _constant(model, node.input[1]) is not None]
    same = [(node.op_type, _shape(model, node)) for node in products] == [(layer.node.op_type, layer.weight.shape) for layer in layers]
    for place, layer in enumerate(layers):
        form = _form(layer, model, products[place] if same else None)
        if form is None:
            missing.append(layer.name)
        else:
            found[layer.name] = form
    return found, tuple(missing)


def _shape(model: Model, node: Any) -> tuple[int, ...]:
    name = node.input[1]
    return tuple(model.constants[name if name in model.constants else model.producers[name].input[0]].shape)


def _form(layer: Layer, model: Model, ordered: Any) -> QuantizedLayer | None:
    """Its form. ordered : the product at its place, None where the order says nothing."""
    node, foreign = model.producers.get(layer.out), list[str]()
    seen = 0
    while node is not None and node.op_type not in WEIGHTED:
        foreign.append(node.op_type)
        node = next((model.producers[name] for name in node.input if name in model.producers), None)
        seen += 1
        if seen > 12:
            return None
    if node is None and ordered is not None:
        node, foreign = ordered, []
    if node is None or node.op_type != layer.node.op_type:
        return None
    source, pairs = _pairs(model, node.input[0])
    w = _constant(model, node.input[1])
    if w is None:
        return None
    codes, w_scale, w_zero, w_axis = w
    if codes is not None and codes.shape != layer.weight.shape:
        return None
    bias = _constant(model, node.input[2]) if len(node.input) > 2 and node.input[2] else None
    has = bias is not None and bias[0] is not None
    return QuantizedLayer(
        layer, node, source, pairs, codes, w_scale, w_zero, w_axis,
        bias[0] if bias is not None and has else None, bias[1] if bias is not None and has else None, tuple(foreign),
        layer.out if set(foreign) - set(_CODES) else str(node.output[0]),
    )  # fmt: skip


def _constant(model: Model, name: str) -> tuple[np.ndarray | None, np.ndarray, np.ndarray, int] | None:
    """Codes, scale, zero point and axis of a constant behind DequantizeLinear; codes None for a float one; None for no constant."""
    if name in model.constants:
        return None, np.ones(1), np.zeros(1), 0
    node = model.producers.get(name)
    if node is None or node.op_type != "DequantizeLinear" or node.input[0] not in model.constants:
        return None
    codes, scale = model.constants[node.input[0]], model.constants.get(node.input[1])
    if scale is None:
        return None
    zero = model.constants.get(node.input[2], np.zeros(1)) if len(node.input) > 2 else np.zeros(1)
    axis = int(attributes_of(node).get("axis", 1)) % max(codes.ndim, 1)
    return codes, scale.ravel(), zero.ravel().astype(np.int64), axis


def _pairs(model: Model, name: str) -> tuple[str, tuple[Pair, ...]]:
    """The tensor before a chain of quantizers, and the quantizers."""
    pairs: list[Pair] = []
    while (back := model.producers.get(name)) is not None and back.op_type == "DequantizeLinear":
        low, high, at = None, None, model.producers.get(back.input[0])
        if at is not None and at.op_type == "Clip":
            low, high = (int(model.constants[end].ravel()[0]) for end in at.input[1:3])
            at = model.producers.get(at.input[0])
        if at is None or at.op_type != "QuantizeLinear":
            break
        scale, zero = _qparams(model, at)
        out_scale, out_zero = _qparams(model, back)
        ends = np.iinfo(zero.dtype)
        pairs.append(
            Pair(
                scale,
                zero.astype(np.int64),
                out_scale,
                out_zero.astype(np.int64),
                ends.min if low is None else low,
                ends.max if high is None else high,
            )
        )
        name = at.input[0]
    return name, tuple(reversed(pairs))


def _qparams(model: Model, node: Any) -> tuple[np.ndarray, np.ndarray]:
    scale = model.constants[node.input[1]].ravel()
    zero = model.constants[node.input[2]].ravel() if len(node.input) > 2 and node.input[2] else np.zeros(1, np.uint8)
    return scale, zero
