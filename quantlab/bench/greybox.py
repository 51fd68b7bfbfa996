"""Grey box: where in the model the error arises.

With f a layer of the float model, q its quantized form, x and x' what reaches each of them:

    total = q(x') - f(x),   local = q(x) - f(x),   inherited = q(x') - q(x).

Local is what the layer's own rounding does, inherited what those before it did. ``expected`` is the local error that rounding alone
makes: f with its input and weights rounded by ``numpy`` on the steps that the file states.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from math import sqrt
from typing import Any  # see ``model``

import numpy as np

from quantlab.bench.findings import Finding
from quantlab.bench.insertion import activation_qparams
from quantlab.bench.model import Layer, Model
from quantlab.bench.running import run
from quantlab.bench.structure import QuantizedLayer, match
from quantlab.bench.subject import Subject
from quantlab.bench.switches import Switches

UNIFORM = 1 / sqrt(12)  # rms error over step of evenly spread values
EXAMPLES = 32
CLIPPED = 0.08  # share of values beyond the range from which it counts as calibrated on something else
BEYOND = 1.15  # of the expected local error


@dataclass(frozen=True)
class Steps:
    """A quantizer of activations on the float model's values. ratio : rms error over step; granular : of those within the range.

    clipped, exact : shares of values beyond the range, and of those that lie on a level. used : share of the codes that come up.
    """

    step: float
    ratio: float
    granular: float
    clipped: float
    exact: float
    used: float

    @property
    def why(self) -> str:
        """What makes the ratio differ from 1/sqrt(12)."""
        reasons = []
        if self.clipped > 1e-3 and self.ratio > 1.1 * self.granular:
            reasons.append(f"{100 * self.clipped:.1f} % of the values are clipped")
        if self.exact > 0.05:
            reasons.append(f"{100 * self.exact:.0f} % of the values lie on a level, as zeros after a ReLU do, which costs no error")
        if self.used < 0.5:
            reasons.append(f"only {100 * self.used:.0f} % of the codes come up")
        if not reasons and abs(self.ratio / UNIFORM - 1) > 0.05:
            reasons.append("the values are not spread evenly within a step")
        return "; ".join(reasons) or "as of evenly spread values"


@dataclass(frozen=True)
class LayerError:
    """Errors at one layer's result, rms. signal : rms of the float result. expected : see the module. dead : channels that this layer makes constant.

    fixed : share of the model's output error (mean square) that goes when this layer alone is float; 0 where it does not.
    """

    layer: str
    signal: float
    total: float
    local: float
    inherited: float
    expected: float
    dead: int
    steps: Steps | None
    weight_ratio: float
    fixed: float = 0.0


def switches_of(subject: Subject) -> Switches:
    """The quantized model in which each layer can be set free, on the examples of this box."""
    forms, _ = match(subject.layers, subject.model)
    return Switches(subject.model, subject.exact, forms.values(), subject.test.x[:EXAMPLES])


def grey_box(subject: Subject, switches: Switches | None = None) -> tuple[tuple[LayerError, ...], tuple[Finding, ...]]:
    """Errors layer by layer, and what is wrong. switches : where it is asked what a layer wins that is set free."""
    forms, _ = match(subject.layers, subject.model)
    x = subject.test.x[:EXAMPLES]
    layers = [layer for layer in subject.layers if layer.name in forms]
    exact = run(subject.exact, x, [subject.exact.output, *(name for layer in layers for name in (layer.x, layer.out))])
    seen = run(subject.model, x, [subject.model.output, *(forms[layer.name].out for layer in layers)])
    whole = _power(seen[subject.model.output] - exact[subject.exact.output])
    places = {node.name: place for place, node in enumerate(subject.model.proto.graph.node)}
    errors = []
    for layer in layers:
        form, f = forms[layer.name], exact[layer.out]
        alone = _alone(subject.model, places, form, exact[layer.x])
        fixed = 0.0
        if switches is not None and whole > 0 and layer.name in switches.names:
            fixed = 1 - _power(switches.output([layer.name]) - exact[subject.exact.output]) / whole
        errors.append(
            LayerError(
                layer.name,
                sqrt(_power(f)),
                sqrt(_power(seen[form.out] - f)),
                sqrt(_power(alone - f)),
                sqrt(_power(seen[form.out] - alone)),
                sqrt(_power(_expected(layer, form, exact[layer.x], exact[layer.out]) - f)),
                _dead(alone, f, 1 if layer.node.op_type == "Conv" else f.ndim - 1),
                steps_of(form, exact[layer.x]) if form.pairs else None,
                _weight_ratio(form),
                fixed,
            )
        )
    return tuple(errors), tuple(_findings(errors, subject, {layer.name: exact[layer.x] for layer in layers}))


def _clipped_on_purpose(subject: Subject, layer: str, x: np.ndarray) -> float:
    """Share of what reaches a layer that the plan's range rule clips, chosen anew from the calibration examples; 0 where no rule is known to clip."""
    plan = subject.plan
    if plan is None or plan.calibrator == "minmax":
        return 0.0
    name = next(one.x for one in subject.layers if one.name == layer)
    scale, zero = activation_qparams(run(subject.exact, subject.calibration, [name])[name], plan)
    place = x.astype(np.float64) / scale + zero
    return float(((place < -0.5) | (place > (1 << plan.activations) - 0.5)).mean())


def _findings(errors: list[LayerError], subject: Subject, read: dict[str, np.ndarray]) -> list[Finding]:
    """What is wrong. read : by layer, what reaches it in float."""
    found = []
    left = subject.plan.left if subject.plan else ()
    for e in errors:
        clipped = e.steps.clipped if e.steps else 0.0
        if clipped > CLIPPED and clipped > 1.5 * _clipped_on_purpose(subject, e.layer, read[e.layer]):
            text = f"{e.layer}: {100 * clipped:.0f} % of what reaches it is clipped."
            found.append(Finding("grey", "ranges hold the values", e.layer, text, "Calibrate on examples like those of the test."))
        if e.dead:
            text = f"{e.layer}: {e.dead} of its channels give the same for everything, and did not in float."
            found.append(
                Finding("grey", "channels stay alive", e.layer, text, "Give each channel a scale of its own, or use more bits here.")
            )
        if e.local > BEYOND * e.expected + 1e-5 * e.signal:
            text = f"{e.layer}: its own error is {e.local / max(e.expected, 1e-30):.2f} times what its steps explain."
            remedy = "Something beside the rounding is wrong here: look at this layer's white-box laws."
            found.append(Finding("grey", "errors follow from the steps", e.layer, text, remedy))
        if e.signal > 0 and e.local <= 1e-5 * e.signal and e.layer not in left:  # a state that begins at zero has none to make
            text = f"{e.layer}: it makes no error of its own, so it computes in float."
            found.append(Finding("grey", "every layer rounds", e.layer, text, "Quantize it, or name it among those left in float."))
    return found


def bisection(switches: Switches, exact: np.ndarray) -> tuple[str, float]:
    """The layer at which the output's error, layers quantized from the first on, first exceeds half of the whole; and its share there.

    exact : the float model's output on the same examples. About log2 of the number of layers runs.
    """
    names = switches.names

    def power(count: int) -> float:
        output = switches.output(names[count:])
        return _power(output.reshape(exact.shape) - exact)

    whole = power(len(names))

    def share(count: int) -> float:
        return power(count) / max(whole, 1e-300)

    low, high = 0, len(names)  # share(low) <= 1/2 < share(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if share(middle) > 0.5 else (middle, high)
    return names[high - 1], share(high)


def _alone(model: Model, places: dict[str, int], form: QuantizedLayer, source: np.ndarray) -> np.ndarray:
    """The quantized form's result for the float model's own input. places : of the model's nodes by name."""
    onnx: Any = import_module("onnx")
    wanted, nodes = [form.out], dict[str, Any]()
    while wanted:
        name = wanted.pop()
        if name == form.source or name not in model.producers:
            continue
        node = model.producers[name]
        if node.name not in nodes:
            nodes[node.name] = node
            wanted.extend(node.input)
    ordered = sorted(nodes.values(), key=lambda node: places[node.name])
    read = {name for node in ordered for name in node.input}
    constants = {name: model.constants[name] for name in read if name in model.constants}
    values = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        ordered,
        "layer",
        [values(form.source, onnx.TensorProto.FLOAT, [None] * source.ndim)],
        [onnx.helper.make_empty_tensor_value_info(form.out)],
    )
    proto = onnx.helper.make_model(graph, opset_imports=model.proto.opset_import, ir_version=model.proto.ir_version)
    part = Model(f"{model.name}, {form.layer.name}", proto, "").changed(ordered, constants)
    return run(part, source)[form.out]


def _expected(layer: Layer, form: QuantizedLayer, x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """The float layer with its input and its weights rounded here on the form's steps."""
    onnx: Any = import_module("onnx")
    rounded = rounded_on(form, x) if form.pairs else x
    scale = form.by_channel(form.w_scale)
    weight = layer.weight
    if form.codes is not None:
        ends = np.iinfo(form.codes.dtype)
        zero = form.by_channel(form.w_zero)
        codes = np.clip(np.rint(weight / scale) + zero, min(int(form.codes.min()), ends.max), max(int(form.codes.max()), ends.min))
        weight = ((codes - zero) * scale).astype(np.float32)
    node = onnx.NodeProto()
    node.CopyFrom(layer.node)
    node.input[0], node.input[1] = "x", "w"
    constants = {"w": weight} | ({node.input[2]: layer.bias} if layer.bias is not None else {})
    values = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node], "layer", [values("x", onnx.TensorProto.FLOAT, [None] * x.ndim)], [onnx.helper.make_empty_tensor_value_info(layer.out)]
    )
    proto = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9)
    return run(Model(layer.name, proto, "").changed([node], constants), rounded)[layer.out]


def rounded_on(form: QuantizedLayer, x: np.ndarray) -> np.ndarray:
    """Values rounded once on a layer's last grid."""
    pair = form.pairs[-1]
    scale, zero = np.float32(pair.scale[0]), int(pair.zero_point[0])
    return ((np.clip(np.rint(x / scale) + zero, pair.qmin, pair.qmax) - zero) * scale).astype(np.float32)


def steps_of(form: QuantizedLayer, x: np.ndarray) -> Steps:
    """What a quantizer does to these values."""
    pair = form.pairs[-1]
    scale, zero = float(pair.scale[0]), int(pair.zero_point[0])
    place = x.astype(np.float64).ravel() / scale + zero
    codes = np.clip(np.rint(place), pair.qmin, pair.qmax)
    error = place - codes
    beyond = (place < pair.qmin - 0.5) | (place > pair.qmax + 0.5)
    inside = error[~beyond]
    used = len(np.unique(codes)) / (pair.qmax - pair.qmin + 1)
    return Steps(
        scale,
        sqrt(_power(error)),
        sqrt(_power(inside)) if inside.size else 0.0,
        float(beyond.mean()),
        float((np.abs(error) < 1e-4).mean()),
        used,
    )


def _weight_ratio(form: QuantizedLayer) -> float:
    """Rms error of the weights over their step."""
    if form.codes is None:
        return 0.0
    return sqrt(_power((form.weight.astype(np.float64) - form.layer.weight) / form.by_channel(form.w_scale)))


def _dead(quantized: np.ndarray, exact: np.ndarray, channel: int) -> int:
    """Channels whose result is the same everywhere once quantized and was not before. channel : their axis."""
    over = tuple(axis for axis in range(exact.ndim) if axis != channel)
    return int(((np.ptp(quantized, axis=over) == 0) & (np.ptp(exact, axis=over) > 0)).sum())


def _power(x: np.ndarray) -> float:
    return float(np.mean(np.square(x, dtype=np.float64))) if x.size else 0.0
