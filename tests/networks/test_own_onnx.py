"""An ONNX file becomes a network that computes what torch and onnxruntime compute, or is refused in a sentence; nothing in it runs."""

import io
import pickle
import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from quantlab.networks import engine
from quantlab.networks.settings import Setting
from tests.integer.test_conversion import random_pictures
from tests.networks.test_own_modules import Residual, Sequence

X = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))


class Odds(nn.Module):
    """A mean by axes, a product of matrices with a bias apart, a norm that nothing folds, a mean under a window."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.conv, self.pool = nn.BatchNorm2d(3), nn.Conv2d(3, 6, (1, 3), stride=(1, 2), padding=(0, 1)), nn.AvgPool2d(2)
        self.weight, self.bias = nn.Parameter(torch.randn(6, 4)), nn.Parameter(torch.randn(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(torch.relu(self.conv(self.norm(x))))
        return x.mean((2, 3)) @ self.weight + self.bias


def exported(module: nn.Module) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (X,), file, dynamo=False, opset_version=17, do_constant_folding=True)
    return file.getvalue()


@pytest.mark.parametrize("make", [Residual, Sequence, Odds])
def test_a_file_of_torch_is_read_and_computes_the_same(make):
    torch.manual_seed(5)
    module = make().eval()
    content = exported(module)
    network = engine.read_onnx("model.onnx", content)
    with torch.inference_mode():
        mine, theirs = network(X).numpy(), module(X).numpy()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (runtime,) = session.run(None, {session.get_inputs()[0].name: X.numpy()})
    assert np.abs(mine - theirs).max() < 1e-5 and np.abs(mine - runtime).max() < 1e-5


def test_a_file_is_converted_to_integers_like_any_network():
    torch.manual_seed(6)
    network = engine.read_onnx("model.onnx", exported(Residual().eval()))
    runner = engine.Runner(network, random_pictures(2), images=16)
    exact = runner.logits(Setting(None, None, None))
    integer = engine.to_integers(runner, Setting(calibration=20)).logits(runner.test.pixels)
    assert np.abs(integer - exact).max() < 0.06 * np.abs(exact).max()


def graph_of(nodes, weights=(), inputs=1, outputs=1) -> bytes:
    values = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, [None, 3, 8, 8]) for i in range(inputs)]
    results = [helper.make_tensor_value_info(f"y{i}", TensorProto.FLOAT, None) for i in range(outputs)]
    for result in results:
        result.type.tensor_type.shape.dim.add()
    graph = helper.make_graph(nodes, "g", values, results, [numpy_helper.from_array(np.asarray(w), name) for name, w in weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


W = ("w", np.zeros((4, 3, 3, 3), np.float32))
node = helper.make_node


def external() -> bytes:
    model = onnx.load_from_string(graph_of([node("Conv", ["x0", "w"], ["y0"])], [W]))
    weight = model.graph.initializer[0]
    weight.data_location = TensorProto.EXTERNAL
    weight.ClearField("raw_data")
    entry = weight.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    return model.SerializeToString()


REFUSED = {
    "an operator that is not supported": (graph_of([node("Sigmoid", ["x0"], ["y0"])]), "holds the operator .Sigmoid., which is not supported"),
    "a dilation": (graph_of([node("Conv", ["x0", "w"], ["y0"], dilations=[2, 2])], [W]), "use dilation=1"),
    "uneven padding": (graph_of([node("Conv", ["x0", "w"], ["y0"], pads=[0, 0, 1, 1])], [W]), "pad both sides alike"),
    "padding by itself": (graph_of([node("Conv", ["x0", "w"], ["y0"], auto_pad="SAME_UPPER")], [W]), "write the padding as numbers"),
    "groups that do not divide": (graph_of([node("Conv", ["x0", "w"], ["y0"], group=3)], [W]), "sizes that do not go together"),
    "a clip elsewhere": (graph_of([node("Clip", ["x0", "a", "b"], ["y0"])], [("a", np.float32(0)), ("b", np.float32(3))]), "use nn.ReLU6"),
    "no weights": (graph_of([node("Relu", ["x0"], ["y0"])]), "a network with weights"),
    "a constant added": (graph_of([node("Add", ["x0", "c"], ["y0"])], [("c", np.float32(1))]), "no bias of a linear layer"),
    "two inputs": (graph_of([node("Add", ["x0", "x1"], ["y0"])], inputs=2), "2 inputs and 1 outputs"),
    "infinite weights": (graph_of([node("Conv", ["x0", "w"], ["y0"])], [("w", np.full((4, 3, 3, 3), np.inf, np.float32))]), "NaN or infinity"),
    "weights elsewhere": (external(), "no sound ONNX file|keeps weights in another file"),
    "a pickle": (pickle.dumps({"a": 1}), "no sound ONNX file"),
    "a file cut short": (exported(Sequence().eval())[:-500], "no sound ONNX file"),
    "nothing": (b"", "."),
}  # fmt: skip


@pytest.mark.parametrize("content, said", REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_read_is_refused_in_one_sentence(content, said):
    with pytest.raises(ValueError, match=said) as problem:
        engine.read_onnx("model.onnx", content)
    assert str(problem.value).endswith(".") and "\n" not in str(problem.value)


def test_the_pictures_are_those_whose_size_and_classes_fit():
    torch.manual_seed(0)
    wide = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 20)).eval()
    assert engine.pictures_for(engine.wrap_module(wide)) == "patches"
    assert engine.pictures_for(engine.shipped("small")[0]) == "digits" and engine.pictures_for(engine.shipped("plain")[0]) == "patches"
    with pytest.raises(ValueError, match="none of ours: export one for 3 x 32 x 32 pixels with 20 classes"):
        engine.pictures_for(engine.wrap_module(Residual().eval()))


def test_a_file_that_would_fill_the_memory_is_refused_before_anything_is_computed():
    weights = [("w", np.zeros((2, 3, 1, 1), np.float32)), ("v", np.zeros((2, 20), np.float32))]
    nodes = [node("Conv", ["x0", "w"], ["a"], pads=[50_000] * 4), node("GlobalAveragePool", ["a"], ["b"]), node("Flatten", ["b"], ["c"])]
    network = engine.read_onnx("model.onnx", graph_of([*nodes, node("Gemm", ["c", "v"], ["y0"])], weights))
    with pytest.raises(ValueError, match="use a smaller network"):
        engine.pictures_for(network)
