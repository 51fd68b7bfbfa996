"""Plans as other software takes them: each name leads to its own tensor, and no name of a file becomes a command or a line."""

import ast
import json
import re
import shlex

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

from quantlab.cli import main
from quantlab.cli.tables import FORMS, written
from quantlab.model_file.configurations import llama_cpp, onnxruntime, torchao
from quantlab.model_file.opening import open_model
from quantlab.model_file.rules import chosen, rules_of

EVIL = "a'; touch /tmp/x; '\x1b[2J\nimport os"


@pytest.fixture(scope="module")
def model(files):
    return open_model(files["safetensors"])


def plan(model, text):
    return {t.name: chosen(t, rules_of(text)) for t in model.tensors}


def test_llama_cpp_is_given_one_type_for_each_tensor_by_a_pattern_that_fits_it_alone(model):
    words = shlex.split(llama_cpp(model, plan(model, "norm: leave, embed: q8_0, rest: q4_k")), comments=True)
    given = {}
    for pattern, _, kind in (word.rpartition("=") for flag, word in zip(words, words[1:], strict=False) if flag == "--tensor-type"):
        (name,) = [t.name for t in model.tensors if re.search(pattern, t.name)]
        given[name] = gguf.GGMLQuantizationType[kind.upper()].name
    assert given == {"embed.weight": "Q8_0", "layers.0.mlp.weight": "Q4_K"}
    assert "^embed\\.weight$=f32" in llama_cpp(model, plan(model, "embed: leave")), "a matrix that stays is said to"
    assert "# embed.weight: nf4-64 is no type" in llama_cpp(model, plan(model, "embed: nf4-64"))


def test_torchao_is_given_a_program_with_a_configuration_for_each_module(model):
    tree = ast.parse(torchao(model, plan(model, "embed: 8 bits, norm: leave, rest: int4a-64")))
    (table,) = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    given = {key.value: ast.unparse(value) for key, value in zip(table.keys, table.values, strict=True)}
    assert given == {
        "embed": "Int8WeightOnlyConfig()",
        "layers.0.mlp": "IntxWeightOnlyConfig(torch.int4, PerGroup(64), MappingType.ASYMMETRIC)",
    }
    assert "# embed.weight: nf4-64 has no" in torchao(model, plan(model, "embed: nf4-64"))


def test_onnxruntime_is_told_what_stays_and_what_it_cannot_do(model):
    said = json.loads(onnxruntime(model, plan(model, "embed: 8 bits, norm: leave, rest: q4_0")))
    assert (
        said["per_channel"] and said["weights_to_leave"] == ["ids", "norm.weight"] and said["not_said"] == {"layers.0.mlp.weight": "q4_0"}
    )


def test_a_name_out_of_a_file_is_no_command_no_line_and_moves_no_cursor(tmp_path, capsys):
    save_file({EVIL: np.ones((4, 64), np.float32)}, tmp_path / "evil.safetensors")
    model = open_model(tmp_path / "evil.safetensors")
    for rules in ("rest: q8_0", "rest: nf4-64", "rest: 8 bits"):
        for text in (llama_cpp(model, plan(model, rules)), torchao(model, plan(model, rules))):
            assert not any(line.startswith("import os") for line in text.splitlines()) and "\x1b" not in text
            assert "touch" not in shlex.split(text, comments=True)
    for form in FORMS:
        for more in ([], ["--contents"], ["--plan", "torchao"], ["--sort", "error"]):
            assert main(["model", str(tmp_path / "evil.safetensors"), "--format", form, *more]) == 0
            shown = capsys.readouterr()
            assert "\x1b" not in shown.out + shown.err and "\nimport" not in shown.out + shown.err
    assert json.loads(written("json", [{"tensor": EVIL + "\x9b"}])) == [{"tensor": EVIL + "\x9b"}], "JSON keeps the name itself"
