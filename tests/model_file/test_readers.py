"""Every reader gives the tensors that another library wrote; hostile files end in one sentence."""

import json
import pickle
import zipfile

import gguf
import numpy as np
import pytest
import torch

from quantlab.model_file.opening import open_model
from quantlab.model_file.readers.gguf_types import TYPES

KINDS = ("safetensors", "shards", "npz", "compressed npz", "state_dict", "gguf", "onnx", "onnx with external data")


@pytest.mark.parametrize("kind", KINDS)
def test_each_reader_gives_what_another_library_wrote(files, state, kind):
    model = open_model(files[kind])
    for name, x in state.items():
        tensor = model[name]
        assert tensor.shape == x.shape and tensor.dtype == x.dtype.name and tensor.nbytes == x.nbytes
        assert np.array_equal(tensor.read(), x.astype(np.float32).reshape(tensor.rows, tensor.width))
        assert np.array_equal(np.concatenate(list(tensor.pieces(100))), x.ravel().astype(np.float32))
    model.release()
    assert np.array_equal(model["embed.weight"].read(), state["embed.weight"]), "released pages are read again"


def test_a_constant_of_onnx_is_a_tensor_too(files):
    assert open_model(files["onnx"])["made"].read().tolist() == [[1, 2, 4]]


def test_the_table_of_types_is_the_gguf_packages():
    assert {code: tuple(kind) for code, kind in TYPES.items()} == {
        int(kind): (kind.name.lower(), *size) for kind, size in gguf.GGML_QUANT_SIZES.items()
    }


def test_views_tied_and_transposed_tensors_of_torch(tmp_path):
    w = torch.randn(6, 4)
    torch.save({"model": {"w": w, "tied": w, "turned": w.T, "part": w[2:4]}, "b": torch.randn(3).bfloat16()}, tmp_path / "m.pt")
    model = open_model(tmp_path / "m.pt")
    assert np.array_equal(model["model.turned"].read(), w.T.numpy()) and np.array_equal(model["model.part"].read(), w[2:4].numpy())
    assert model["model.tied"].note == "shares its values with model.w" and not model["model.tied"].nbytes
    assert model["b"].dtype == "bfloat16"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_anywhere_ends_in_one_sentence_or_is_read(files, kind, tmp_path):
    if kind == "shards":
        return
    whole = files[kind].read_bytes()
    for size in [1, 5, 9, 40, *np.linspace(60, len(whole) - 1, 40).astype(int)]:
        path = tmp_path / files[kind].name
        path.write_bytes(whole[:size])
        try:
            for tensor in open_model(path).tensors:
                if not tensor.refused:
                    list(tensor.pieces())
        except ValueError as problem:
            assert "\n" not in str(problem) and len(str(problem)) < 400


@pytest.mark.parametrize("kind", ["safetensors", "state_dict", "gguf", "onnx"])
def test_changed_bytes_of_a_header_end_in_one_sentence_or_are_read(files, kind, tmp_path):
    whole, random = bytearray(files[kind].read_bytes()), np.random.default_rng(0)
    ends = {"state_dict": len(whole), "onnx": len(whole)}.get(kind, 600)
    for i in range(200):
        bad = bytearray(whole)
        for place in random.integers(0, ends, 3):
            bad[place] = random.integers(256)
        path = tmp_path / f"{i}{files[kind].suffix}"
        path.write_bytes(bad)
        try:
            for tensor in open_model(path).tensors:
                if not tensor.refused and tensor.size < 10**6:
                    list(tensor.pieces())
        except ValueError as problem:
            assert "\n" not in str(problem)


class _Runs:
    def __reduce__(self):
        return print, ("this ran",)


def test_a_pickle_that_calls_anything_is_refused_and_nothing_runs(tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps({"w": _Runs()}))
    with pytest.raises(ValueError, match="asks for"):
        open_model(tmp_path / "bad.pt")
    assert "this ran" not in capsys.readouterr().out
    (tmp_path / "bare.pt").write_bytes(pickle.dumps({"w": 1}))
    with pytest.raises(ValueError, match="bare pickle"):
        open_model(tmp_path / "bare.pt")


def test_an_index_cannot_point_outside_and_a_missing_shard_is_named(tmp_path):
    index = tmp_path / "model.safetensors.index.json"
    for file, words in (("../x.safetensors", "must lie beside"), ("gone.safetensors", "gone.safetensors.* is missing")):
        index.write_text(json.dumps({"weight_map": {"w": file}}))
        with pytest.raises(ValueError, match=words):
            open_model(index)
    index.write_text("[" * 100_000)
    with pytest.raises(ValueError, match="weight_map"):
        open_model(index)


def test_external_data_that_is_missing_or_lies_elsewhere_is_said_of_its_tensors(files, tmp_path):
    whole = files["onnx with external data"].read_bytes()
    (tmp_path / "m.onnx").write_bytes(whole)
    assert "is missing beside the model" in open_model(tmp_path / "m.onnx")["embed.weight"].refused
    (tmp_path / "m.onnx").write_bytes(whole.replace(b"m.data", b"../m.d"))
    assert "outside of the model's folder" in open_model(tmp_path / "m.onnx")["embed.weight"].refused


@pytest.mark.parametrize("kind", ["Q4_0", "Q5_1", "Q8_0"])
def test_blocks_of_gguf_are_read_as_its_own_package_reads_them(tmp_path, kind):
    x = np.random.default_rng(1).standard_normal((5, 96)).astype(np.float32)
    code = gguf.GGMLQuantizationType[kind]
    blocks = gguf.quants.quantize(x, code)
    writer = gguf.GGUFWriter(tmp_path / "q.gguf", "test")
    writer.add_tensor("w", blocks, raw_dtype=code)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    tensor = open_model(tmp_path / "q.gguf")["w"]
    assert tensor.dtype == kind.lower() and tensor.shape == x.shape
    assert np.array_equal(tensor.read(), gguf.quants.dequantize(blocks, code))
    assert np.array_equal(tensor.read(1, 3), gguf.quants.dequantize(blocks, code)[1:3])


@pytest.mark.parametrize("kind", ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"])
def test_super_blocks_are_read_at_any_place(tmp_path, kind):
    code = gguf.GGMLQuantizationType[kind]
    values, nbytes = gguf.GGML_QUANT_SIZES[code]
    blocks = np.random.default_rng(2).integers(0, 60, (3, 2 * nbytes), dtype=np.uint8)  # small bytes: scales are finite
    writer = gguf.GGUFWriter(tmp_path / "k.gguf", "test")
    writer.add_tensor("w", blocks, raw_dtype=code)
    written(writer)
    tensor, whole = open_model(tmp_path / "k.gguf")["w"], gguf.quants.dequantize(blocks, code)
    assert (tensor.dtype, tensor.shape, tensor.nbytes) == (kind.lower(), (3, 2 * values), blocks.nbytes)
    assert np.array_equal(tensor.read(2, 3), whole[2:]) and np.array_equal(np.concatenate(list(tensor.pieces(values))), whole.ravel())


def test_a_split_gguf_is_read_whole_from_any_of_its_parts_and_a_missing_one_is_named(state, tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "test", split_max_tensors=2)
    for name, x in state.items():
        writer.add_tensor(name, x)
    written(writer)
    parts = sorted(tmp_path.glob("*.gguf"))
    assert [p.name for p in parts] == ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]
    for part in (*parts, tmp_path):
        model = open_model(part)
        assert model.kind == "GGUF, 2 parts" and [t.name for t in model.tensors] == list(state)
        assert all(np.array_equal(model[name].read().ravel(), x.ravel().astype(np.float32)) for name, x in state.items())
    parts[1].unlink()
    with pytest.raises(ValueError, match="m-00002-of-00002.gguf.* is missing"):
        open_model(parts[0])


def written(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
