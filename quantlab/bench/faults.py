"""Known faults, put into a sound subject: what each box finds of them is the test of the bench itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any  # see ``model``

import numpy as np

from quantlab.bench.insertion import quantized
from quantlab.bench.model import Model
from quantlab.bench.structure import match
from quantlab.bench.subject import Subject


def _copies(model: Model) -> list[Any]:
    onnx: Any = import_module("onnx")
    copies = []
    for node in model.proto.graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copies.append(copy)
    return copies


def _middle(subject: Subject) -> Any:
    """The quantized form of a layer in the middle."""
    forms = list(match(subject.layers, subject.model)[0].values())
    return forms[len(forms) // 2]


def wrong_zero_point(subject: Subject) -> Subject:
    """One layer's input is read with a zero point 4 beside the one that it was written with."""
    form, nodes, constants = _middle(subject), _copies(subject.model), dict(subject.model.constants)
    reader = next(node for node in nodes if form.node.input[0] in node.output)
    constants["fault/zero"] = np.array(int(form.pairs[-1].zero_point[0]) + 4, np.uint8)
    reader.input[2] = "fault/zero"
    return subject.with_model(subject.model.changed(nodes, constants))


def swapped_channels(subject: Subject) -> Subject:
    """Two output channels of one layer have each other's weights."""
    form, constants = _middle(subject), dict(subject.model.constants)
    name = subject.model.producers[form.node.input[1]].input[0]
    codes = np.moveaxis(constants[name].copy(), form.w_axis if form.w_scale.size > 1 else form.layer.axis, 0)
    order = np.arange(len(codes))
    order[[0, 1]] = 1, 0
    constants[name] = np.moveaxis(codes[order], 0, form.w_axis if form.w_scale.size > 1 else form.layer.axis)
    return subject.with_model(subject.model.changed(_copies(subject.model), constants))


def wrapped_sums(subject: Subject) -> Subject:
    """One layer's sums are held in int16 and wrap around."""
    form, nodes, constants = _middle(subject), _copies(subject.model), dict(subject.model.constants)
    helper: Any = import_module("onnx").helper
    place = next(i for i, node in enumerate(nodes) if node.name == form.node.name)
    shape = (1, -1, 1, 1) if form.layer.node.op_type == "Conv" and form.layer.weight.ndim == 4 else (-1,)
    step = (form.step[0] * form.w_scale).astype(np.float32)
    constants |= {"fault/step": step.reshape(shape) if step.size > 1 else step.reshape(()), "fault/span": np.array(65536.0, np.float32)}
    constants["fault/half"] = np.array(32768.0, np.float32)
    out = nodes[place].output[0]
    nodes[place].output[0] = "fault/sum"
    chain = (
        ("Div", ["fault/sum", "fault/step"], "fault/real"),
        ("Round", ["fault/real"], "fault/whole"),
        ("Add", ["fault/whole", "fault/half"], "fault/up"),
        ("Div", ["fault/up", "fault/span"], "fault/turns"),
        ("Floor", ["fault/turns"], "fault/floor"),
        ("Mul", ["fault/floor", "fault/span"], "fault/off"),
        ("Sub", ["fault/whole", "fault/off"], "fault/wrapped"),
        ("Mul", ["fault/wrapped", "fault/step"], out),
    )
    nodes[place + 1 : place + 1] = [helper.make_node(kind, names, [result], name=f"{result}/node") for kind, names, result in chain]
    return subject.with_model(subject.model.changed(nodes, constants))


def wrong_calibration(subject: Subject) -> Subject:
    """The ranges are chosen from examples a fifth as bright."""
    assert subject.plan is not None
    return subject.with_model(quantized(subject.exact, subject.plan, subject.calibration * np.float32(0.2)))


def missing_cut(subject: Subject) -> Subject:
    """One ReLU is gone; the next layer's quantizer was calibrated without it."""
    assert subject.plan is not None
    nodes = [node for node in subject.exact.proto.graph.node if node.op_type == "Relu"]
    if not nodes:
        raise ValueError(f"{subject.title} has no ReLU to leave out; choose another model")
    gone, copies = nodes[len(nodes) // 2], _copies(subject.exact)
    for node in copies:
        for i, name in enumerate(node.input):
            if name == gone.output[0]:
                node.input[i] = gone.input[0]
    without = subject.exact.changed([node for node in copies if node.name != gone.name], subject.exact.constants)
    return subject.with_model(quantized(without, subject.plan, subject.calibration))


def scale_per_tensor(subject: Subject) -> Subject:
    """Weights have one scale a tensor where the plan says one a channel."""
    assert subject.plan is not None
    return subject.with_model(quantized(subject.exact, replace(subject.plan, granularity="tensor"), subject.calibration))


def rounded_twice(subject: Subject) -> Subject:
    """One layer's input is rounded on a grid of 0.7 steps first."""
    form, nodes, constants = _middle(subject), _copies(subject.model), dict(subject.model.constants)
    helper: Any = import_module("onnx").helper
    pair = form.pairs[0]
    constants |= {"fault/scale": np.array(pair.scale[0] * 0.7, np.float32)}
    place = next(i for i, n in enumerate(nodes) if n.op_type == "QuantizeLinear" and n.input[0] == form.source)
    nodes[place].input[0] = "fault/value"
    pairs = (
        ("QuantizeLinear", [form.source, "fault/scale", "fault/zero"], "fault/codes"),
        ("DequantizeLinear", ["fault/codes", "fault/scale", "fault/zero"], "fault/value"),
    )
    nodes[place:place] = [helper.make_node(kind, names, [result], name=f"{result}/node") for kind, names, result in pairs]
    constants["fault/zero"] = np.array(int(np.clip(round(int(pair.zero_point[0]) / 0.7), 0, 255)), np.uint8)
    return subject.with_model(subject.model.changed(nodes, constants))


def left_in_float(subject: Subject) -> Subject:
    """One layer is not quantized."""
    assert subject.plan is not None
    layers = subject.layers
    left = (layers[len(layers) // 2].name,)
    return subject.with_model(quantized(subject.exact, replace(subject.plan, left=left), subject.calibration))


def wrong_bias_scale(subject: Subject) -> Subject:
    """One layer's bias is stored on the step of its weights alone."""
    forms = [form for form in match(subject.layers, subject.model)[0].values() if form.bias_scale is not None]
    if not forms:
        raise ValueError(f"{subject.title} has no layer with a quantized bias; choose another model")
    form, constants = forms[len(forms) // 2], dict(subject.model.constants)
    name = next(n for n in subject.model.producers[form.node.input[2]].input if n.endswith("/scale"))
    constants[name] = form.w_scale if form.w_scale.size > 1 else form.w_scale[0]
    return subject.with_model(subject.model.changed(_copies(subject.model), constants))


def dead_channel(subject: Subject) -> Subject:
    """All weights of one output channel of one layer are the code of zero."""
    form, constants = _middle(subject), dict(subject.model.constants)
    name = subject.model.producers[form.node.input[1]].input[0]
    codes = np.moveaxis(constants[name].copy(), form.layer.axis, 0)
    codes[0] = int(form.w_zero[0])
    constants[name] = np.moveaxis(codes, 0, form.layer.axis)
    return subject.with_model(subject.model.changed(_copies(subject.model), constants))


FAULTS: dict[str, Callable[[Subject], Subject]] = {
    "wrong zero point": wrong_zero_point,
    "swapped channels": swapped_channels,
    "sums wrap in int16": wrapped_sums,
    "calibrated on other data": wrong_calibration,
    "missing ReLU": missing_cut,
    "per tensor for per channel": scale_per_tensor,
    "rounded twice": rounded_twice,
    "a layer left in float": left_in_float,
    "wrong bias scale": wrong_bias_scale,
    "a dead channel": dead_channel,
}
