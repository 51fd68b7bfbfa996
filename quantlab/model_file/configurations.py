"""A plan as other software takes it, as far as it takes one: what it cannot say stands as a comment, not as something like it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable

from quantlab.model_file.names import printable
from quantlab.model_file.options import Option
from quantlab.model_file.report import Plan
from quantlab.model_file.tensors import ModelFile


def llama_cpp(model: ModelFile, plan: Plan) -> str:
    """Arguments of llama-quantize: ``--tensor-type PATTERN=TYPE`` a tensor. Tensor names must be those of the GGUF file."""
    lines, left = ["llama-quantize \\"], []
    for name, option in plan.items():
        if option is None:
            continue
        if option.ggml and name.isprintable():
            lines.append(f"  --tensor-type {shlex.quote(f'^{re.escape(name)}$={option.ggml}')} \\")
        else:
            why = "its name cannot stand in a command" if option.ggml else f"{option.slug} is no type of llama.cpp"
            left.append(f"# {printable(name)}: {why}")
    return "\n".join([*left, *lines, "  model-f16.gguf model-plan.gguf q8_0"])


def torchao(model: ModelFile, plan: Plan) -> str:
    """A program that gives torchao one configuration a module (``ModuleFqnToConfig``), for int8 rows and int4 groups."""
    said: list[str] = []
    left: list[str] = []
    for name, option in plan.items():
        module = json.dumps(name.removesuffix(".weight"))
        if option is None:
            said.append(f"    {module}: None,")
        elif option.slug == "int8-row":
            said.append(f"    {module}: Int8WeightOnlyConfig(),")
        elif option.slug.startswith("int4a-") and option.spec.granularity.kind == "group":
            said.append(f"    {module}: Int4WeightOnlyConfig(group_size={option.slug.partition('-')[2]}),")
        elif option.slug == "fp8-row":
            said.append(f"    {module}: Float8WeightOnlyConfig(),")
        else:
            left.append(f"# {printable(name)}: {option.slug} has no weight-only configuration of torchao here")
    head = [
        "from torchao.quantization import Float8WeightOnlyConfig, Int4WeightOnlyConfig, Int8WeightOnlyConfig, ModuleFqnToConfig, quantize_"
    ]
    return "\n".join([*head, "", *left, "plan = {", *said, "}", "quantize_(model, ModuleFqnToConfig(plan), filter_fn=None)"])


def onnxruntime(model: ModelFile, plan: Plan) -> str:
    """Keywords of ``quantize_dynamic`` as JSON: 8 bits a row, and which tensors stay. It has one width for all weights."""
    left = [name for name, option in plan.items() if option is None]
    others = {name: option.slug for name, option in plan.items() if option is not None and option.slug not in ("int8-row", "int8-tensor")}
    per_channel = any(option is not None and option.slug == "int8-row" for option in plan.values())
    said = {
        "weight_type": "QInt8",
        "per_channel": per_channel,
        "weights_to_leave": left,
        "not_said": others,
        "how": "nodes_to_exclude takes the nodes that read weights_to_leave; not_said needs MatMulNBitsQuantizer or another tool",
    }
    return json.dumps(said, indent=2)


CONFIGURATIONS: dict[str, Callable[[ModelFile, Plan], str]] = {"llama.cpp": llama_cpp, "torchao": torchao, "onnxruntime": onnxruntime}


def uses(plan: Plan) -> dict[str, Option]:
    """The options that a plan uses, by slug."""
    return {option.slug: option for option in plan.values() if option is not None}
