"""The integer path against onnxruntime, code for code: QLinearConv, QLinearMatMul, whole networks in both forms.

Expected numbers: onnxruntime at ORT_DISABLE_ALL and ORT_ENABLE_BASIC, where no operator is replaced by another that rounds otherwise.
"""

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import quantlab as ql
from quantlab.integer.export import FORMS, as_bytes, export
from quantlab.integer.graph import Graph
from quantlab.integer.network import IntegerNetwork
from quantlab.integer.requantize import REQUANTIZERS, Grid
from quantlab.integer.runtime import LEVELS, Session, as_read, latency
from quantlab.networks import engine
from quantlab.networks.settings import WEIGHTS, Setting

PER_CHANNEL = WEIGHTS.replace(granularity=ql.per_channel(0))
SETTINGS = {
    "8 bits": Setting(),
    "a scale a channel": Setting(weight_spec=PER_CHANNEL),
    "4 bits": Setting(weights=4, activations=4),
    "3 bits, a scale a channel": Setting(weights=3, activations=3, weight_spec=PER_CHANNEL),
    "symmetric activations": Setting(activation_spec=ql.QuantSpec("int-symmetric", arithmetic="torch_fake")),
    "the picture at 5 bits": Setting(inputs=5),
}
SAFE = ("none", "basic")


@pytest.fixture(scope="module", params=["plain", "depthwise", "small"])
def runner(request) -> engine.Runner:
    return engine.Runner(*engine.shipped(request.param), images=40)


def own_codes(network: IntegerNetwork, pixels: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    codes: dict[str, list[np.ndarray]] = {}
    logits = network.logits(pixels, watch=lambda layer, read, sums: codes.setdefault(layer.name, []).append(as_bytes(read, layer.grid)))
    return logits, {name: np.concatenate(parts) for name, parts in codes.items()}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_the_integer_network_is_onnxruntimes_to_the_last_code(runner, setting):
    network = engine.to_integers(runner, setting)
    logits, codes = own_codes(network, runner.test.pixels)
    model = export(network, "qlinear", codes=True)
    for level in SAFE:
        theirs = Session(model, level).run(runner.test.pixels)
        for name, mine in codes.items():
            assert np.array_equal(mine, theirs[name]), (name, level)
        assert np.array_equal(logits, theirs["logits"])


@pytest.mark.parametrize("setting", list(SETTINGS.values())[:2], ids=list(SETTINGS)[:2])
def test_the_form_of_quantizers_differs_by_a_few_codes_whatever_is_fused(runner, setting):
    network = engine.to_integers(runner, setting)
    logits, codes = own_codes(network, runner.test.pixels)
    model = export(network, "qdq", codes=True)
    for level in LEVELS:
        theirs = Session(model, level).run(runner.test.pixels)
        off = np.concatenate([(theirs[name].astype(int) - mine).ravel() for name, mine in codes.items()])
        assert np.abs(off).max() <= 2 and (off != 0).mean() < 1e-3
        assert (theirs["logits"].argmax(1) == logits.argmax(1)).mean() > 0.97


def test_onnxs_own_slow_reference_computes_the_same(runner):
    """A second implementation of every operator, in Python, that shares nothing with onnxruntime."""
    if runner.network(Setting()).slug != "small":
        pytest.skip("the reference takes a minute for larger networks")
    network = engine.to_integers(runner, Setting())
    pixels = runner.test.pixels[:4]
    (theirs,) = ReferenceEvaluator(onnx.load_from_string(export(network, "qlinear"))).run(["logits"], {"picture": as_read(pixels)})
    assert np.abs(theirs - network.logits(pixels)).max() < 2 * network.layers[-1].grid.scale  # its float rounding is numpy's


@pytest.mark.parametrize("seed", range(3))
def test_one_qlinear_conv_and_one_qlinear_matmul_at_ties_and_beyond_the_ends(seed):
    rng = np.random.default_rng(seed)
    w, x = rng.integers(-127, 128, (4, 8)).astype(np.int8), rng.integers(0, 256, (50, 1, 1, 8), dtype=np.uint8)
    a, b, out = np.float32(0.02), np.float32(0.05), np.float32([0.001, 0.05, 0.5][seed])
    grid = Grid(float(out), 100, 0, 255)
    graph = Graph("matmul")
    flat = graph.node("Flatten", "picture")
    scalar = [graph.constant(np.asarray(v)) for v in (a, np.uint8(9), b, np.int8(0), out, np.uint8(100))]
    y = graph.node("QLinearMatMul", flat, *scalar[:2], graph.constant(np.ascontiguousarray(w.T)), *scalar[2:])
    graph.output("logits", y, np.uint8, 2)
    z = graph.node("QLinearConv", "picture", *scalar[:2], graph.constant(w.reshape(4, 8, 1, 1)), *scalar[2:])
    graph.output("conv", z, np.uint8, 4)
    theirs = Session(graph.model((1, 1, 8)), "none").run(x)
    sums = (x.reshape(50, 8).astype(np.int64) - 9) @ w.T.astype(np.int64)
    mine = REQUANTIZERS["float"](sums, np.array([float(a) * float(b)]), grid)
    assert np.array_equal(theirs["logits"], mine) and np.array_equal(theirs["conv"].reshape(50, 4), mine)


def test_the_float_form_is_the_network_without_quantizers(runner):
    network = engine.to_integers(runner, Setting(weight_spec=PER_CHANNEL))
    theirs = Session(export(network, "float")).run(runner.test.pixels)["logits"]
    weights_alone = runner.logits(Setting(activations=None, inputs=None, weight_spec=PER_CHANNEL))
    assert np.abs(theirs - weights_alone).max() < 0.05 * np.abs(weights_alone).max()  # biases stand on the integer network's steps


def test_an_unknown_form_is_refused_with_those_there_are(runner):
    with pytest.raises(ValueError, match=", ".join(FORMS)):
        export(engine.to_integers(runner, Setting()), "tflite")


def test_latency_is_measured_for_one_picture():
    network = engine.to_integers(engine.Runner(*engine.shipped("small"), images=8), Setting())
    session, pixels = Session(export(network, "qlinear"), "all"), as_read(np.zeros((8, 8, 8, 1), np.uint8))
    summary = latency("qlinear", np.array([session.seconds(pixels) for _ in range(20)]), 8, 1)
    assert 0 < summary.low <= summary.median <= summary.high and summary.runs == 20
