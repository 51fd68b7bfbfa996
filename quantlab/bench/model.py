"""ONNX models read as data: checked, with constants at hand, batch norms folded, and who makes and reads each tensor.

Nothing is run here. What cannot be tested is refused in one sentence: a file that is no sound ONNX, weights in other files,
operators of other domains, more than one input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any  # the classes of onnx are made by protobuf while it loads: they have no static type

import numpy as np

from quantlab.bench import bounds
from quantlab.bench.bounds import WEIGHTED
from quantlab.caching import cached_property
from quantlab.model_file.names import brief
from quantlab.sources.upload import MAX_STATE, Refused, show

LONGEST_NAME = 200  # characters of a layer, as it is told
OPSET = 19


@dataclass(frozen=True, eq=False)
class Model:
    """A model whose constants are initializers. proto : onnx's ModelProto, never changed in place. origin : hash of the file read."""

    name: str
    proto: Any
    origin: str

    @cached_property
    def constants(self) -> dict[str, np.ndarray]:
        """Initializers by name, read-only."""
        return {t.name: import_module("onnx").numpy_helper.to_array(t) for t in self.proto.graph.initializer}

    @cached_property
    def producers(self) -> dict[str, Any]:
        """The node that makes each tensor."""
        return {name: node for node in self.proto.graph.node for name in node.output if name}

    @cached_property
    def readers(self) -> dict[str, list[Any]]:
        """The nodes that read each tensor."""
        found: dict[str, list[Any]] = {}
        for node in self.proto.graph.node:
            for name in dict.fromkeys(node.input):
                found.setdefault(name, []).append(node)
        return found

    @property
    def input(self) -> Any:
        """The one input that is no constant."""
        return next(value for value in self.proto.graph.input if value.name not in self.constants)

    @property
    def output(self) -> str:
        """The name of the first output."""
        return str(self.proto.graph.output[0].name)

    @property
    def content(self) -> bytes:
        """The model as a file."""
        return bytes(self.proto.SerializeToString())

    @property
    def parameters(self) -> int:
        """Numbers in constants of more than one value."""
        return sum(array.size for array in self.constants.values() if array.size > 1)

    @property
    def bytes(self) -> int:
        """Bytes of the constants."""
        return sum(array.nbytes for array in self.constants.values())

    def changed(self, nodes: Sequence[Any], constants: dict[str, np.ndarray]) -> Model:
        """The same inputs and outputs, with other nodes and constants."""
        onnx: Any = import_module("onnx")
        proto = onnx.ModelProto()
        proto.CopyFrom(self.proto)
        graph = proto.graph
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(nodes)
        used = {name for node in nodes for name in node.input} | {value.name for value in graph.output}
        graph.initializer.extend(onnx.numpy_helper.from_array(np.array(a, order="C"), n) for n, a in constants.items() if n in used)
        return replace(self, proto=proto)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer with weights. x, out : the tensors that it reads and makes. weight : its array as stored. bias : (O,) or None.

    axis : of the output channels in ``weight``.
    """

    name: str
    node: Any
    x: str
    out: str
    weight: np.ndarray
    bias: np.ndarray | None
    axis: int


def attributes_of(node: Any) -> dict[str, Any]:
    """A node's attributes by name."""
    helper = import_module("onnx").helper
    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}


def read_model(name: str, content: bytes) -> Model:
    """The model of a file, at opset 19 or above, batch norms folded; ValueError in one sentence for what cannot be tested."""
    onnx: Any = import_module("onnx")
    if not content:
        raise Refused(f"{show(name)} is empty: export the model once more.")
    if len(content) > MAX_STATE:
        raise Refused(f"{show(name)} has {len(content)} bytes, and at most {MAX_STATE} are read: test a smaller model.")
    try:
        proto = onnx.load_from_string(content)
    except Exception as error:  # protobuf raises classes of its own, and several
        raise Refused(f"{show(name)} is no ONNX file: export the model once more.") from error
    bounds.check(onnx, name, proto)
    try:
        onnx.checker.check_model(proto)
        bounds.check_sizes(onnx, name, proto)
        version = max((o.version for o in proto.opset_import if o.domain in bounds.STANDARD), default=0)
        if version < OPSET and not any(node.domain == bounds.RUNTIME for node in proto.graph.node):  # the converter knows ONNX's own alone
            proto = onnx.version_converter.convert_version(proto, OPSET)
    except Refused:
        raise
    except Exception as error:  # the checker and the converter raise classes of their own, and several
        raise Refused(f"{show(name)} is no sound ONNX model: export it once more at opset 13 or above.") from error
    model = Model(name, proto, hashlib.sha256(content).hexdigest()[:16])
    try:
        model = _with_constants(onnx, model)
    except Refused:
        raise
    except (KeyError, TypeError, OverflowError, ValueError) as error:  # a constant of a type or a shape that there is none of
        raise Refused(f"{show(name)} holds a constant that cannot be read: export the model once more.") from error
    return folded(model)


def _with_constants(onnx: Any, model: Model) -> Model:
    """Constant nodes turned into initializers; a name of its own for each node, which ONNX asks of nobody."""
    constants, nodes, taken = dict(model.constants), [], set[str]()
    for place, node in enumerate(model.proto.graph.node):
        if node.op_type == "Constant":
            given = attributes_of(node)
            if "value" not in given and not {"value_float", "value_int", "value_floats", "value_ints"} & set(given):
                raise Refused(f"{show(model.name)} holds a constant of strings or a sparse one: export it without.")
            value = given.get("value")
            array = onnx.numpy_helper.to_array(value) if value is not None else np.array(next(iter(given.values())))
            constants[node.output[0]] = array.astype(np.float32) if value is None and array.dtype.kind == "f" else array
            continue
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = brief(node.name, LONGEST_NAME) or f"{node.op_type}_{place}"
        if copy.name in taken:
            copy.name = f"{copy.name}/{place}"
        taken.add(copy.name)
        nodes.append(copy)
    return model.changed(nodes, constants)


def folded(model: Model) -> Model:
    """The model with each batch norm inside the convolution whose only reader it is: k W, and k (b - m) + c, k = g / sqrt(v + eps)."""
    onnx: Any = import_module("onnx")
    constants, replaced, dropped = dict(model.constants), dict[str, Any](), set[str]()
    for norm in model.proto.graph.node:
        conv = model.producers.get(norm.input[0]) if norm.op_type == "BatchNormalization" else None
        if conv is None or conv.op_type != "Conv" or len(model.readers[norm.input[0]]) > 1 or conv.input[1] not in constants:
            continue
        if any(name not in constants for name in norm.input[1:]) or norm.input[0] in {v.name for v in model.proto.graph.output}:
            continue
        gain, shift, mean, variance = (constants[name].astype(np.float64) for name in norm.input[1:5])
        k = gain / np.sqrt(variance + attributes_of(norm).get("epsilon", 1e-5))  # (O,)
        weight = constants[conv.input[1]]
        bias = constants[conv.input[2]] if len(conv.input) > 2 and conv.input[2] else np.zeros(len(k))
        copy = onnx.NodeProto()
        copy.CopyFrom(conv)
        names = [f"{conv.name}/folded/{part}" for part in ("weight", "bias")]
        del copy.input[1:], copy.output[:]
        copy.input.extend(names)
        copy.output.append(norm.output[0])
        constants[names[0]] = (weight * k.reshape(-1, *[1] * (weight.ndim - 1))).astype(np.float32)
        constants[names[1]] = (k * (bias - mean) + shift).astype(np.float32)
        replaced[norm.name] = copy
        dropped.add(conv.name)
    if not replaced:
        return model
    nodes = [replaced.get(node.name, node) for node in model.proto.graph.node if node.name not in dropped]
    return model.changed(nodes, constants)


def layers_of(model: Model) -> tuple[Layer, ...]:
    """Convolutions and products with constant float weights, in the order of computing."""
    found = []
    for node in model.proto.graph.node:
        weight = model.constants.get(node.input[1]) if node.op_type in WEIGHTED and len(node.input) > 1 else None
        if weight is None or weight.dtype != np.float32 or weight.ndim < 2 or node.input[0] in model.constants:
            continue
        given = attributes_of(node)
        if node.op_type == "Gemm" and (given.get("transA") or given.get("alpha", 1) != 1 or given.get("beta", 1) != 1):
            continue
        if node.op_type == "MatMul" and weight.ndim != 2:
            continue
        bias = model.constants.get(node.input[2]) if len(node.input) > 2 else None
        axis = 0 if node.op_type == "Conv" or given.get("transB") else 1
        found.append(Layer(node.name, node, node.input[0], node.output[0], weight, bias, axis))
    return tuple(found)
