"""White box: laws that every quantized model keeps, checked on the file and on what each layer computes.

A layer's accumulator is a = sum (x_code - z_x)(w_code - z_w) + b_code, its result s_x s_w a: a law recomputes it in whole numbers from
the codes that reach the layer and compares it with what onnxruntime gives there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any  # see ``model``

import numpy as np

from quantlab.bench.findings import Checked, Finding
from quantlab.bench.model import Model, attributes_of
from quantlab.bench.running import run
from quantlab.bench.structure import QuantizedLayer, in_integers, match
from quantlab.bench.subject import Subject
from quantlab.integer.arithmetic import Window, convolve

EXAMPLES = 4  # on which results are recomputed
INT32 = (1 << 31) - 1
Forms = dict[str, QuantizedLayer]
Found = Iterator[tuple[int, str, str]]  # places checked, the layer, and the sentence, "" where the law holds


def white_box(subject: Subject) -> tuple[Checked, ...]:
    """Every law on this subject."""
    forms, missing = match(subject.layers, subject.model)
    results = []
    for law, (check, remedy) in LAWS.items():
        places, findings = 0, []
        for count, layer, text in check(subject, forms, missing):
            places += count
            if text:
                findings.append(Finding("white", law, layer, text, remedy))
        results.append(Checked(law, places, tuple(findings)))
    return tuple(results)


def _covered(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    left = subject.plan.left if subject.plan else ()
    for name in () if in_integers(subject.layers, subject.model) else missing:
        yield 1, name, f"{name}: the quantized model holds no form of this layer in QDQ operators."
    for name, form in forms.items():
        what = "weights" if form.codes is None else "input" if not form.pairs else ""
        yield 1, name, f"{name}: its {what} stayed in float." if what and name not in left else ""


def _positive(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        scales = [form.w_scale, *(part for pair in form.pairs for part in (pair.scale, pair.out_scale))]
        bad = any(not np.isfinite(s).all() or (s <= 0).any() for s in scales)
        yield len(scales), name, f"{name}: a scale is zero, negative or no number." if bad else ""


def _zero(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        for pair in form.pairs:
            bad = ((pair.zero_point < pair.qmin) | (pair.zero_point > pair.qmax)).any()
            yield 1, name, f"{name}: the zero point {pair.zero_point[0]} is none of the codes {pair.qmin} to {pair.qmax}." if bad else ""


def _one_grid(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        for pair in form.pairs:
            text = ""
            if not np.array_equal(pair.zero_point, pair.out_zero):
                text = f"{name}: its input is quantized with the zero point {pair.zero_point[0]} and read with {pair.out_zero[0]}."
            elif not np.array_equal(pair.scale, pair.out_scale):
                text = f"{name}: its input is quantized with the scale {pair.scale[0]:.4g} and read with {pair.out_scale[0]:.4g}."
            yield 1, name, text


def _once(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        yield 1, name, f"{name}: its input is rounded {len(form.pairs)} times, one grid after another." if len(form.pairs) > 1 else ""


def _weights(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        if form.codes is None:
            continue
        ends = np.iinfo(form.codes.dtype)
        top = (1 << subject.plan.weights - 1) - 1 if subject.plan else ends.max
        inside = np.abs(form.codes.astype(np.int64) - form.by_channel(form.w_zero)) < top
        steps = np.abs(form.weight.astype(np.float64) - form.layer.weight) / form.by_channel(form.w_scale)
        wrong = int(((steps > 0.5 + 1e-3) & inside).sum())
        outside = int((np.abs(form.codes.astype(np.int64)) > top + (not subject.plan)).sum())
        text = f"{name}: {wrong} of {steps.size} weights lie more than half a step from the float ones." if wrong else ""
        yield steps.size, name, text or (f"{name}: {outside} codes lie beyond {top}." if outside else "")


def _bias(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        if form.bias is None or form.bias_scale is None or form.float:
            continue
        wanted = form.step * form.w_scale
        if not (np.isfinite(wanted).all() and (wanted > 0).all()):
            continue  # which is told by another law
        off = not np.allclose(np.broadcast_to(form.bias_scale, wanted.shape), wanted, rtol=1e-5)
        text = f"{name}: the bias has a scale other than s_x·s_w, by a factor of {float(form.bias_scale[0] / wanted.ravel()[0]):.3g}."
        yield 1, name, text if off else ""


def _accumulators(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        if form.float or form.codes is None:
            continue
        w = form.codes.astype(np.int64) - form.by_channel(form.w_zero)
        pair = form.pairs[-1]
        reach = int(max((pair.qmax - pair.out_zero).max(), (pair.out_zero - pair.qmin).max()))
        w = np.moveaxis(w, form.layer.axis, 0)
        most = int(np.abs(w).reshape(len(w), -1).sum(axis=1).max()) * reach
        most += int(np.abs(form.bias).max(initial=0)) if form.bias is not None else 0
        yield 1, name, f"{name}: a sum may reach {most}, more than int32 holds." if most > INT32 else ""


def _range(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for name, form in forms.items():
        if form.codes is None:
            continue
        top = (1 << subject.plan.weights - 1) - 1 if subject.plan else np.iinfo(form.codes.dtype).max
        largest = int(np.abs(form.codes.astype(np.int64) - form.by_channel(form.w_zero)).max())
        text = f"{name}: no weight's code is beyond {largest} of {top}: more than half of the range is dead." if 2 * largest < top else ""
        yield 1, name, text


def _folded(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    for node in subject.model.proto.graph.node:
        if node.op_type == "BatchNormalization":
            before = subject.model.producers.get(node.input[0])
            follows = before is not None and before.op_type == "Conv"
            yield 1, node.name, f"{node.name}: a batch norm stands behind a convolution and was not folded into it." if follows else ""


_CUTS = ("Relu", "Clip")


def _cuts(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    """ReLU and clips are there, or the next quantizer's lowest code stands for zero and does their work."""
    if in_integers(subject.layers, subject.model):
        return
    results = {form.layer.out: form.out for form in forms.values()}
    for node in subject.exact.proto.graph.node:
        if node.op_type not in _CUTS:
            continue
        if node.output[0] in subject.model.producers:
            yield 1, node.name, ""
            continue
        readers = subject.model.readers.get(results.get(node.input[0], node.input[0]), [])
        done = node.op_type == "Relu" and bool(readers) and all(_cuts_at_zero(subject.model, reader) for reader in readers)
        text = f"{node.name}: the float model cuts here ({node.op_type}) and the quantized one does not."
        yield 1, node.name, "" if done else text


def _cuts_at_zero(model: Model, node: Any) -> bool:
    """Whether a node is a quantizer whose lowest code stands for zero."""
    if node.op_type != "QuantizeLinear":
        return False
    zero = model.constants[node.input[2]] if len(node.input) > 2 else np.zeros(1, np.uint8)
    return bool((zero == np.iinfo(zero.dtype).min).all())


def _granularity(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    if subject.plan is None:
        return
    for name, form in forms.items():
        if form.codes is None:
            continue
        channels = form.layer.weight.shape[form.layer.axis]
        wanted = channels if subject.plan.granularity == "channel" else 1
        text = f"{name}: it has {form.w_scale.size} scales, and the plan says {wanted} (one a {subject.plan.granularity})."
        yield 1, name, text if form.w_scale.size != wanted else ""


def _recomputed(subject: Subject, forms: Forms, missing: tuple[str, ...]) -> Found:
    known = {name: form for name, form in forms.items() if not form.float and form.codes is not None}
    x = subject.test.x[:EXAMPLES]
    names = {name: form.node.input[0] for name, form in known.items()}
    seen = run(subject.model, x, [*names.values(), *(form.out for form in known.values())])
    for name, form in known.items():
        if not all(np.isfinite(seen[place]).all() for place in (names[name], form.out)):
            yield 1, name, f"{name}: what it reads or gives holds NaN or infinity."
            continue
        given = _in_integers(form, seen[names[name]])
        if given is None:
            continue
        off = float(np.abs(given - seen[form.out]).max())
        most = float(np.abs(given).max()) + 1e-12
        text = f"{name}: its result is not what its codes give; it is off by {off:.3g}, and the largest result is {most:.3g}."
        yield given.size, name, text if not off <= 1e-4 * most else ""


def _in_integers(form: QuantizedLayer, read: np.ndarray) -> np.ndarray | None:
    """The layer's result from codes alone, float64; None for a layer that is no 2-d convolution or product. read : its input, dequantized."""
    assert form.codes is not None
    x = np.rint(read.astype(np.float64) / float(form.step[0])).astype(np.int64)  # x_code - z_x
    w = form.codes.astype(np.int64) - form.by_channel(form.w_zero)
    if form.layer.node.op_type == "Conv":
        window = _window(form)
        if window is None:
            return None
        a = convolve(x, w, window, int(np.abs(x).max(initial=1))).astype(np.float64)
        shape: tuple[int, ...] = (1, -1, 1, 1)
    else:
        matrix = w.T if form.layer.axis == 0 else w
        a = x.astype(np.float64) @ matrix.astype(np.float64)
        shape = (-1,)
    result = a * (float(form.step[0]) * form.w_scale.astype(np.float64).reshape(shape if form.w_scale.size > 1 else (1,)))
    if form.bias is not None and form.bias_scale is not None:
        b = form.bias.astype(np.float64) * form.bias_scale.astype(np.float64)
        result = result + b.reshape(shape)
    elif form.layer.bias is not None:
        result = result + form.layer.bias.astype(np.float64).reshape(shape)
    return np.asarray(result)


def _window(form: QuantizedLayer) -> Window | None:
    given, kernel = attributes_of(form.node), form.layer.weight.shape[2:]
    pads, strides = given.get("pads", [0, 0, 0, 0]), given.get("strides", [1, 1])
    if len(kernel) != 2 or pads[:2] != pads[2:] or any(d != 1 for d in given.get("dilations", [])) or _automatic(given):
        return None
    return Window((kernel[0], kernel[1]), (strides[0], strides[1]), (pads[0], pads[1]), int(given.get("group", 1)))


def _automatic(given: dict[str, object]) -> bool:
    return given.get("auto_pad", b"NOTSET") != b"NOTSET"


Check = Callable[[Subject, Forms, tuple[str, ...]], Found]
LAWS: dict[str, tuple[Check, str]] = {
    "every layer is quantized": (_covered, "Quantize the layer, or name it among those that stay in float."),
    "scales are positive": (_positive, "Choose the range anew: it was empty or held NaN."),
    "zero is a code": (_zero, "Widen the range so that it holds 0, and round the zero point into the codes."),
    "written and read on one grid": (_one_grid, "Give QuantizeLinear and DequantizeLinear the same scale and zero point."),
    "rounded once": (_once, "Quantize from the float value to the last grid in one step."),
    "weights lie within half a step": (
        _weights,
        "Quantize this layer's float weights anew; check their order and layout. Learnt rounding moves weights on purpose.",
    ),
    "bias on the step of the products": (_bias, "Store the bias as int32 with the scale s_x·s_w of each channel."),
    "sums fit into int32": (_accumulators, "Use fewer bits, or split the layer's inputs."),
    "no dead range in the weights": (_range, "Choose the scale from the weights' own largest magnitude."),
    "batch norms are folded": (_folded, "Fold the norm into the convolution before it, then quantize."),
    "cuts are kept": (_cuts, "Put the ReLU back, or let the quantizer's lowest code stand for 0."),
    "scales as planned": (_granularity, "Quantize the weights with the granularity that the plan says."),
    "results follow from the codes": (_recomputed, "Look for what stands between the sums and the result: overflow, a missing term."),
}
