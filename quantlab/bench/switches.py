"""Switches: a quantized model in which each layer's float form stands beside its quantized one, and an input says which is used.

    result = Where(switch, f(source), q(source))

What a model loses by one layer is then one run a layer; a model and a session a layer take many times as long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib import import_module
from typing import Any  # see ``model``

import numpy as np

from quantlab.bench.model import Model
from quantlab.bench.running import Session
from quantlab.bench.structure import QuantizedLayer

INPUT = "quantlab/switches"


class Switches:
    """A quantized model on some examples. forms : the quantized layers by name; those that are float as a whole have no switch."""

    def __init__(self, model: Model, exact: Model, forms: Iterable[QuantizedLayer], x: np.ndarray) -> None:
        known = [form for form in forms if form.codes is not None or form.pairs]
        self.names = tuple(form.layer.name for form in known)
        self._output, self._x = model.output, x
        self._session = Session(switched(model, exact, known), [model.output])

    def output(self, names: Collection[str]) -> np.ndarray:
        """The model's output (N, ...) with these layers in float."""
        switches = np.array([name in names for name in self.names])  # (L,)
        return self._session.run(self._x, more={INPUT: switches})[self._output]


def switched(model: Model, exact: Model, forms: list[QuantizedLayer]) -> Model:
    """The model with one more input, the switches, bool (L,), in the order of the forms."""
    onnx: Any = import_module("onnx")
    constants, last = dict(model.constants), dict[str, list[Any]]()
    renamed = dict[str, dict[str, str]]()  # of a node: its results under another name
    for place, form in enumerate(forms):
        name = f"quantlab/switch/{place}"
        alone = onnx.NodeProto()
        alone.CopyFrom(form.layer.node)
        alone.name, alone.input[0] = f"{name}/float", form.source
        for k in range(1, len(alone.input)):
            if given := alone.input[k]:
                alone.input[k] = f"{name}/float/{k}"
                constants[alone.input[k]] = exact.constants[given]
        del alone.output[:]
        alone.output.append(f"{name}/float")
        constants[f"{name}/place"] = np.array(place, np.int64)
        before = model.producers[form.out]
        renamed.setdefault(before.name, {})[form.out] = f"{name}/quantized"
        make = onnx.helper.make_node
        last.setdefault(before.name, []).extend(
            [
                alone,
                make("Gather", [INPUT, f"{name}/place"], [f"{name}/on"], name=f"{name}/on"),
                make("Where", [f"{name}/on", f"{name}/float", f"{name}/quantized"], [form.out], name=f"{name}/where"),
            ]
        )
    nodes = [one for node in model.proto.graph.node for one in (_renamed(onnx, node, renamed.get(node.name)), *last.get(node.name, ()))]
    found = model.changed(nodes, constants)
    found.proto.graph.input.append(onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.BOOL, [len(forms)]))
    return found


def _renamed(onnx: Any, node: Any, names: dict[str, str] | None) -> Any:
    if names is None:
        return node
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    for k, name in enumerate(copy.output):
        copy.output[k] = names.get(name, name)
    return copy
