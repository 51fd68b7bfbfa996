"""Language models of the Llama architecture from GGUF files: measures, names, and the order of the rows of q and k.

llama.cpp turns neighbours (2i, 2i + 1) with each other where Hugging Face turns halves (i, i + D/2), so that its files hold the rows of q
and k in another order: row 2i + j of a head is Hugging Face's j D/2 + i. Weights become float32, which is 4 bytes each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from quantlab.language.config import EMBEDDING, HEAD, KINDS, NORM, Config, norm_name, tensor_name
from quantlab.language.model import Model
from quantlab.model_file.readers.gguf import read_gguf
from quantlab.model_file.tensors import ModelFile
from quantlab.sources.upload import Refused, show

MOST = 400_000_000  # weights: 1.6 GB in float32
_KINDS = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}


def read_model(path: Path, most: int = MOST) -> Model:
    """The model of a file. Refused, before a value is read, where its architecture is another or it has more than ``most`` weights."""
    file = read_gguf(path)
    architecture = file.facts.get("general.architecture", "none")
    if architecture != "llama":
        raise Refused(f"{show(path.name)} holds the architecture {show(architecture)}, and llama is supported: take a model of that one.")
    if (size := sum(tensor.size for tensor in file.tensors)) > most:
        raise Refused(f"{show(path.name)} has {size} weights, and {most} are the most: take a smaller model.")
    config = config_of(file)
    names = gguf_names(config)
    if missing := [theirs for theirs in names.values() if theirs not in {t.name for t in file.tensors}]:
        raise Refused(f"{show(path.name)} has no tensor {show(missing[0])}, which a llama model has: download or convert it again.")
    weights = {
        ours: _values(file, theirs, shape, config) for (ours, shape), theirs in zip(config.shapes().items(), names.values(), strict=True)
    }
    return Model(config, weights, path.name)


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

    heads = int(fact("attention.head_count"))
    config = Config(
        width=int(fact("embedding_length")),
        inner=int(fact("feed_forward_length")),
        layers=int(fact("block_count")),
        heads=heads,
        key_heads=int(fact("attention.head_count_kv", heads)),
        vocabulary=file["token_embd.weight"].shape[0],
        context=int(fact("context_length")),
        theta=fact("rope.freq_base", 10_000.0),
        epsilon=float(str(np.float32(fact("attention.layer_norm_rms_epsilon")))),  # 1e-5 as it was meant, of its float32
        tied=all(tensor.name != "output.weight" for tensor in file.tensors),
    )
    if config.width % heads or heads % config.key_heads or config.head % 2:
        raise Refused(f"{show(file.name)} has {heads} heads of {config.key_heads} keys in a width of {config.width}: convert it again.")
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


def _values(file: ModelFile, name: str, shape: tuple[int, ...], config: Config) -> np.ndarray:
    tensor = file[name]
    if tensor.refused:
        raise Refused(tensor.refused)
    if tensor.shape != shape:
        raise Refused(f"{show(file.name)} has {show(name)} of shape {tensor.shape} where {shape} fits its header: convert it again.")
    values = np.asarray(tensor.values(0, tensor.size), np.float32).reshape(shape)
    if "attn_q." in name or "attn_k." in name:
        return halves(values, config.heads if "attn_q." in name else config.key_heads)
    return values


def halves(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows (heads · D, in) in llama.cpp's order, in Hugging Face's.

    >>> halves(np.arange(4)[:, None], 1).ravel()  # rows 0, 1 turn together there, 0, 2 here
    array([0, 2, 1, 3])
    """
    return np.ascontiguousarray(rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2)).reshape(rows.shape)
