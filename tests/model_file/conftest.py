"""A small model of every format: the same tensors, so that one table says what each reader must give."""

import json

import gguf
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file


@pytest.fixture(scope="session")
def state():
    random = np.random.default_rng(3)
    return {
        "embed.weight": random.standard_normal((40, 256)).astype(np.float32),
        "layers.0.mlp.weight": random.standard_t(4, (30, 256)).astype(np.float16),
        "norm.weight": np.linspace(0.5, 1.5, 256, dtype=np.float32),
        "ids": np.arange(7, dtype=np.int64),
    }


def _onnx(state, path, **kind):
    tensors = [numpy_helper.from_array(x, name) for name, x in state.items()]
    constant = helper.make_node("Constant", [], ["made"], value=helper.make_tensor("", TensorProto.FLOAT, [3], [1.0, 2.0, 4.0]))
    graph = helper.make_graph([constant], "g", [], [helper.make_tensor_value_info("made", TensorProto.FLOAT, [3])], tensors)
    onnx.save_model(helper.make_model(graph), path, **kind)
    return path


@pytest.fixture(scope="session")
def files(state, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_file(state, folder / "m.safetensors")
    shards = folder / "sharded"
    shards.mkdir()
    names = list(state)
    parts = {"a.safetensors": names[:2], "b.safetensors": names[2:]}
    for file, some in parts.items():
        save_file({name: state[name] for name in some}, shards / file)
    table = {name: file for file, some in parts.items() for name in some}
    (shards / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    np.savez(folder / "m.npz", **state)
    np.savez_compressed(folder / "small.npz", **state)
    torch.save({name: torch.from_numpy(x) for name, x in state.items()}, folder / "m.pt")
    writer = gguf.GGUFWriter(folder / "m.gguf", "test")
    writer.add_array("tokenizer.ggml.tokens", ["a", "bc", ""])
    for name, x in state.items():
        writer.add_tensor(name, x)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    _onnx(state, folder / "m.onnx")
    outside = folder / "outside"
    outside.mkdir()
    _onnx(state, outside / "m.onnx", save_as_external_data=True, location="m.data", size_threshold=0)
    return {
        "safetensors": folder / "m.safetensors",
        "shards": shards / "model.safetensors.index.json",
        "npz": folder / "m.npz",
        "compressed npz": folder / "small.npz",
        "state_dict": folder / "m.pt",
        "gguf": folder / "m.gguf",
        "onnx": folder / "m.onnx",
        "onnx with external data": outside / "m.onnx",
    }
