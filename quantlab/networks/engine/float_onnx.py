"""A network's float form as an ONNX model, batch norms folded: tensors carry the names of the steps."""

from __future__ import annotations

from importlib import import_module
from typing import Any  # the classes of onnx are made by protobuf while it loads: they have no static type

import numpy as np
import torch
from torch import nn

from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.wrapping import Add


def float_onnx(network: Network, shape: tuple[int, int, int], fold_norms: bool = True) -> bytes:
    """The file; it reads "picture", float32 (N, C, H, W) from 0 to 1. shape : height, width and channels. ValueError for a step without a form here."""
    from quantlab.networks.engine.folding import fold

    onnx: Any = import_module("onnx")
    network = fold(network) if fold_norms else network
    nodes, constants = list[Any](), list[Any]()

    def constant(name: str, value: torch.Tensor) -> str:
        constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(value.detach().numpy()), name))
        return name

    names = {-1: "picture"}
    for place, step in enumerate(network.steps):
        inputs = [names[i] for i in step.reads]
        operator, weights, attributes = _operator(step)
        inputs += [constant(f"{step.name}.{part}", value) for part, value in weights.items()]
        names[place] = "logits" if place == len(network.steps) - 1 else f"{step.name}_out"
        nodes.append(onnx.helper.make_node(operator, inputs, [names[place]], name=step.name, **attributes))
    values = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        network.title,
        [values("picture", onnx.TensorProto.FLOAT, ["N", shape[2], *shape[:2]])],
        [values("logits", onnx.TensorProto.FLOAT, ["N", None])],
        constants,
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9, producer_name="quantlab")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _window(module: Any) -> dict[str, Any]:  # nn.Conv2d or nn.MaxPool2d: both have these
    def two(value: int | tuple[int, int]) -> list[int]:
        return [value, value] if isinstance(value, int) else list(value)

    padding = two(module.padding)
    return {"kernel_shape": two(module.kernel_size), "strides": two(module.stride), "pads": [*padding, *padding]}


def _operator(step: Step) -> tuple[str, dict[str, torch.Tensor], dict[str, Any]]:
    """ONNX's operator, its weights, its attributes."""
    module = step.module
    if isinstance(module, nn.Conv2d | nn.Linear):
        weights = {"weight": module.weight} | ({"bias": module.bias} if module.bias is not None else {})
        if isinstance(module, nn.Linear):
            return "Gemm", weights, {"transB": 1}
        return "Conv", weights, {**_window(module), "group": module.groups, "dilations": list(module.dilation)}
    if isinstance(module, nn.BatchNorm2d) and module.running_mean is not None and module.running_var is not None:
        parts = {"weight": module.weight, "bias": module.bias, "mean": module.running_mean, "variance": module.running_var}
        return "BatchNormalization", parts, {"epsilon": module.eps}
    if isinstance(module, nn.MaxPool2d):
        return "MaxPool", {}, _window(module)
    for kind, operator in ((nn.ReLU, "Relu"), (nn.Flatten, "Flatten"), (nn.AdaptiveAvgPool2d, "GlobalAveragePool"), (Add, "Add")):
        if isinstance(module, kind) and (operator != "GlobalAveragePool" or module.output_size in (1, (1, 1))):
            return operator, {}, {}
    raise ValueError(f"{step.name} is a {type(module).__name__}, which this export does not write; choose a shipped network")
