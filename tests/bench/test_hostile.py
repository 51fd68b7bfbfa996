"""Files that are made to hurt the bench: each ends in one sentence, soon, and without the memory that it asks for."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from quantlab.bench.files import of_files
from quantlab.bench.model import LONGEST_NAME, Model, layers_of, read_model
from quantlab.bench.pictures import picture_examples
from quantlab.bench.report import report_steps
from quantlab.progress import finish

PRODUCT = helper.make_node("MatMul", ["x", "w"], ["y"], name="fc")
RNG = np.random.default_rng(0)
W = RNG.normal(size=(4, 4)).astype(np.float32)


def model(*nodes: onnx.NodeProto, constants: tuple[onnx.TensorProto, ...] = (), functions: tuple[onnx.FunctionProto, ...] = ()) -> bytes:
    """A product of 4 x 4, or these nodes, which read x and w."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 4]) for name in "xy"]
    every = [*constants] + ([] if any(t.name == "w" for t in constants) else [numpy_helper.from_array(W, "w")])
    graph = helper.make_graph([*nodes] or [PRODUCT], "g", ends[:1], ends[1:], every)
    opset = [helper.make_opsetid("", 19)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=9, functions=functions).SerializeToString())


def named(names: Sequence[str]) -> bytes:
    """A chain of products whose nodes and arrays have these names."""
    ends = [*(f"{name}/out" for name in names[:-1]), "y"]
    nodes = [helper.make_node("MatMul", [x, f"{name}/w"], [y], name=name) for name, x, y in zip(names, ["x", *ends], ends, strict=False)]
    return model(*nodes, constants=tuple(numpy_helper.from_array(W, f"{name}/w") for name in names))


def examples() -> bytes:
    content = io.BytesIO()
    np.savez(content, x=RNG.random((40, 4), dtype=np.float32), y=np.arange(40) % 4)
    return content.getvalue()


def elsewhere(path: str) -> onnx.TensorProto:
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [4, 4], np.zeros(16))
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    return tensor


def chain(kind: str, count: int, *beside: str) -> list[onnx.NodeProto]:
    return [helper.make_node(kind, [f"t{i}" if i else "x", *beside], [f"t{i + 1}"]) for i in range(count)]


def within(count: int) -> bytes:
    branch = helper.make_graph(chain("Relu", count), "b", [], [helper.make_tensor_value_info(f"t{count}", TensorProto.FLOAT, ["N", 4])])
    choice = helper.make_node("If", ["c"], ["h"], then_branch=branch, else_branch=branch)
    return model(choice, helper.make_node("MatMul", ["h", "w"], ["y"]), constants=(numpy_helper.from_array(np.array(True), "c"),))


def nothing_of_a_huge_shape() -> bytes:
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [0], b"", raw=True)
    tensor.dims.append(1 << 62)
    return model(constants=(tensor,))


def function(kind: str) -> bytes:
    body = [helper.make_node("Constant", [], ["k"], value=elsewhere("/etc/hostname")), helper.make_node("MatMul", ["a", "k"], ["b"])]
    own = helper.make_function("", kind, ["a"], ["b"], body, [helper.make_opsetid("", 19)])
    return model(helper.make_node(kind, ["x"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"]), functions=(own,))


def filled(*shape: int) -> bytes:
    size = numpy_helper.from_array(np.array(shape), "size")
    kinds = (("ConstantOfShape", ["size"], "f"), ("ReduceMax", ["f"], "r"), ("Add", ["x", "r"], "h"), ("MatMul", ["h", "w"], "y"))
    return model(*(helper.make_node(kind, reads, [makes]) for kind, reads, makes in kinds), constants=(size,))


def computed(side: int) -> bytes:
    """As ``filled``, of side x side, which no shape in the file says."""
    half = numpy_helper.from_array(np.array([side, side]), "half")
    kinds = (("Identity", ["half"], "size"), ("ConstantOfShape", ["size"], "f"), ("ReduceMax", ["f"], "r"), ("Add", ["x", "r"], "h"))
    return model(
        *(helper.make_node(kind, reads, [makes]) for kind, reads, makes in kinds),
        helper.make_node("MatMul", ["h", "w"], ["y"]),
        constants=(half,),
    )


def written_in(opset: int, version: int = 9) -> bytes:
    proto = onnx.load_from_string(model())
    proto.opset_import[0].version, proto.ir_version = opset, version
    return bytes(proto.SerializeToString())


def in_double() -> bytes:
    proto = onnx.load_from_string(
        model(helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["h", "w"], ["y"]))
    )
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    return bytes(proto.SerializeToString())


def in_bfloat16() -> list[onnx.NodeProto]:
    there, back = (
        helper.make_node("Cast", ["x"], ["h"], to=TensorProto.BFLOAT16),
        helper.make_node("Cast", ["g"], ["k"], to=TensorProto.FLOAT),
    )
    return [there, helper.make_node("Erf", ["h"], ["g"]), back, helper.make_node("MatMul", ["k", "w"], ["y"])]


def shaped(kind: str, *numbers: int) -> list[onnx.NodeProto]:
    """An operator that reads x and these whole numbers, and a product."""
    value = helper.make_node("Constant", [], ["s"], value_ints=list(numbers))
    more = {"axis": 1} if kind == "Gather" else {}
    return [value, helper.make_node(kind, ["x", "s"], ["h"], **more), helper.make_node("MatMul", ["h", "w"], ["y"])]


MODELS = {
    "weights outside of the folder": (lambda: model(constants=(elsewhere("../../etc/passwd"),)), "weights inside"),
    "weights at a place of the machine": (lambda: model(constants=(elsewhere("/etc/passwd"),)), "weights inside"),
    "a function that reads a file": (lambda: function("Own"), "no sound ONNX"),
    "an operator of ONNX replaced": (lambda: function("Relu"), "no sound ONNX"),
    "a cycle": (lambda: model(helper.make_node("Add", ["x", "y"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"])), "no sound ONNX"),
    "many operators within a branch": (lambda: within(11_000), "22002 operators"),
    "many layers": (lambda: model(*chain("MatMul", 501, "w")), "501 convolutions and products"),
    "layers among many operators": (lambda: model(*chain("MatMul", 200, "w"), *chain("Relu", 9000)), "200 layers among 9200 operators"),
    "nothing of a huge shape": (nothing_of_a_huge_shape, "cannot be read"),
    "a constant of 10^12 numbers": (lambda: filled(10**6, 10**6), "at most 67108864"),
    "a constant of 10^12 numbers whose size is computed": (lambda: computed(10**6), "more memory in ConstantOfShape"),
    "less than nothing": (lambda: filled(-5, 3), "ConstantOfShape arrays whose shapes"),
    "an opset of the future": (lambda: written_in(99), "newer .opset 99."),
    "a file format of the future": (lambda: written_in(19, 99), "newer"),
    "an operator that there is none of": (lambda: model(helper.make_node("Guess", ["x"], ["y"])), "'Guess', which ONNX does not have"),
    "an operator of somebody else": (lambda: model(helper.make_node("Foo", ["x"], ["y"], domain="<b>" * 99)), "own operators alone"),
    "types that nobody computes in": (lambda: model(*in_bfloat16()), "Erf with types"),
    "factors of two types": (
        lambda: model(constants=(numpy_helper.from_array(W.astype(np.int64), "w"),)),
        "no convolution or product with constant float32",
    ),
    "shapes that do not fit": (lambda: model(constants=(numpy_helper.from_array(W[:3], "w"),)), "MatMul arrays whose shapes"),
    "a shape that only a run shows": (lambda: model(*shaped("Reshape", 7, 4)), "Reshape arrays whose shapes"),
    "a place beyond the end": (lambda: model(*shaped("Gather", 0, 1, 2, 9)), "stops in Gather"),
    "an input from nowhere": (lambda: model(helper.make_node("MatMul", ["q", "w"], ["y"])), "no sound ONNX"),
    "an attribute of another type": (
        lambda: model(helper.make_node("Gemm", ["x", "w"], ["y"], transB="a")),
        "no sound ONNX|cannot be loaded",
    ),
    "examples of another type": (in_double, "tensor.double"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_made_to_hurt_is_refused_in_one_sentence(name: str) -> None:
    content, words = MODELS[name]
    with pytest.raises(ValueError, match=words) as refused:
        finish(report_steps(of_files((HURTING, content()), ("d.npz", examples()))))
    check_sentence(str(refused.value))


HURTING = "<img src=x onerror=alert(1)>](javascript:alert(1))\n\u202e" + "m" * 10_000 + ".onnx"  # a file's name


def check_sentence(text: str) -> None:
    """One short sentence of ours: no line, path or code of the runtime's own."""
    assert "\n" not in text and text.isprintable() and len(text) <= 250 and text.endswith("."), text
    assert "ONNXRuntimeError" not in text and not re.search(r"(?:^|[\s(])/\w", text) and "0x" not in text, text


def test_names_of_layers_are_one_short_line() -> None:
    for name in ("a" * 1_000_000, "<img src=x>\n\u202e"):
        (layer,) = layers_of(read_model("m.onnx", model(helper.make_node("MatMul", ["x", "w"], ["y"], name=name))))
        assert layer.name.isprintable() and len(layer.name) <= LONGEST_NAME + 1


@pytest.fixture(scope="module")
def of_pictures() -> Model:
    weight = numpy_helper.from_array(RNG.normal(size=(2, 1, 3, 3)).astype(np.float32), "w")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", c, 8, 8]) for name, c in (("x", 1), ("y", 2))]
    graph = helper.make_graph([helper.make_node("Conv", ["x", "w"], ["y"], pads=[1] * 4)], "g", ends[:1], ends[1:], [weight])
    opset = [helper.make_opsetid("", 19)]
    return read_model("m.onnx", helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString())


def packed(*files: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


def picture(value: int = 0) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (9, 9), (value, 0, 0)).save(content, "PNG")
    return content.getvalue()


def rows(text: str, encoding: str = "utf-8") -> tuple[str, bytes]:
    return "labels.csv", text.encode(encoding)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a/1.png", picture()), rows("1.png,=1+1\n")], "is no number"),
        ([("a/1.png", picture()), rows("1.png,99999999999999999999\n")], "64 bits"),
        ([("a/1.png", picture()), rows("1.png," + "9" * 6000 + "\n")], "NaN or infinity|too little"),
        ([("a/1.png", picture()), rows("1.png,1\n" * 300_000)], "once more"),
        ([("a/1.png", picture()), ("b/1.png", picture()), rows("1.png,1\n2.png,0\n")], "names no picture"),
        ([("a/1.png", picture()), rows("1.png,1," + "s" * 70 + "\n")], "slice by 70 characters"),
        ([("a/1.png", picture()), rows("1.png,1\n", "utf-16")], "no table in UTF-8"),
        ([("a/1.png", picture()), rows("1.png;1\n2.png;2\n")], "has no line|names no picture"),
        ([("/a/1.png", picture())], "absolute"),
        ([("a/1.png", bytes(65 << 20))], "at most"),
        ([(f"a/{i}.png", b"") for i in range(20_001)], "more than 20000 files"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_zip_made_to_hurt_is_refused_in_one_sentence(files: list[tuple[str, bytes]], said: str, of_pictures: Model) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        picture_examples("p.zip", packed(*files), of_pictures, "unit")
    check_sentence(str(refused.value))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_pictures_of_one_name_are_refused(of_pictures: Model) -> None:
    content = packed(("a/1.png", picture()), ("a/1.png", picture(9)), rows("a/1.png,1\n"))
    with pytest.raises(ValueError, match="two pictures of one name"):
        picture_examples("p.zip", content, of_pictures, "unit")
