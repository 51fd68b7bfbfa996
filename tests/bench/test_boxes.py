"""The bench finds the faults that are put in, where it claims to, and says nothing of sound models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from sklearn.calibration import calibration_curve

from quantlab.bench.blackbox import answers_of, black_box
from quantlab.bench.confidence import calibration_error, probabilities, reliability
from quantlab.bench.faults import FAULTS
from quantlab.bench.greybox import CLIPPED, grey_box, switches_of
from quantlab.bench.insertion import Plan, quantized
from quantlab.bench.model import read_model
from quantlab.bench.report import report_steps
from quantlab.bench.running import run
from quantlab.bench.subject import Examples, Subject, brought, examples_of, of_network
from quantlab.bench.targets import target
from quantlab.bench.whitebox import white_box
from quantlab.networks import engine
from quantlab.networks.settings import FLOAT
from quantlab.progress import finish

CLAIMS = {  # which boxes find which fault in the plain network at 8 bits
    "wrong zero point": "white grey black",
    "swapped channels": "white grey",
    "sums wrap in int16": "white grey black",
    "calibrated on other data": "grey black",
    "missing ReLU": "white black",
    "per tensor for per channel": "white",
    "rounded twice": "white grey",
    "a layer left in float": "white grey",
    "wrong bias scale": "white grey black",
    "a dead channel": "white grey",
}


def boxes(subject: Subject) -> set[str]:
    found = {finding.box for check in white_box(subject) for finding in check.findings}
    found |= {finding.box for finding in grey_box(subject)[1]}
    return found | {finding.box for finding in black_box(subject, answers_of(subject))}


@pytest.fixture(scope="module")
def sound() -> Subject:
    return of_network("plain", Plan())


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_the_boxes_claimed(fault: str, sound: Subject) -> None:
    assert boxes(FAULTS[fault](sound)) == set(CLAIMS[fault].split())


def test_white_and_grey_boxes_raise_no_alarm_in_twenty_random_settings() -> None:
    rng = np.random.default_rng(1)
    for i in range(20):
        plan = Plan(
            int(rng.integers(4, 9)),
            int(rng.integers(4, 9)),
            str(rng.choice(["tensor", "channel"])),
            str(rng.choice(["absmax", "mse"])),
            str(rng.choice(["minmax", "percentile", "mse"])),
        )
        subject = of_network(("plain", "small", "depthwise")[i % 3], plan, images=60)
        assert not [f for check in white_box(subject) for f in check.findings], plan
        assert not grey_box(subject)[1], plan


def test_a_range_rule_that_clips_on_purpose_is_no_alarm_and_other_data_are() -> None:
    rng = np.random.default_rng(0)
    x = np.where(rng.random((120, 4)) < 0.7, rng.normal(size=(120, 4)), 3 * rng.choice([-1, 1], size=(120, 4))).astype(np.float32)
    plan = Plan(8, 2, calibrator="mse")
    sound = brought("t", read_model("m.onnx", products(["N", 4])), Examples(x, np.arange(120) % 4), plan)
    errors, findings = grey_box(sound)
    assert max(e.steps.clipped for e in errors if e.steps) > CLIPPED and not findings
    other = sound.with_model(quantized(sound.exact, plan, sound.calibration * np.float32(0.2)))
    assert "ranges hold the values" in {finding.law for finding in grey_box(other)[1]}


def test_the_float_model_is_the_torch_network(sound: Subject) -> None:
    runner = engine.Runner(*engine.shipped("plain"), images=200)
    np.testing.assert_allclose(run(sound.exact, sound.test.x)[sound.exact.output], runner.logits(FLOAT), atol=1e-4)


def test_every_node_is_what_the_reference_evaluator_gives() -> None:
    subject = of_network("small", Plan(5, 6))
    names = list(subject.model.producers)
    seen = run(subject.model, subject.test.x[:3], names)
    proto = onnx.ModelProto()
    proto.CopyFrom(subject.model.proto)
    proto.graph.output.extend(onnx.helper.make_empty_tensor_value_info(n) for n in names if n != subject.model.output)
    evaluator = ReferenceEvaluator(proto)
    wanted = dict(zip(evaluator.output_names, evaluator.run(None, {subject.model.input.name: subject.test.x[:3]}), strict=True))
    for name in seen:
        np.testing.assert_allclose(seen[name].astype(float), np.asarray(wanted[name], float), atol=2e-4, err_msg=name)


def test_reliability_is_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1], 500)
    labels = (rng.random(500) < p[:, 1]).astype(np.int64)
    sure, right = p.max(axis=1), p.argmax(axis=1) == labels
    share, mean = calibration_curve(right, sure, n_bins=10)
    rows = reliability(p, labels)
    np.testing.assert_allclose([row[1] for row in rows], mean)
    np.testing.assert_allclose([row[2] for row in rows], share)
    assert 0 <= calibration_error(p, labels) < 0.1


def test_a_quantized_softmax_that_does_not_sum_to_one_is_as_sure_as_it_says() -> None:
    """Once taken for logits, it seemed 0.73 sure of what it says with 255 / 256."""
    exact = np.array([[1.0, 0.0], [0.0, 1.0]] * 10, np.float32)
    quantized = np.float32(255 / 256) * exact
    assert calibration_error(probabilities(quantized, exact), np.array([0, 1] * 10)) == 0


def test_total_error_is_local_plus_inherited_at_the_first_layer(sound: Subject) -> None:
    first = grey_box(sound)[0][0]
    assert first.inherited == pytest.approx(0, abs=1e-6)
    assert first.local == pytest.approx(first.total)


def test_a_report_says_pass_and_fail() -> None:
    subject = of_network("small", Plan())
    good = finish(report_steps(subject, [target("top1=-1pp"), target("size=35%")]))
    bad = finish(report_steps(subject, [target("size=1%")]))
    assert good["passed"] and not bad["passed"] and not bad["findings"]


def hostile() -> dict[str, tuple[bytes, str]]:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT

    def model(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto] = [], inputs: int = 1) -> bytes:  # noqa: B006 (never changed)
        values = [helper.make_tensor_value_info(f"x{i}", kind, ["N", 4]) for i in range(inputs)]
        graph = helper.make_graph(nodes, "g", values, [helper.make_tensor_value_info("y", kind, ["N", 4])], constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19), helper.make_opsetid("own", 1)]).SerializeToString()

    outside = helper.make_tensor("w", kind, [4, 4], np.zeros(16))
    outside.ClearField("float_data")
    outside.data_location = onnx.TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    magic = helper.make_node("Magic", ["x0"], ["z"], domain="own")
    inner = helper.make_graph([magic], "inner", [], [helper.make_tensor_value_info("z", kind, ["N", 4])])
    branch = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    constant = helper.make_node("Constant", [], ["w"], value=outside)
    return {
        "empty": (b"", "is empty"),
        "noise": (bytes(range(256)) * 9, "no ONNX file"),
        "own operator": (model([helper.make_node("Magic", ["x0"], ["y"], domain="own")]), "ONNX's own operators"),
        "weights elsewhere": (model([helper.make_node("MatMul", ["x0", "w"], ["y"])], [outside]), "weights inside"),
        "two inputs": (model([helper.make_node("Add", ["x0", "x1"], ["y"])], inputs=2), "one tensor"),
        "unknown operator": (model([helper.make_node("Nonsense", ["x0"], ["y"])]), "which ONNX does not have"),
        "own operator in a branch": (model([branch], [onnx.numpy_helper.from_array(np.array(True), "c")]), "ONNX's own operators"),
        "a constant elsewhere": (model([constant, helper.make_node("MatMul", ["x0", "w"], ["y"])]), "weights inside"),
    }


@pytest.mark.parametrize("name", hostile())
def test_hostile_files_are_refused_in_one_sentence(name: str) -> None:
    content, words = hostile()[name]
    with pytest.raises(ValueError, match=words):
        read_model("file.onnx", content)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((20, 4), np.float32)}, "save both by name"),
        ({"x": np.zeros((20, 4), np.float32), "y": np.zeros(19, int)}, "one row an example"),
        ({"x": np.full((20, 4), np.nan, np.float32), "y": np.zeros(20, int)}, "NaN"),
        ({"x": np.zeros((3, 4), np.float32), "y": np.zeros(3, int)}, "too little"),
    ],
)
def test_data_that_do_not_fit_are_refused(arrays: dict[str, np.ndarray], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        examples_of(arrays)


def test_labels_that_do_not_fit_and_one_class_are_refused(sound: Subject) -> None:
    for truth, words in ((np.full(200, 99), "renumber"), (np.zeros(200, int), "bring others")):
        wrong = Subject("t", sound.exact, sound.model, Examples(sound.test.x, truth), sound.calibration, sound.plan)
        with pytest.raises(ValueError, match=words):
            answers_of(wrong)


def test_examples_of_another_shape_are_refused(sound: Subject) -> None:
    with pytest.raises(ValueError, match="bring x in that shape"):
        brought("t", sound.exact, Examples(np.zeros((40, 3, 8, 9), np.float32), np.arange(40)))


def products(output: list[str | int | None], *after: onnx.NodeProto, weight: np.ndarray | None = None) -> bytes:
    """Two products of the same name, and what follows them; the output's shape is given."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    w = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32) if weight is None else weight
    nodes = [helper.make_node("MatMul", [a, "w"], [b], name="same") for a, b in (("x", "h"), ("h", "p" if after else "y"))]
    graph = helper.make_graph(
        [*nodes, *after],
        "g",
        [helper.make_tensor_value_info("x", kind, ["N", "M"])],
        [helper.make_tensor_value_info("y", kind, output)],
        [onnx.numpy_helper.from_array(w, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9).SerializeToString()


def examples(count: int = 40) -> Examples:
    rng = np.random.default_rng(0)
    return Examples(rng.normal(size=(count, 4)).astype(np.float32), rng.integers(0, 4, count))


def test_nodes_of_one_name_and_free_shapes_are_read_and_a_shared_array_is_stored_once() -> None:
    subject = brought("t", read_model("m.onnx", products(["N", 4])), examples())
    assert [layer.name for layer in subject.layers] == ["same", "same/1"]
    assert sum(a.size for a in subject.model.constants.values() if a.dtype == np.int8 and a.ndim == 2) == 16
    report = finish(report_steps(subject))
    assert [e["layer"] for e in report["layers"]] == ["same", "same/1"]
    assert not [f for f in report["findings"] if f["box"] == "white"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (products([], onnx.helper.make_node("ReduceSum", ["p"], ["y"], keepdims=0)), "no number for each example"),
        (products([4, "N"], onnx.helper.make_node("Transpose", ["p"], ["y"])), "no number for each example"),
        (products(["N", 4], onnx.helper.make_node("Log", ["p"], ["y"])), "sound in float"),
        (products(["N", 4], weight=np.full((4, 4), np.nan, np.float32)), "sound in float"),
    ],
)
def test_models_whose_outputs_cannot_be_tested_are_refused_in_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        finish(report_steps(brought("t", read_model("m.onnx", content), examples())))
    assert "\n" not in str(refused.value)


def test_a_file_with_codes_for_weights_alone_has_a_report() -> None:
    helper, exact = onnx.helper, read_model("m.onnx", products(["N", 4]))
    w = exact.constants["w"]
    step = np.float32(np.abs(w).max() / 127)
    parts = {"codes": np.rint(w / step).astype(np.int8), "step": step, "zero": np.int8(0)}
    nodes = [helper.make_node("DequantizeLinear", list(parts), ["wq"])]
    nodes += [helper.make_node("MatMul", [a, "wq"], [b], name="same") for a, b in (("x", "h"), ("h", "y"))]
    proto = onnx.load_from_string(exact.content)
    values = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in parts.items()]
    graph = helper.make_graph(nodes, "g", proto.graph.input, proto.graph.output, values)
    brought_form = read_model("q.onnx", helper.make_model(graph, opset_imports=proto.opset_import, ir_version=9).SerializeToString())
    report = finish(report_steps(brought("t", exact, examples(), None, brought_form)))
    assert report["half_of_the_error_by"]["layer"] in ("same", "same/1") and all(e["total"] > 0 for e in report["layers"])
    assert {(f["law"], f["text"].partition(": ")[2]) for f in report["findings"]} == {
        ("every layer is quantized", "its input stayed in float.")
    }


def test_answers_of_the_quantized_model_that_are_no_numbers_are_a_finding() -> None:
    broken = read_model("q.onnx", products(["N", 4], onnx.helper.make_node("Log", ["p"], ["y"])))
    report = finish(report_steps(brought("t", read_model("m.onnx", products(["N", 4])), examples(), None, broken)))
    assert "answers are numbers" in {f["law"] for f in report["findings"]} and not report["passed"]


def test_damage_is_told_by_the_names_of_the_classes_where_they_are_known():
    subject = of_network("plain", Plan(4, 8), images=60)
    rows = answers_of(subject).by_class()
    names = engine.shipped("plain")[1].classes
    assert {name for name, *_ in rows} == {names[label] for label in subject.test.truth}
    unnamed = replace(subject, test=replace(subject.test, names=()))
    assert [(names[label], *row) for label, *row in answers_of(unnamed).by_class()] == rows


def test_a_switch_sets_a_layer_free_as_leaving_it_in_float_does(sound: Subject) -> None:
    switches = switches_of(sound)
    assert switches.names == tuple(layer.name for layer in sound.layers)
    x = sound.test.x[:32]
    assert np.array_equal(switches.output(()), run(sound.model, x)[sound.model.output])
    for left in (switches.names[:1], switches.names[1:3], switches.names):
        other = quantized(sound.exact, replace(sound.plan, left=left), sound.calibration) if left != switches.names else sound.exact
        np.testing.assert_allclose(switches.output(left), run(other, x)[other.output], rtol=1e-5, atol=1e-5)
