"""A plan as other software takes it, as far as it takes one: what it cannot say stands as a comment, not as something like it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

from quantlab.model_file.names import printable
from quantlab.model_file.options import Option
from quantlab.model_file.report import Plan
from quantlab.model_file.tensors import FileTensor, ModelFile

_AS_IT_IS = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}


def llama_cpp(model: ModelFile, plan: Plan) -> str:
    """Arguments of llama-quantize: ``--tensor-type PATTERN=TYPE`` a tensor. Tensor names must be those of the GGUF file.

    Matrices that stay are given their own type, else the type at the command's end would be theirs too.
    """
    lines, left, tensors = ["llama-quantize \\"], [], {t.name: t for t in model.tensors}
    for name, option in plan.items():
        tensor = tensors[name]
        kind = option.ggml if option else _AS_IT_IS.get(tensor.dtype, "") if len(tensor.shape) > 1 else ""
        if kind and name.isprintable():
            lines.append(f"  --tensor-type {shlex.quote(f'{llama_pattern(name)}={kind}')} \\")
        elif option or kind:
            why = f"{option.slug} is no type of llama.cpp" if option and not kind else "its name cannot stand in a command"
            left.append(f"# {printable(name)}: {why}")
    return "\n".join([*left, *lines, "  model-f16.gguf model-plan.gguf q8_0"])


def llama_pattern(name: str) -> str:
    """A regular expression (ECMAScript) that finds this tensor name alone, as llama-quantize reads it.

    It takes what stands before the first =, and makes capital letters small; so both stand as numbers, as all signs do.
    Source: llama.cpp, tools/quantize/quantize.cpp (parse_tensor_type) and src/llama-quant.cpp (std::regex_search).

    >>> llama_pattern("blk.0.attn_q.weight"), llama_pattern("J=1")
    ('^blk\\\\.0\\\\.attn_q\\\\.weight$', '^\\\\x4a\\\\x3d1$')
    """

    def sign(c: str) -> str:
        if c == ".":
            return "\\."
        plain = c in "_0123456789abcdefghijklmnopqrstuvwxyz" or ord(c) > 127
        return c if plain else f"\\x{ord(c):02x}"

    return f"^{''.join(map(sign, name))}$"


def torchao(model: ModelFile, plan: Plan) -> str:
    """A program that gives torchao one weight-only configuration a module (``FqnToConfig``): integers of a row or a group, FP8 a row.

    What the table does not name stays as it is.
    """
    said, left, tensors = list[str](), list[str](), {t.name: t for t in model.tensors}
    for name, option in plan.items():
        if option is None:
            continue
        module, config = name.removesuffix(".weight"), _torchao_config(option)
        if why := _no_module(name, tensors[name], option):
            left.append(f"# {printable(name)}: {why}")
        else:
            said.append(f"    {json.dumps(module)}: {config},")
    head = [
        "import torch",
        "from torchao.quantization import Float8WeightOnlyConfig, FqnToConfig, Int8WeightOnlyConfig, IntxWeightOnlyConfig, quantize_",
        "from torchao.quantization.granularity import PerAxis, PerGroup",
        "from torchao.quantization.quant_primitives import MappingType",
    ]
    return "\n".join([*head, "", *left, "plan = {", *said, "}", "quantize_(model, FqnToConfig(plan), filter_fn=None)"])


def _torchao_config(option: Option) -> str:
    """The configuration of an option, "" where there is none here."""
    spec = option.spec
    if option.slug == "int8-row":
        return "Int8WeightOnlyConfig()"
    if option.slug == "fp8-row":
        return "Float8WeightOnlyConfig()"
    if spec.scheme not in ("int-symmetric", "int-asymmetric") or not 2 <= spec.bits <= 8:
        return ""
    shared = {"channel": "PerAxis(0)", "group": f"PerGroup({getattr(spec.granularity, 'size', 0)})"}.get(spec.granularity.kind, "")
    mapping = spec.scheme.removeprefix("int-").upper()
    return shared and f"IntxWeightOnlyConfig(torch.int{spec.bits}, {shared}, MappingType.{mapping})"


def _no_module(name: str, tensor: FileTensor, option: Option) -> str:
    """Why torchao is not given this tensor, "" where it is."""
    if not _torchao_config(option):
        return f"{option.slug} has no weight-only configuration of torchao here"
    if not name.endswith(".weight") or len(tensor.shape) != 2:
        return "it is no matrix of a module (NAME.weight)"
    if name.startswith("re:") or name == "_default.weight":
        return "its name would be read as a pattern"
    size = getattr(option.spec.granularity, "size", 1)
    return f"its rows of {tensor.width} values are no multiple of {size}" if tensor.width % size else ""


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
        "how": (
            "nodes_to_exclude takes the nodes that read weights_to_leave; what is not_said becomes 8 bits too unless its nodes are excluded as well: "
            "it needs MatMulNBitsQuantizer or another tool; per_channel gives a MatMul one scale for each column of its stored weights, not each row"
        ),
    }
    return json.dumps(said, indent=2)


CONFIGURATIONS: dict[str, Callable[[ModelFile, Plan], str]] = {"llama.cpp": llama_cpp, "torchao": torchao, "onnxruntime": onnxruntime}


def uses(plan: Plan) -> dict[str, Option]:
    """The options that a plan uses, by slug."""
    return {option.slug: option for option in plan.values() if option is not None}
