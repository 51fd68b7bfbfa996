"""Language models of the Llama architecture from GGUF files: measures, names, and the order of the rows of q and k.

llama.cpp turns neighbours (2i, 2i + 1) with each other where Hugging Face turns halves (i, i + D/2), so that its files hold the rows of q
and k in another order: row 2i + j of a head is Hugging Face's j D/2 + i.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from quantlab.language.config import EMBEDDING, HEAD, KINDS, NORM, Config, norm_name, tensor_name
from quantlab.language.model import Model
from quantlab.language.weights_file import MOST, WeightsFile, check_measures, check_size
from quantlab.model_file.readers.gguf import read_gguf
from quantlab.model_file.tensors import ModelFile
from quantlab.sources.upload import Refused, show

_KINDS = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}


def read_model(path: Path, most: int = MOST) -> Model:
    """The model of a file; Refused as ``opened`` refuses."""
    return opened(path, most).model()


def opened(path: Path, most: int = MOST, name: str = "") -> WeightsFile:
    """The file's measures and tensors. Refused, before a value is read, where it is no Llama model or has more than ``most`` weights.

    name : what a person calls it, the file's own if left out.
    """
    file = read_gguf(path, name)
    architecture = file.facts.get("general.architecture", "none")
    if architecture != "llama":
        raise Refused(f"{show(file.name)} holds the architecture {show(architecture)}, and llama is supported: take a model of that one.")
    check_size(file.name, sum(tensor.size for tensor in file.tensors), most)
    config = config_of(file)
    found = WeightsFile(config, file, gguf_names(config), halved=True)
    found.check()
    return found


def config_of(file: ModelFile) -> Config:
    """The measures that the header says; Refused where one is missing or they do not fit each other."""

    def fact(name: str, usual: float | None = None) -> float:
        text = file.facts.get(f"llama.{name}")
        try:
            value = float(text) if text is not None else usual
        except ValueError:
            value = None
        if value is None or not 0 < value < 1e9:
            raise Refused(f"{show(file.name)} does not say llama.{name} in a way that can be used: convert it again.")
        return value

    if int(float(file.facts.get("llama.expert_count", "0") or 0)):
        raise Refused(f"{show(file.name)} is a mixture of experts, and plain llama models are supported: take one without experts.")
    if (scaling := file.facts.get("llama.rope.scaling.type", "none")) != "none":
        raise Refused(f"{show(file.name)} scales its rotary angles ({show(scaling)}), and plain ones are supported: take a model without.")
    embedding = next((t.shape for t in file.tensors if t.name == "token_embd.weight"), ())
    if len(embedding) != 2:
        raise Refused(f"{show(file.name)} has no embedding token_embd.weight, which a llama model has: download or convert it again.")
    heads = int(fact("attention.head_count"))
    config = Config(
        width=int(fact("embedding_length")),
        inner=int(fact("feed_forward_length")),
        layers=int(fact("block_count")),
        heads=heads,
        key_heads=int(fact("attention.head_count_kv", heads)),
        vocabulary=embedding[0],
        context=int(fact("context_length")),
        theta=fact("rope.freq_base", 10_000.0),
        epsilon=float(str(np.float32(fact("attention.layer_norm_rms_epsilon")))),  # 1e-5 as it was meant, of its float32
        tied=all(tensor.name != "output.weight" for tensor in file.tensors),
    )
    check_measures(file.name, config)
    if int(fact("rope.dimension_count", config.head)) != config.head:
        raise Refused(f"{show(file.name)} turns a part of each head alone, and whole ones are supported: take a plain Llama model.")
    return config


def gguf_names(config: Config) -> dict[str, str]:
    """Hugging Face's names -> GGUF's, in the order of ``config.shapes()``."""
    table = {EMBEDDING: "token_embd.weight", NORM: "output_norm.weight", HEAD: "output.weight"}
    for layer in range(config.layers):
        table |= {tensor_name(layer, kind): f"blk.{layer}.{_KINDS[kind]}.weight" for kind in KINDS}
        table |= {
            norm_name(layer, which): f"blk.{layer}.{name}.weight"
            for which, name in (("input", "attn_norm"), ("post_attention", "ffn_norm"))
        }
    return {name: table[name] for name in config.shapes()}
