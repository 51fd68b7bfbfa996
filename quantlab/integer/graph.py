"""A graph of ONNX under construction: nodes, constants, and names for what flows between them.

Needs the package onnx, which is loaded when a graph is begun.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any  # the classes of onnx are made by protobuf while it loads: they have no static type

import numpy as np

OPSET, IR = 19, 9  # uint8 Clip, QuantizeLinear per channel, AveragePool: read by onnxruntime from 1.15 on


class Graph:
    """Nodes in the order of computing; every name is new. A picture goes in as uint8 (N, C, H, W) under the name "picture"."""

    def __init__(self, title: str) -> None:
        self.onnx: Any = import_module("onnx")
        self.title, self._nodes, self._constants, self._outputs = title, list[Any](), list[Any](), list[Any]()
        self._count = 0

    def constant(self, value: np.ndarray) -> str:
        """A constant; numpy's type says its own."""
        name = self._name("constant")
        self._constants.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:  # whatever the operator has
        """One operator; returns the name of its result. An input "" is left out."""
        name = self._name(operator)
        self._nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def output(self, name: str, source: str, kind: type[np.generic], rank: int) -> None:
        """Give a result of so many dimensions to whoever runs the graph, under this name."""
        self._nodes.append(self.onnx.helper.make_node("Identity", [source], [name]))
        self._outputs.append(self.onnx.helper.make_tensor_value_info(name, self.of(kind), [None] * rank))

    def of(self, kind: type[np.generic]) -> int:
        """ONNX's number of a type of numpy."""
        return int(self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(kind)))

    def model(self, shape: tuple[int, int, int]) -> bytes:
        """The model as a file, checked by onnx itself. shape : height, width and channels of a picture."""
        helper = self.onnx.helper
        picture = helper.make_tensor_value_info("picture", self.of(np.uint8), ["N", shape[2], *shape[:2]])
        graph = helper.make_graph(self._nodes, self.title or "network", [picture], self._outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="quantlab")
        self.onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"
