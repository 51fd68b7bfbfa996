"""Is a GGUF file of the Llama architecture the model that was written, and is what cannot be used refused in a sentence?"""

import numpy as np
import pytest

from quantlab.language.gguf_file import gguf_names, read_model
from quantlab.language.model import forward
from quantlab.language.shipped import load, tokens_of

gguf = pytest.importorskip("gguf")


def permuted(weights, heads):
    """As llama.cpp's converter does it (``LlamaModel.permute`` of convert_hf_to_gguf.py)."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def write(path, architecture="llama", leave_out=(), kind="F16", **facts):
    """The small shipped model as a GGUF file, by the gguf package."""
    model = load("small")
    c, writer = model.config, gguf.GGUFWriter(path, architecture)
    said = {"embedding_length": c.width, "feed_forward_length": c.inner, "block_count": c.layers, "context_length": c.context}
    said |= {"attention.head_count": c.heads, "attention.head_count_kv": c.key_heads} | facts
    for name, value in said.items():
        writer.add_uint32(f"llama.{name}", value)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", c.epsilon)
    for ours, theirs in gguf_names(c).items():
        values = model.weights[ours]
        if "attn_q." in theirs or "attn_k." in theirs:
            values = permuted(values, c.heads if "attn_q." in theirs else c.key_heads)
        if theirs not in leave_out:
            whole = values.ndim == 1 or kind == "F16"
            stored = values.astype(np.float32 if values.ndim == 1 else np.float16) if whole else values
            if whole:
                writer.add_tensor(theirs, stored)
            else:
                qtype = gguf.GGMLQuantizationType[kind]
                writer.add_tensor(theirs, gguf.quants.quantize(values, qtype), raw_dtype=qtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_file_gives_the_logits_of_the_model_that_was_written(tmp_path):
    model, tokens = load("small"), tokens_of("test", 100)[None]
    back = read_model(write(tmp_path / "small.gguf"))
    assert back.config == model.config
    np.testing.assert_allclose(forward(back, tokens), forward(model, tokens), atol=1e-4)  # the shipped weights are float16


def test_blocks_are_decoded(tmp_path):
    back = read_model(write(tmp_path / "small.gguf", kind="Q8_0"))
    for name, weight in load("small").weights.items():
        assert np.abs(back.weights[name] - weight).max() <= np.abs(weight).max() / 127


@pytest.mark.parametrize(
    ("changes", "most", "said"),
    [
        ({"architecture": "mamba"}, 10**9, "architecture 'mamba', and llama is supported"),
        ({"leave_out": ("blk.1.ffn_up.weight",)}, 10**9, "no tensor 'blk.1.ffn_up.weight'"),
        ({}, 1000, "weights, and 1000 are the most"),
        ({"attention.head_count": 5}, 10**9, "heads of"),
        ({"embedding_length": 64}, 10**9, "where .* fits its header"),
    ],
    ids=["another architecture", "a tensor missing", "too large", "heads that do not fit", "a header that lies"],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, changes, most, said):
    with pytest.raises(ValueError, match=said):
        read_model(write(tmp_path / "small.gguf", **changes), most)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = write(tmp_path / "small.gguf")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="cut off"):
        read_model(path)
