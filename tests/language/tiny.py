"""A tiny Llama model with random weights, as a Hugging Face folder and as a GGUF file; and the naive byte-pair encoding that is an oracle."""

import json
import re

import numpy as np
from safetensors.numpy import save_file

from quantlab.language.bpe import bytes_to_characters
from quantlab.language.config import Config
from quantlab.language.gguf_file import gguf_names
from quantlab.language.model import Model
from quantlab.language.shipped import config_json

TINY = Config(width=32, inner=48, layers=2, heads=4, key_heads=2, vocabulary=256, context=64)


def tiny(config=TINY, seed=0):
    rng = np.random.default_rng(seed)
    weights = {
        name: (1 + 0.1 * rng.normal(size=s) if len(s) == 1 else 0.1 * rng.normal(size=s)).astype(np.float32)
        for name, s in config.shapes().items()
    }
    return Model(config, weights, "tiny")


def write_folder(folder, model, tokenizer="", **said):
    """A Hugging Face folder. said : changes of config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_json(model.config) | said))
    save_file(dict(model.weights), folder / "model.safetensors")
    if tokenizer:
        (folder / "tokenizer.json").write_text(tokenizer)
    return folder


def permuted(weights, heads):
    """As llama.cpp's converter does it (``LlamaModel.permute`` of convert_hf_to_gguf.py)."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def write_gguf(path, model, architecture="llama", leave_out=(), kind="F16", words=None, spm=None, more=(), **facts):
    """A GGUF file, by the gguf package. words : tokens, merges and the splits of its tokenizer. spm : tokens, and what else SentencePiece's
    has, by name. more : tensors, by name."""
    import gguf

    c, writer = model.config, gguf.GGUFWriter(path, architecture)
    said = {"embedding_length": c.width, "feed_forward_length": c.inner, "block_count": c.layers, "context_length": c.context}
    said |= {"attention.head_count": c.heads, "attention.head_count_kv": c.key_heads}
    for name, value in (said | facts).items():
        (writer.add_string if isinstance(value, str) else writer.add_uint32)(f"llama.{name}", value)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", c.epsilon)
    if words:
        tokens, merges, split = words
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(split)
        writer.add_token_list(tokens)
        writer.add_token_merges(merges)
    if spm:
        writer.add_tokenizer_model("llama")
        for name, value in spm.items():
            getattr(writer, f"add_{name}")(value)
    for ours, theirs in gguf_names(c).items():
        values = model.weights[ours]
        if "attn_q." in theirs or "attn_k." in theirs:
            values = permuted(values, c.heads if "attn_q." in theirs else c.key_heads)
        if theirs in leave_out:
            continue
        if values.ndim == 1 or kind in ("F16", "F32"):
            writer.add_tensor(theirs, values.astype(np.float16 if values.ndim > 1 and kind == "F16" else np.float32))
        else:
            qtype = gguf.GGMLQuantizationType[kind]
            writer.add_tensor(theirs, gguf.quants.quantize(values, qtype), raw_dtype=qtype)
    for name, values in dict(more).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def byte_pairs(text, merges):
    """A byte-level vocabulary of 256 and as many merges, learnt of a text the naive way: the pair that stands side by side most often."""
    alphabet = bytes_to_characters()
    parts = [[alphabet[b] for b in word.encode()] for word in split(text)]
    tokens, pairs = list(alphabet.values()), []
    for _ in range(merges):
        counts = {}
        for part in parts:
            for pair in zip(part, part[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + 1
        best = max(counts, key=lambda pair: (counts[pair], pair))
        pairs.append(best)
        tokens.append("".join(best))
        parts = [merged(part, best) for part in parts]
    return tokens, [" ".join(pair) for pair in pairs]


def split(text):
    """GPT-2's words of ASCII, each digit by itself."""
    return re.findall(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+|[0-9]| (?=[0-9])| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+", text)


def merged(part, pair):
    found = []
    for piece in part:
        if found and (found[-1], piece) == pair:
            found[-1] += piece
        else:
            found.append(piece)
    return found


def naive_ids(text, tokens, merges):
    """Token ids by applying every merge in its order, to every word."""
    alphabet, found = bytes_to_characters(), []
    for word in split(text):
        part = [alphabet[b] for b in word.encode()]
        for merge in merges:
            part = merged(part, tuple(merge.split(" ")))
        found += [tokens.index(piece) for piece in part]
    return found
