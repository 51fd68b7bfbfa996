"""Do tensors of GGUF and ONNX files come as their own libraries read them, and are files that lie refused?"""

from __future__ import annotations

import numpy as np
import pytest

from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.files import notes_of

W = np.random.default_rng(0).normal(size=(8, 256)).astype(np.float32)


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory):
    gguf = pytest.importorskip("gguf")
    path = tmp_path_factory.mktemp("gguf") / "m.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tensor("norm", W[0])
    for kind in ("Q4_0", "Q8_0"):
        writer.add_tensor(kind, gguf.quants.quantize(W, gguf.GGMLQuantizationType[kind]), raw_dtype=gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def test_gguf_s_blocks_are_dequantized_as_its_package_does_and_matrices_come_first(gguf_file):
    import gguf

    assert [(info.name, info.shape, info.dtype) for info in list_tensors("m.gguf", gguf_file)] == [
        ("Q4_0", (8, 256), "float32"), ("Q8_0", (8, 256), "float32"), ("norm", (256,), "float32"),
    ]  # fmt: skip
    for kind in ("Q4_0", "Q8_0"):
        code = gguf.GGMLQuantizationType[kind]
        expected = gguf.quants.dequantize(gguf.quants.quantize(W, code), code)
        assert np.array_equal(load_tensor("any.bin", gguf_file, kind), expected)
    assert np.array_equal(load_tensor("m.gguf", gguf_file, "norm"), W[0])
    assert notes_of("m.gguf", gguf_file) == ["Blocks of q4_0, q8_0 are dequantized."]


@pytest.mark.parametrize("cut", [4, 20, 60, 150])
def test_a_gguf_file_that_is_cut_off_is_refused_in_a_sentence(gguf_file, cut):
    with pytest.raises(ValueError, match="cut off"):
        list_tensors("m.gguf", gguf_file[:cut])


def test_a_gguf_file_without_its_last_values_keeps_the_others(gguf_file):
    short = gguf_file[:-500]
    assert "Q4_0" in {info.name for info in list_tensors("m.gguf", short)}
    assert any("cut off" in note for note in notes_of("m.gguf", short))
    with pytest.raises(ValueError, match="claims 1099511627776 tensors"):
        list_tensors("m.gguf", gguf_file[:8] + (1 << 40).to_bytes(8, "little") + gguf_file[16:])


def model(nodes, initializers):
    onnx = pytest.importorskip("onnx")
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = onnx.helper.make_graph(nodes, "g", [], [output], [onnx.numpy_helper.from_array(x, name) for name, x in initializers.items()])
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)


CODES = np.random.default_rng(1).integers(-128, 128, (6, 8)).astype(np.int8)
CASES = {
    "one scale": (np.float32(0.02), np.int8(3), {}),
    "an axis": (np.linspace(0.01, 0.06, 6, dtype=np.float32), np.arange(6, dtype=np.int8), {"axis": 0}),
    "the usual axis, no zero point": (np.linspace(0.01, 0.08, 8, dtype=np.float32), None, {}),
    "an axis from the end": (np.linspace(0.01, 0.08, 8, dtype=np.float32), np.arange(8, dtype=np.int8), {"axis": -1}),
    "blocks": (np.random.default_rng(2).random((6, 2)).astype(np.float32), None, {"axis": 1, "block_size": 4}),
}


@pytest.mark.parametrize("case", CASES)
def test_codes_of_a_qdq_graph_are_what_onnxruntime_makes_of_them(case):
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    scale, zero, attributes = CASES[case]
    given = {"w": CODES, "s": np.asarray(scale)} | ({} if zero is None else {"z": np.asarray(zero)})
    made = model([onnx.helper.make_node("DequantizeLinear", list(given), ["y"], **attributes)], given)
    data = made.SerializeToString()
    (expected,) = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {})
    assert np.array_equal(load_tensor("m.onnx", data, "w"), expected)
    assert list_tensors("m.onnx", data)[0].name == "w" and "dequantized" in notes_of("m.onnx", data)[0]


def test_initializers_that_are_no_codes_come_as_they_are_and_shapes_that_lie_are_refused():
    onnx = pytest.importorskip("onnx")
    data = model(
        [onnx.helper.make_node("Identity", ["a"], ["y"])], {"n": np.arange(3), "a": W, "half": W[:2].astype(np.float16)}
    ).SerializeToString()
    assert [info.name for info in list_tensors("m.onnx", data)] == ["a", "half", "n"]
    assert np.array_equal(load_tensor("m.onnx", data, "a"), W) and load_tensor("m.onnx", data, "n").tolist() == [0, 1, 2]
    wrong = model([onnx.helper.make_node("DequantizeLinear", ["w", "s"], ["y"])], {"w": CODES, "s": np.ones(5, np.float32)})
    with pytest.raises(ValueError, match="does not fit codes of shape"):
        load_tensor("m.onnx", wrong.SerializeToString(), "w")
    with pytest.raises(ValueError, match="is not a sound ONNX file|is in no known format|holds no initializer"):
        list_tensors("m.onnx", data[:40])
    with pytest.raises(ValueError, match="sound ONNX|no initializer"):
        list_tensors("m.onnx", b"\x08\x09\x12\xff\xff\xff\xff\x7f" + bytes(40))
