"""Do torchao and onnxruntime do with an exported plan what the plan says, and does llama-quantize's own reading of it find each tensor alone?"""

import json
import re
import shlex
import shutil
import subprocess

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

import quantlab as ql
from quantlab.model_file.configurations import llama_cpp, onnxruntime, torchao
from quantlab.model_file.opening import open_model
from quantlab.model_file.rules import chosen, rules_of
from quantlab.model_file.writing import write_gguf_steps
from quantlab.progress import finish

RANDOM = np.random.default_rng(11)


def plan_of(model, rules):
    return {t.name: chosen(t, rules_of(rules)) for t in model.tensors}


def opened(tmp_path, tensors):
    save_file(tensors, tmp_path / "m.safetensors")
    return open_model(tmp_path / "m.safetensors")


def test_torchao_quantizes_each_module_as_the_plan_says_and_leaves_the_others(tmp_path):
    pytest.importorskip("torchao")
    import torch

    names = ("embed", "rows", "affine", "small", "floats", "left", "odd")
    net = torch.nn.ModuleDict(
        {name: torch.nn.Linear(40 if name == "odd" else 128, 32) for name in names} | {"norm": torch.nn.LayerNorm(128)}
    )
    before = {name: x.detach().numpy().copy() for name, x in net.state_dict().items()}
    model = opened(tmp_path, before)
    rules = "embed: 8 bits, rows: int4-row, affine: int3a-64, small: int5-32, floats: fp8-row, left: leave, vectors: leave, rest: int4a-64"
    text = torchao(model, plan_of(model, rules))
    exec(text, {"model": net})
    stayed = {name for name, x in net.state_dict().items() if type(x) in (torch.Tensor, torch.nn.Parameter) and name.endswith("weight")}
    assert stayed == {"left.weight", "odd.weight", "norm.weight"}, "left, or no multiple of the group"
    assert "# odd.weight: its rows of 40 values are no multiple of 64" in text
    ours = {
        "embed": ql.QuantSpec("int-symmetric", 8, granularity=ql.per_channel(0)),
        "rows": ql.QuantSpec("int-symmetric", 4, granularity=ql.per_channel(0)),
        "affine": ql.QuantSpec("int-asymmetric", 3, granularity=ql.per_group(64)),
        "small": ql.QuantSpec("int-symmetric", 5, granularity=ql.per_group(32)),
        "floats": ql.QuantSpec("float", format="e4m3fn", granularity=ql.per_channel(0)),
    }
    for name, spec in ours.items():
        w = before[f"{name}.weight"]
        theirs, own = net[name].weight.dequantize().float().detach().numpy(), ql.fake_quantize(w, spec)
        if name == "affine":
            assert np.allclose(theirs, own, rtol=1e-6, atol=0), "the same codes; scales differ in their last bit"
        assert abs(ql.metrics.sqnr_db(w, theirs) - ql.metrics.sqnr_db(w, own)) < 1, name


def test_torchao_is_given_no_name_that_it_reads_as_a_pattern(tmp_path):
    model = opened(
        tmp_path, {name: np.ones((4, 64), np.float32) for name in ("re:.*.weight", "_default.weight", "a.weight", "b", "c.bias")}
    )
    text = torchao(model, plan_of(model, "rest: 8 bits"))
    assert re.findall(r"^    (.*): Int8", text, re.MULTILINE) == ['"a"'] and text.count("read as a pattern") == 2


@pytest.mark.parametrize("bits", ["int8-row", "int8-tensor"])
def test_onnxruntime_quantizes_what_the_plan_does_not_leave_with_our_scale(tmp_path, bits):
    import onnx
    from onnx import helper, numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic

    w = {name: RANDOM.standard_normal((16, 16)).astype(np.float32) for name in ("first", "left")}
    nodes = [helper.make_node("MatMul", ["x", "first"], ["a"], name="m"), helper.make_node("MatMul", ["a", "left"], ["y"], name="l")]
    ends = [helper.make_tensor_value_info(name, 1, [None, 16]) for name in "xy"]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], [numpy_helper.from_array(x, name) for name, x in w.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), tmp_path / "m.onnx")
    model = open_model(tmp_path / "m.onnx")
    said = json.loads(onnxruntime(model, plan_of(model, f"left: leave, rest: {bits}")))
    assert said["weights_to_leave"] == ["left"] and not said["not_said"]
    leave = [node.name for node in nodes if set(node.input) & set(said["weights_to_leave"])]
    kind = QuantType[said["weight_type"]]
    quantize_dynamic(tmp_path / "m.onnx", tmp_path / "q.onnx", weight_type=kind, per_channel=said["per_channel"], nodes_to_exclude=leave)
    found = {t.name: numpy_helper.to_array(t) for t in onnx.load(tmp_path / "q.onnx").graph.initializer}
    assert np.array_equal(found["left"], w["left"])
    spec = ql.QuantSpec("int-symmetric", 8, granularity=ql.per_channel(1) if said["per_channel"] else ql.per_tensor())
    assert np.array_equal(found["first_quantized"], ql.quantize(w["first"], spec).codes)
    assert np.allclose(found["first_scale"].reshape(-1), np.abs(w["first"]).max(axis=0 if said["per_channel"] else None) / 127)


NAMES = ["blk.0.attn_q.weight", "blk.0.attn_q_weight", "BLK.0.attn_q.weight", "blk.10.attn_q.weight", "a=b.weight", "a", "aa", "^a$"]
NAMES += [
    "x y",
    "x'; touch y; '",
    "w[0](1){2}|*+?",
    "back\\slash",
    "$HOME`id`",
    "ünïcode.weight",
    "tab\there",
    "q8_0=",
    "--help",
    "#c",
    "J",
    "j",
]


def parsed(argument):
    """What llama-quantize makes of --tensor-type's value: cut at the first =, the pattern made small, then searched in the name."""
    pattern, sign, kind = argument.partition("=")
    assert pattern and sign and kind.lower() == kind and kind in ("q8_0", "q4_k", "f16", "f32", "bf16")
    small = "".join(c.lower() if c.isascii() else c for c in pattern)
    assert not re.search(r"\\[^.x]", small), "no escape but \\. and \\xHH, which all readers of ECMAScript take"
    return re.compile(small), kind


def test_llama_quantize_finds_each_tensor_alone_whatever_it_is_called(tmp_path):
    model = opened(tmp_path, {name: np.ones((4, 256), np.float32) for name in NAMES} | {"ids": np.ones((3, 4), np.int64)})
    text = llama_cpp(model, plan_of(model, "ids: leave, /^a/: leave, rest: q8_0"))
    words = shlex.split(text, comments=True)
    given = [parsed(word) for flag, word in zip(words, words[1:], strict=False) if flag == "--tensor-type"]
    for name in NAMES:
        kinds = [kind for pattern, kind in given if pattern.search(name)]
        assert kinds == ([] if name == "tab\there" else ["f32"] if name.startswith("a") else ["q8_0"]), name
    assert "# tab\\there: its name cannot stand" in text and words[0] == "llama-quantize" and words[-1] == "q8_0"
    flags = [word for word in words[1:-3] if word not in ("--tensor-type", "\n")]
    assert len(flags) == len(given) == len(NAMES) - 1, "nothing else stands in the command"


GGML = ("q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "iq4_nl", "iq4_xs", "tq1_0", "tq2_0", "gguf-mxfp4")


def test_llama_quantize_does_what_the_plan_says_bit_for_bit_and_reads_what_is_written_here(tmp_path):
    program = shutil.which("llama-quantize")
    if program is None:
        pytest.skip("llama-quantize is not on the path: docs/model-file.md says how it is built")
    writer = gguf.GGUFWriter(tmp_path / "model-f16.gguf", "llama")
    for add, number in (("block_count", len(GGML)), ("context_length", 32), ("embedding_length", 256), ("feed_forward_length", 256)):
        getattr(writer, f"add_{add}")(number)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-5)
    for k in range(len(GGML)):
        writer.add_tensor(f"blk.{k}.ffn_down.weight", RANDOM.standard_normal((8, 256)).astype(np.float16))
    writer.add_tensor("blk.0.ffn_up.weight", RANDOM.standard_normal((8, 256)).astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    model = open_model(tmp_path / "model-f16.gguf")
    plan = plan_of(model, ", ".join([*(f"blk.{k}.ffn_down: {kind}" for k, kind in enumerate(GGML)), "rest: leave"]))
    subprocess.run(["bash", "-c", llama_cpp(model, plan)], cwd=tmp_path, check=True, capture_output=True)
    finish(write_gguf_steps(model, plan, tmp_path / "ours.gguf", tmp_path / "model-f16.gguf"))
    subprocess.run([program, "--allow-requantize", "ours.gguf", "copy.gguf", "COPY"], cwd=tmp_path, check=True, capture_output=True)
    theirs, ours, copied = (
        {t.name: (t.tensor_type.name.lower(), t.data.tobytes()) for t in gguf.GGUFReader(tmp_path / f"{name}.gguf").tensors}
        for name in ("model-plan", "ours", "copy")
    )
    assert {name: kind for name, (kind, _) in theirs.items()} == {n: o.ggml if o else "f16" for n, o in plan.items()}
    assert theirs == ours == copied
