"""Bounds of a model that is brought, checked on the file before anything of it is expanded or run."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any  # the classes of onnx are made by protobuf while it loads: they have no static type

from quantlab.sources.upload import Refused, show

MOST_NODES = 20_000  # with those of branches and bodies of loops
MOST_LAYERS = 500  # each of which the grey box sets free once: a run of the whole model
MOST_RUNS = 2_000_000  # operators that those runs compute: layers times operators, of which each layer brings some more
BESIDE = 6  # operators beside a layer there: its quantizers, its float form, its switch
MOST_NUMBERS = 1 << 26  # of one tensor
STANDARD = ("", "ai.onnx")
RUNTIME = "com.microsoft"  # operators that onnxruntime itself brings; those that its quantizer writes are run, and no others
RUNTIMES = (
    *("QGemm", "QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearSoftmax", "QLinearSigmoid", "QLinearLeakyRelu"),
    *("QLinearAveragePool", "QLinearGlobalAveragePool", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"),
    *("QuantizeLinear", "DequantizeLinear"),
)
WEIGHTED = ("Conv", "Gemm", "MatMul")


def check(onnx: Any, name: str, proto: Any) -> None:
    """Raise ``Refused`` where a model holds more than is read, operators that are not run, or weights in other files."""
    graph = proto.graph
    if not graph.node or not graph.output:
        raise Refused(f"{show(name)} holds no operators or no output: export a whole model.")
    graphs = list(_graphs(graph))
    _check_counts(name, graph, graphs)
    _check_versions(onnx, name, proto)
    own = {function.name for function in proto.functions}
    for inner in graphs:
        for node in inner.node:
            _check_operator(onnx, name, node, own)
        tensors = [*inner.initializer, *(a.t for node in inner.node for a in node.attribute if a.HasField("t"))]
        if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in tensors):
            raise Refused(f"{show(name)} keeps weights in another file: export with the weights inside (external_data=False).")
    inputs = {value.name for value in graph.input} - {tensor.name for tensor in graph.initializer}
    if len(inputs) != 1:
        raise Refused(f"{show(name)} has {len(inputs)} inputs, and the bench feeds one: export a model of one tensor.")


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph and those within its nodes: branches, bodies of loops."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from _graphs(inner)


def _check_counts(name: str, graph: Any, graphs: list[Any]) -> None:
    count = sum(len(inner.node) for inner in graphs)
    if count > MOST_NODES:
        raise Refused(f"{show(name)} has {count} operators, and at most {MOST_NODES} are read: test a smaller model.")
    layers = sum(node.op_type in WEIGHTED for node in graph.node)
    if layers > MOST_LAYERS:
        raise Refused(f"{show(name)} has {layers} convolutions and products, and at most {MOST_LAYERS} are tested: test a part of it.")
    if layers * (count + BESIDE * layers) > MOST_RUNS:
        most = MOST_RUNS // layers - BESIDE * layers
        raise Refused(
            f"{show(name)} has {layers} layers among {count} operators, each to be set free in a run of all; "
            f"with so many layers at most {most} operators are run: test a part of it."
        )


def _check_versions(onnx: Any, name: str, proto: Any) -> None:
    known = onnx.defs.onnx_opset_version()
    asked = max((o.version for o in proto.opset_import if o.domain in STANDARD), default=0)
    if asked > known or proto.ir_version > onnx.IR_VERSION:
        raise Refused(f"{show(name)} is newer (opset {asked}) than what is read here (opset {known}): export it for opset 13 to 21.")


def _check_operator(onnx: Any, name: str, node: Any, own: set[str]) -> None:
    if node.domain in STANDARD:
        if node.op_type not in own and not onnx.defs.has(node.op_type):
            raise Refused(f"{show(name)} uses {show(node.op_type)}, which ONNX does not have: export it with ONNX's own operators alone.")
    elif node.domain != RUNTIME or node.op_type not in RUNTIMES:
        raise Refused(f"{show(name)} uses {show(node.op_type)} of {show(node.domain)}: export it with ONNX's own operators alone.")


def check_sizes(onnx: Any, name: str, proto: Any) -> None:
    """Raise ``Refused`` where a tensor whose shape follows from the file alone has more than ``MOST_NUMBERS`` numbers; nothing is computed."""
    for value in onnx.shape_inference.infer_shapes(proto).graph.value_info:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        if all(d > 0 for d in shape) and prod(shape) > MOST_NUMBERS:
            raise Refused(
                f"{show(name)} makes a tensor of {prod(shape)} numbers, and at most {MOST_NUMBERS} are held: test a smaller model, or a part of it."
            )
