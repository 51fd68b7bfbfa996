"""Integer networks as ONNX files, in two forms that mean the same and a third that is float.

- ``qlinear``: operators of integers. QLinearConv where a convolution's result goes to the next layer's codes; ConvInteger and
  MatMulInteger, with int32 operators after them, where accumulators flow on. It computes what ``network`` computes.
- ``qdq``: float operators between QuantizeLinear and DequantizeLinear, the form that tools exchange. It computes what a
  fake-quantized network computes, with biases on the step of the products; a runtime may fuse it into operators of integers.
- ``float``: the same weights as float32 and no quantizer, to compare times with.

The file takes pictures uint8 (N, C, H, W) and gives "logits"; on request also the codes that each layer reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from quantlab.integer.arithmetic import Window
from quantlab.integer.graph import Graph
from quantlab.integer.network import PIXEL, IntegerNetwork
from quantlab.integer.operations import Flatten, Layer, MaxPool, Mean, Operation, Relu, Same, Sum
from quantlab.integer.requantize import Grid

_BYTE = np.uint8


def export(network: IntegerNetwork, form: str, codes: bool = False) -> bytes:
    """The network as an ONNX file. form : one of ``FORMS``. codes : whether it also gives what each layer reads, uint8, by the layer's name."""
    if form not in FORMS:
        raise ValueError(f"there is no form {form!r}; choose one of {', '.join(FORMS)}")
    graph = Graph(network.title)
    FORMS[form](graph, network, codes)
    return graph.model(network.shape)


def as_bytes(codes: np.ndarray, grid: Grid) -> np.ndarray:
    """Codes as the file has them: a grid with negative codes is moved up by 128."""
    return (codes + _offset(grid)).astype(_BYTE)


def _offset(grid: Grid) -> int:
    return 128 if grid.qmin < 0 else 0


def _zero(graph: Graph, grid: Grid) -> str:
    return graph.constant(np.array(grid.zero_point + _offset(grid), _BYTE))


def _scalar(graph: Graph, value: float) -> str:
    return graph.constant(np.array(value, np.float32))


def _clipped(graph: Graph, codes: str, grid: Grid, relu: bool = False) -> str:
    """Codes within the grid's ends, and from its zero point up after a ReLU; a byte's own ends need no clip."""
    low, high = (grid.zero_point if relu else grid.qmin) + _offset(grid), grid.qmax + _offset(grid)
    if (low, high) == (0, 255):
        return codes
    return graph.node("Clip", codes, graph.constant(np.array(low, _BYTE)), graph.constant(np.array(high, _BYTE)))


def _of_window(window: Window) -> dict[str, list[int]]:
    return {"kernel_shape": [*window.kernel], "strides": [*window.stride], "pads": [*window.padding, *window.padding]}


def _of_convolution(window: Window) -> dict[str, list[int] | int]:
    return {**_of_window(window), "group": window.groups}


def _channels(vector: np.ndarray, layer: Layer) -> np.ndarray:
    """(O,) in the shape that broadcasts against the layer's accumulators."""
    return vector.reshape(1, -1, 1, 1) if layer.window else vector.reshape(1, -1)


# ---- operators of integers


@dataclass(frozen=True, eq=False)
class _Flow:
    """A result in the graph: int32 accumulators, by their name and scale (in the shape that broadcasts); or a layer not yet written.

    A layer waits until it is known whether its result goes to codes at once. codes : what the waiting layer reads.
    relu, after : what was done to its result meanwhile, which commutes with rounding.
    """

    name: str = ""
    scale: np.ndarray = field(default_factory=lambda: PIXEL)
    layer: Layer | None = None
    codes: str = ""
    relu: bool = False
    after: tuple[MaxPool | Flatten, ...] = ()


def _qlinear(graph: Graph, network: IntegerNetwork, codes: bool) -> None:
    flows = {-1: _Flow("picture", PIXEL)}
    readers = [sum(place in reads for reads in network.reads) for place in range(len(network.operations))]
    for place, (operation, reads) in enumerate(zip(network.operations, network.reads, strict=True)):
        inputs = [flows[i] for i in reads]
        if isinstance(operation, Layer):
            read = _codes(graph, inputs[0], operation.grid)
            if codes:
                graph.output(operation.name, read, np.uint8, operation.weights.ndim)
            flows[place] = _Flow(layer=operation, codes=read, scale=_channels(operation.out_scale, operation))
        elif (kept := _waits(inputs[0], operation)) is not None:
            flows[place] = kept
        else:
            flows[place] = _INTEGER[type(operation)](graph, operation, *(_accumulators(graph, flow) for flow in inputs))
        if readers[place] > 1:  # all read the same accumulators
            flows[place] = _accumulators(graph, flows[place])
    last = _accumulators(graph, flows[len(network.operations) - 1])
    real = graph.node("Mul", _cast(graph, last.name, np.float32), graph.constant(last.scale.astype(np.float32)))
    graph.output("logits", real, np.float32, 2)


def _waits(flow: _Flow, operation: Operation) -> _Flow | None:
    """A waiting layer's flow after an operation that can wait with it, None where it cannot."""
    if flow.layer is None:
        return None
    if isinstance(operation, Same):
        return flow
    if isinstance(operation, Relu) and operation.ceiling is None:
        return replace(flow, relu=True)
    if isinstance(operation, MaxPool | Flatten):
        return replace(flow, after=(*flow.after, operation))
    return None


def _codes(graph: Graph, flow: _Flow, grid: Grid) -> str:
    """The codes of a result on a grid, uint8."""
    layer = flow.layer
    if layer is not None and layer.window is not None:
        codes = _convolved(graph, flow, layer, layer.window, grid)
    elif flow.name == "picture" and grid == Grid(float(PIXEL[0]), 0, 0, 255):
        return flow.name
    else:
        codes = _requantized(graph, _accumulators(graph, replace(flow, after=())), grid)
        codes = _clipped(graph, codes, grid)
    for operation in flow.after if layer is not None else ():
        codes = (
            graph.node("Flatten", codes) if isinstance(operation, Flatten) else graph.node("MaxPool", codes, **_of_window(operation.window))
        )
    return codes


def _convolved(graph: Graph, flow: _Flow, layer: Layer, window: Window, grid: Grid) -> str:
    """QLinearConv: products, bias, requantization in one operator."""
    inputs = (
        flow.codes,
        _scalar(graph, layer.grid.scale),
        _zero(graph, layer.grid),
        graph.constant(layer.weights),
        graph.constant(layer.scale),
        graph.constant(np.zeros(len(layer.scale), np.int8)),
        _scalar(graph, grid.scale),
        _zero(graph, grid),
        graph.constant(layer.bias),
    )
    return _clipped(graph, graph.node("QLinearConv", *inputs, **_of_convolution(window)), grid, flow.relu)


def _requantized(graph: Graph, flow: _Flow, grid: Grid) -> str:
    """rint(f32(acc)·f32(M)) + z, held within a byte."""
    factor = graph.constant(flow.scale.astype(np.float32) / np.float32(grid.scale))
    scaled = graph.node("Mul", _cast(graph, flow.name, np.float32), factor)
    return graph.node("QuantizeLinear", scaled, _scalar(graph, 1.0), _zero(graph, grid))


def _accumulators(graph: Graph, flow: _Flow) -> _Flow:
    """The result as int32 accumulators: a waiting layer is written now."""
    layer = flow.layer
    if layer is None:
        return flow
    if layer.window is None:
        sums = graph.node("MatMulInteger", flow.codes, graph.constant(layer.weights.T), _zero(graph, layer.grid))
    else:
        sums = graph.node(
            "ConvInteger", flow.codes, graph.constant(layer.weights), _zero(graph, layer.grid), **_of_convolution(layer.window)
        )
    now = _Flow(graph.node("Add", sums, graph.constant(_channels(layer.bias, layer))), flow.scale)
    for operation in (*((Relu(layer.name),) if flow.relu else ()), *flow.after):
        now = _INTEGER[type(operation)](graph, operation, now)
    return now


def _cast(graph: Graph, name: str, kind: type[np.generic]) -> str:
    return graph.node("Cast", name, to=graph.of(kind))


def _relu(graph: Graph, operation: Relu, x: _Flow) -> _Flow:
    name = graph.node("Max", x.name, graph.constant(np.array(0, np.int32)))
    if operation.ceiling is not None:
        name = graph.node("Min", name, graph.constant(operation.top(x.scale).astype(np.int32)))
    return _Flow(name, x.scale)


def _max_pool(graph: Graph, operation: MaxPool, x: _Flow) -> _Flow:
    pooled = graph.node("MaxPool", _cast(graph, x.name, np.float64), **_of_window(operation.window))  # no runtime pools int32
    return _Flow(_cast(graph, pooled, np.int32), x.scale)


def _mean(graph: Graph, operation: Mean, x: _Flow) -> _Flow:
    if not operation.whole:
        raise ValueError(f"{operation.name} is a mean under a window, which this export does not write; use nn.AdaptiveAvgPool2d(1)")
    kernel = operation.window.kernel
    axes = graph.constant(np.array([2, 3], np.int64))
    return _Flow(graph.node("ReduceSum", x.name, axes, keepdims=1), x.scale / (kernel[0] * kernel[1]))


def _flatten(graph: Graph, operation: Flatten, x: _Flow) -> _Flow:
    scale = x.scale if x.scale.size == 1 else np.repeat(x.scale.ravel(), operation.each)
    return _Flow(graph.node("Flatten", x.name), scale.reshape(1, -1))


def _sum(graph: Graph, operation: Sum, a: _Flow, b: _Flow) -> _Flow:
    terms = []
    for x in (a, b):
        scaled = graph.node("Mul", _cast(graph, x.name, np.float64), graph.constant(x.scale / operation.scale))
        terms.append(_cast(graph, graph.node("Round", scaled), np.int32))
    return _Flow(graph.node("Add", *terms), np.full((1, 1, 1, 1), operation.scale))


_INTEGER: dict[type, Callable[..., _Flow]] = {
    Relu: _relu,
    MaxPool: _max_pool,
    Mean: _mean,
    Flatten: _flatten,
    Same: lambda graph, operation, x: x,
    Sum: _sum,
}


# ---- operators of floats, with quantizers between them or without


def _qdq(graph: Graph, network: IntegerNetwork, codes: bool) -> None:
    def read(layer: Layer, source: str) -> str:
        grid = layer.grid
        if source == "picture":
            q = "picture"
        else:
            q = _clipped(graph, graph.node("QuantizeLinear", source, _scalar(graph, grid.scale), _zero(graph, grid)), grid)
        if codes:
            graph.output(layer.name, q, np.uint8, layer.weights.ndim)
        return graph.node("DequantizeLinear", q, _scalar(graph, grid.scale), _zero(graph, grid))

    def weights(layer: Layer) -> tuple[str, str]:
        zero = graph.constant(np.zeros(len(layer.scale), np.int8))
        w = graph.node("DequantizeLinear", graph.constant(layer.weights), graph.constant(layer.scale), zero, axis=0)
        step = graph.constant(layer.out_scale.astype(np.float32))
        return w, graph.node("DequantizeLinear", graph.constant(layer.bias), step, axis=0)

    _floats(graph, network, read, weights)


def _float(graph: Graph, network: IntegerNetwork, codes: bool) -> None:
    if codes:
        raise ValueError("a float network reads no codes; choose the form qdq or qlinear")

    def read(layer: Layer, source: str) -> str:
        return graph.node("Mul", _cast(graph, source, np.float32), _scalar(graph, float(PIXEL[0]))) if source == "picture" else source

    def weights(layer: Layer) -> tuple[str, str]:
        values = layer.weights * layer.scale.reshape(-1, *[1] * (layer.weights.ndim - 1))
        return graph.constant(values.astype(np.float32)), graph.constant((layer.bias * layer.out_scale).astype(np.float32))

    _floats(graph, network, read, weights)


def _floats(graph: Graph, network: IntegerNetwork, read: Callable[[Layer, str], str], weights: Callable[[Layer], tuple[str, str]]) -> None:
    """The network in float operators. read : what a layer takes of a result. weights : a layer's weights and bias."""
    names = {-1: "picture"}
    for place, (operation, reads) in enumerate(zip(network.operations, network.reads, strict=True)):
        inputs = [names[i] for i in reads]
        if not isinstance(operation, Layer):
            names[place] = _FLOAT[type(operation)](graph, operation, *inputs)
        elif operation.window is None:
            names[place] = graph.node("Gemm", read(operation, inputs[0]), *weights(operation), transB=1)
        else:
            names[place] = graph.node("Conv", read(operation, inputs[0]), *weights(operation), **_of_convolution(operation.window))
    graph.output("logits", names[len(network.operations) - 1], np.float32, 2)


def _float_relu(graph: Graph, operation: Relu, x: str) -> str:
    y = graph.node("Relu", x)
    return y if operation.ceiling is None else graph.node("Min", y, _scalar(graph, operation.ceiling))


_FLOAT: dict[type, Callable[..., str]] = {
    Relu: _float_relu,
    MaxPool: lambda graph, operation, x: graph.node("MaxPool", x, **_of_window(operation.window)),
    Mean: lambda graph, operation, x: graph.node("AveragePool", x, **_of_window(operation.window)),
    Flatten: lambda graph, operation, x: graph.node("Flatten", x),
    Same: lambda graph, operation, x: x,
    Sum: lambda graph, operation, a, b: graph.node("Add", a, b),
}

FORMS: dict[str, Callable[[Graph, IntegerNetwork, bool], None]] = {"qlinear": _qlinear, "qdq": _qdq, "float": _float}
