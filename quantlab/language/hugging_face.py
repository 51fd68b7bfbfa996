"""Language models of the Llama architecture from a Hugging Face folder: ``config.json``, safetensors, ``tokenizer.json``.

Source: huggingface.co/docs/transformers, LlamaConfig. ``config.json`` is believed only as far as the tensors bear it out.
"""

from __future__ import annotations

import json
from pathlib import Path

from quantlab.language.config import Config
from quantlab.language.weights_file import MOST, WeightsFile, check_measures, check_size
from quantlab.model_file.readers.safetensors import read_safetensors
from quantlab.model_file.tensors import ModelFile
from quantlab.sources.upload import Refused, show

CONFIG, TOKENIZER = "config.json", "tokenizer.json"
MAX_CONFIG = 1 << 20  # bytes


def opened(folder: Path, name: str = "", most: int = MOST) -> WeightsFile:
    """The folder's measures and tensors. Refused, before a tensor is looked for, where it is no Llama model or has too many weights.

    name : what a person calls it, the folder's own if left out.
    """
    name = name or folder.name
    config = config_of(folder / CONFIG, name)
    check_size(name, config.weights, most)
    parts = sorted(folder.glob("*.safetensors"))
    if not parts:
        raise Refused(f"{show(name)} holds no .safetensors file: bring the weights beside config.json.")
    files = [read_safetensors(part) for part in parts]
    tensors = tuple(tensor for file in files for tensor in file.tensors)
    if twice := sorted({t.name for t in tensors if sum(other.name == t.name for other in tensors) > 1})[:1] if len(parts) > 1 else []:
        raise Refused(f"{show(name)} holds {show(twice[0])} in two of its files: bring the files of one version.")
    whole = ModelFile(name, "safetensors", tensors, {}, (), tuple(source for file in files for source in file.sources))
    found = WeightsFile(config, whole, {ours: ours for ours in config.shapes()}, halved=False)
    found.check()
    return found


def config_of(path: Path, name: str) -> Config:
    """The measures of a ``config.json``; Refused where it is missing, of another architecture, or they do not fit each other."""
    if not path.is_file():
        raise Refused(f"{show(name)} holds no {CONFIG}: bring it beside the weights.")
    if path.stat().st_size > MAX_CONFIG:
        raise Refused(f"The {CONFIG} of {show(name)} has more than {MAX_CONFIG} bytes: bring the model's own.")
    try:
        said = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise Refused(f"The {CONFIG} of {show(name)} is no JSON in UTF-8: download it again.") from problem
    if not isinstance(said, dict):
        raise Refused(f"The {CONFIG} of {show(name)} is no table of measures: download it again.")
    if (kind := said.get("model_type", "none")) != "llama":
        raise Refused(f"{show(name)} holds the architecture {show(kind)}, and llama is supported: take a model of that one.")
    for key in ("rope_scaling", "attention_bias", "mlp_bias"):
        if said.get(key) and not (isinstance(said[key], dict) and said[key].get("rope_type", said[key].get("type")) == "default"):
            raise Refused(f"{show(name)} has {key}, and plain Llama models are supported: take one without.")
    if (act := said.get("hidden_act", "silu")) != "silu":
        raise Refused(f"{show(name)} has the activation {show(act)}, and silu is supported: take a plain Llama model.")
    rope = said.get("rope_parameters") or {}
    if not isinstance(rope, dict) or rope.get("rope_type", "default") != "default":
        raise Refused(f"{show(name)} scales its rotary angles, and plain ones are supported: take a model without.")

    def number(key: str, usual: object = None) -> float:
        value = said.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise Refused(f"The {CONFIG} of {show(name)} does not say {key} in a way that can be used: download it again.")
        return value

    heads = int(number("num_attention_heads"))
    config = Config(
        width=int(number("hidden_size")),
        inner=int(number("intermediate_size")),
        layers=int(number("num_hidden_layers")),
        heads=heads,
        key_heads=int(number("num_key_value_heads", heads)),
        vocabulary=int(number("vocab_size")),
        context=int(number("max_position_embeddings", 2048)),
        theta=number("rope_theta", rope.get("rope_theta", 10_000.0)),
        epsilon=number("rms_norm_eps", 1e-6),
        tied=bool(said.get("tie_word_embeddings", False)),
    )
    check_measures(name, config)
    if said.get("head_dim") not in (None, config.head):
        raise Refused(f"{show(name)} has heads of {show(said['head_dim'])}, and width / heads = {config.head} is supported: take another.")
    return config
