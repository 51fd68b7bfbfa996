"""Networks of one's own from an ONNX file: a list of operators with their weights, in which nothing can run.

The file is read as data. Operators that are not supported are refused by name with the remedy, as are weights kept in other files.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO  # the classes of onnx are made by protobuf while it loads: they have no static type

import numpy as np
import torch
from torch import nn

from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.wrapping import Add
from quantlab.packages import absent, install_command
from quantlab.sources.upload import MAX_STATE, Refused, as_upload, show

MOST_NODES = 2000
MOST_VALUES = 1 << 20  # numbers that one step may give for a picture; the plain CNN's largest gives 16 384


def read_onnx(name: str, data: BinaryIO | bytes | Path) -> Network:
    """The network of an ONNX file, evaluating: it takes float32 (N, C, H, W) of pixels from 0 to 1 and gives logits.

    name : the file's, for messages. ValueError in one sentence where the file cannot be read or holds what is not supported.
    """
    if missing := [requirement for requirement in absent("export") if requirement.name == "onnx"]:
        raise Refused(f"Reading {show(name)} needs onnx; this command brings it: {install_command(missing)}")
    upload = as_upload(name, data)
    if len(upload.view) > MAX_STATE:
        raise Refused(f"{show(name)} has {len(upload.view)} bytes, at most {MAX_STATE} are read: export one network.")
    onnx: Any = import_module("onnx")
    try:
        model = onnx.load_from_string(bytes(upload.view))
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf and the checker raise classes of their own, and several
        raise Refused(f"{show(name)} is no sound ONNX file: export the model once more with torch.onnx.export.") from error
    return _Reading(onnx, name).network(model.graph)


def pictures_for(network: Network) -> str:
    """The slug of the built-in pictures (of ``data.DATA``) that a network reads and has classes for; ValueError where it fits none."""
    for slug, (shape, classes) in _PICTURES.items():
        if _fits(network, shape, classes):
            return slug
    what = " or ".join(f"{c} x {h} x {w} pixels with {classes} classes ({slug})" for slug, ((c, h, w), classes) in _PICTURES.items())
    raise Refused(f"{network.title} reads pictures or gives classes that are none of ours: export one for {what}.")


def _fits(network: Network, shape: tuple[int, int, int], classes: int) -> bool:
    """Whether pictures of this shape give so many outputs: sizes alone are computed, and none may be larger than a server can hold."""
    results = [torch.empty(1, *shape, device="meta")]
    try:
        for step in network.steps:
            results.append(copy.deepcopy(step.module).to("meta")(*(results[place + 1] for place in step.reads)))
            if results[-1].numel() > MOST_VALUES:
                raise Refused(
                    f"{step.name} of {network.title} gives {results[-1].numel()} numbers a picture, at most {MOST_VALUES}: use a smaller network."
                )
    except RuntimeError:  # torch's words for sizes that do not fit together
        return False
    return tuple(results[-1].shape) == (1, classes)


def products_of(network: Network, layer: str) -> int:
    """How many products one sum of a layer has."""
    return int(next(step.layer.weight[0].numel() for step in network.steps if step.name == layer))


_PICTURES = {"patches": ((3, 32, 32), 20), "digits": ((1, 8, 8), 10)}


@dataclass
class _Reading:
    """A file that is being read. steps, places : of results, by their name in the file. constants : weights by theirs."""

    onnx: Any
    name: str
    steps: list[Step] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    constants: dict[str, np.ndarray] = field(default_factory=dict)

    def network(self, graph: Any) -> Network:
        if len(graph.node) > MOST_NODES:
            raise Refused(f"{show(self.name)} has {len(graph.node)} operators, at most {MOST_NODES} are read: export a smaller network.")
        self.constants = {weight.name: self._array(weight) for weight in graph.initializer}
        inputs = [value.name for value in graph.input if value.name not in self.constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise Refused(
                f"{show(self.name)} has {len(inputs)} inputs and {len(graph.output)} outputs: export one tensor of pixels to logits."
            )
        self.places[inputs[0]] = -1
        for node in graph.node:
            self._read(node)
        if self.places.get(graph.output[0].name) != len(self.steps) - 1 or not any(step.weighted for step in self.steps):
            raise Refused(
                f"{show(self.name)} does not end in the logits of a network with weights: export the model without what follows them."
            )
        for step in self.steps:
            step.module.eval().requires_grad_(False)
        return Network("own", show(self.name), tuple(self.steps))

    def _array(self, weight: Any) -> np.ndarray:
        if weight.data_location == self.onnx.TensorProto.EXTERNAL:
            raise Refused(f"{show(self.name)} keeps weights in another file: export with the weights inside (external_data=False).")
        try:
            array = np.array(self.onnx.numpy_helper.to_array(weight))
        except (KeyError, TypeError, ValueError) as error:  # of a kind that numpy has none for, or another size than its shape
            raise Refused(
                f"{show(weight.name)} in {show(self.name)} cannot be read: export the model once more with torch.onnx.export."
            ) from error
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Refused(f"{show(weight.name)} in {show(self.name)} holds NaN or infinity: export the network before it diverged.")
        return array

    def _read(self, node: Any) -> None:
        attributes = {entry.name: self.onnx.helper.get_attribute_value(entry) for entry in node.attribute}
        if node.op_type == "Constant":
            self.constants[node.output[0]] = (
                self._array(attributes["value"]) if "value" in attributes else np.array(next(iter(attributes.values())))
            )
            return
        reads = [self.places[source] for source in node.input if source in self.places]
        weights = [self.constants[source] for source in node.input if source in self.constants]
        if node.op_type == "Identity" and weights:  # one weight under two names
            self.constants[node.output[0]] = weights[0]
            return
        if node.op_type == "Add" and len(reads) == 1 and len(weights) == 1:
            self._add_bias(node, reads[0], weights[0])
            return
        make = _OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if make is None:
            raise Refused(
                f"{show(self.name)} holds the operator {show(node.op_type)}, which is not supported here; supported are {', '.join(_OPERATORS)}."
            )
        if len(reads) != (2 if node.op_type == "Add" else 1):
            raise Refused(
                f"{show(node.op_type)} in {show(self.name)} reads {len(reads)} results of the network: leave it out of the model."
            )
        try:
            modules = make(weights, attributes)
        except _Unfit as unfit:
            raise Refused(f"{show(node.op_type)} in {show(self.name)} {unfit}") from unfit
        except (ValueError, RuntimeError, KeyError, TypeError) as error:  # torch's words, for sizes that do not go together
            raise Refused(
                f"{show(node.op_type)} in {show(self.name)} has sizes that do not go together: export the model once more."
            ) from error
        for module in modules:
            self.steps.append(Step(self._step_name(node), module, tuple(reads)))
            reads = [len(self.steps) - 1]
        self.places[node.output[0]] = len(self.steps) - 1

    def _add_bias(self, node: Any, place: int, bias: np.ndarray) -> None:
        """A product of matrices and a sum with a constant are one linear layer."""
        layer = self.steps[place].module if place >= 0 else None
        if (
            not isinstance(layer, nn.Linear)
            or layer.bias is not None
            or bias.shape != (layer.out_features,)
            or place != len(self.steps) - 1
        ):
            raise Refused(f"Add in {show(self.name)} adds a constant that is no bias of a linear layer: leave it out of the model.")
        layer.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))
        self.places[node.output[0]] = place

    def _step_name(self, node: Any) -> str:
        name = node.name if isinstance(node.name, str) else ""  # protobuf gives bytes where they are no UTF-8
        stem = re.sub(r"\W+", "_", name or node.op_type.lower()).strip("_") or "step"
        known = {step.name for step in self.steps}
        return stem if stem not in known else next(f"{stem}_{i}" for i in range(2, MOST_NODES + 2) if f"{stem}_{i}" not in known)


class _Unfit(Exception):
    """What an operator has that is not supported, as the end of a sentence with its remedy."""


Make = Callable[[list[np.ndarray], dict[str, Any]], Sequence[nn.Module]]


def _parameter(array: np.ndarray) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.ascontiguousarray(array, np.float32)), requires_grad=False)


def _window(attributes: dict[str, Any], rank: int = 2) -> dict[str, Any]:
    """Kernel, stride and padding as torch writes them."""
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise _Unfit("pads by itself: write the padding as numbers.")
    if any(d != 1 for d in attributes.get("dilations", ())) or attributes.get("ceil_mode", 0):
        raise _Unfit("has dilation or ceil_mode: use dilation=1 and ceil_mode=False.")
    pads = list(attributes.get("pads", [0] * 2 * rank))
    if pads[:rank] != pads[rank:] or len(pads) != 2 * rank:
        raise _Unfit("pads unevenly, or not in two dimensions: pad both sides alike.")
    strides = list(attributes.get("strides", [1] * rank))
    if len(strides) != rank or min(strides) < 1 or min(pads) < 0:
        raise _Unfit("has strides below 1, or paddings below 0: use whole numbers from 1, and from 0.")
    return {"stride": tuple(strides), "padding": tuple(pads[:rank])}


def _convolution(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    if not weights or weights[0].ndim != 4:
        raise _Unfit("is no convolution of pictures with fixed weights: use nn.Conv2d.")
    out, into, *kernel = weights[0].shape
    groups = int(attributes.get("group", 1))
    conv = nn.Conv2d(into * groups, out, tuple(kernel), groups=groups, bias=len(weights) > 1, **_window(attributes))
    conv.weight = _parameter(weights[0])
    if len(weights) > 1:
        conv.bias = _parameter(weights[1])
    return (conv,)


def _gemm(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    if (
        not weights
        or weights[0].ndim != 2
        or attributes.get("transA", 0)
        or any(attributes.get(scale, 1.0) != 1.0 for scale in ("alpha", "beta"))
    ):
        raise _Unfit("is no linear layer with fixed weights: use nn.Linear.")
    weight = weights[0] if attributes.get("transB", 0) else weights[0].T
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=len(weights) > 1)
    layer.weight = _parameter(weight)
    if len(weights) > 1:
        layer.bias = _parameter(weights[1].reshape(-1))
    return (layer,)


def _norm(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    if len(weights) != 4:
        raise _Unfit("has no fixed mean and variance: export the model after model.eval().")
    norm = nn.BatchNorm2d(len(weights[0]), eps=float(attributes.get("epsilon", 1e-5)))
    norm.weight, norm.bias = _parameter(weights[0]), _parameter(weights[1])
    norm.running_mean, norm.running_var = (torch.from_numpy(np.ascontiguousarray(w, np.float32)) for w in weights[2:])
    return (norm,)


def _clip(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    ends = [float(w) for w in weights] if weights else [attributes.get("min"), attributes.get("max")]
    if ends != [0.0, 6.0]:
        raise _Unfit("is not from 0 to 6: use nn.ReLU6 or nn.ReLU.")
    return (nn.ReLU6(),)


def _max_pool(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    return (nn.MaxPool2d(tuple(attributes["kernel_shape"]), **_window(attributes)),)


def _average_pool(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    window = _window(attributes)
    if window["padding"] != (0, 0):
        raise _Unfit("pads: use padding=0.")
    return (nn.AvgPool2d(tuple(attributes["kernel_shape"]), **window),)


def _reduce_mean(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    axes = sorted(int(axis) % 4 for axis in (weights[0].tolist() if weights else attributes.get("axes", ())))
    if axes != [2, 3]:
        raise _Unfit("is no mean over height and width: use nn.AdaptiveAvgPool2d(1).")
    return (nn.AdaptiveAvgPool2d(1),) if attributes.get("keepdims", 1) else (nn.AdaptiveAvgPool2d(1), nn.Flatten())


def _flatten(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    if attributes.get("axis", 1) != 1:
        raise _Unfit("flattens the images too: use nn.Flatten().")
    return (nn.Flatten(),)


def _reshape(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    if len(weights) != 1 or weights[0].size != 2 or weights[0].ravel()[-1] != -1:
        raise _Unfit("is no flatten: use nn.Flatten().")
    return (nn.Flatten(),)


def _matmul(weights: list[np.ndarray], attributes: dict[str, Any]) -> Sequence[nn.Module]:
    return _gemm(weights, {})


_OPERATORS: dict[str, Make] = {
    "Conv": _convolution,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _norm,
    "Relu": lambda weights, attributes: (nn.ReLU(),),
    "Clip": _clip,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda weights, attributes: (nn.AdaptiveAvgPool2d(1),),
    "ReduceMean": _reduce_mean,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Add": lambda weights, attributes: (Add(),),
    "Dropout": lambda weights, attributes: (nn.Identity(),),
    "Identity": lambda weights, attributes: (nn.Identity(),),
}
