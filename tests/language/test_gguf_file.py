"""Is a GGUF file of the Llama architecture the model that was written, and is what cannot be used refused in a sentence?"""

import struct

import numpy as np
import pytest

from quantlab.language.gguf_file import opened, read_model
from quantlab.language.model import forward
from quantlab.model_file.readers.gguf import read_gguf
from quantlab.model_file.readers.gguf_decoding import DECODERS, decoded
from tests.language.tiny import TINY, tiny, write_gguf

gguf = pytest.importorskip("gguf")
TOKENS = np.arange(60)[None]


@pytest.mark.parametrize("kind", ["F32", "F16"])
def test_a_file_gives_the_logits_of_the_model_that_was_written(tmp_path, kind):
    model = tiny()
    back = read_model(write_gguf(tmp_path / "tiny.gguf", model, kind=kind))
    assert back.config == model.config
    np.testing.assert_allclose(forward(back, TOKENS), forward(model, TOKENS), atol=1e-5 if kind == "F32" else 5e-3)


def test_blocks_are_decoded_and_named(tmp_path):
    path = write_gguf(tmp_path / "tiny.gguf", tiny(), kind="Q8_0", leave_out=()) if TINY.inner % 32 == 0 else None
    model = tiny(TINY if path else type(TINY)(**vars(TINY) | {"inner": 64}))
    path = path or write_gguf(tmp_path / "tiny.gguf", model, kind="Q8_0")
    found = opened(path)
    assert found.stored == ("q8_0",)
    for name, weight in model.weights.items():
        assert np.abs(found.model().weights[name] - weight).max() <= np.abs(weight).max() / 127


@pytest.mark.parametrize("kind", DECODERS)
def test_fast_decoders_give_the_gguf_package_s_values(kind):
    size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[kind.upper()]][1]
    raw = np.random.default_rng(0).integers(0, 256, (20_000, size), dtype=np.uint8)
    raw[:, 1 : (4 if kind == "q4_1" else 2) : 2] &= 0x3B  # scales and minima that are finite and of one sign
    theirs = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind.upper()]).reshape(-1)
    np.testing.assert_array_equal(decoded(raw, kind), theirs)


@pytest.mark.parametrize(
    ("changes", "most", "said"),
    [
        ({"architecture": "mamba"}, 10**9, "architecture 'mamba', and llama is supported"),
        ({"leave_out": ("blk.1.ffn_up.weight",)}, 10**9, "no tensor 'blk.1.ffn_up.weight'"),
        ({"leave_out": ("token_embd.weight",)}, 10**9, "no embedding"),
        ({}, 1000, "32 thousand weights, and 1 thousand are the most"),
        ({"attention.head_count": 5}, 10**9, "heads of"),
        ({"embedding_length": 64}, 10**9, "where .* fits its header"),
        ({"expert_count": 8}, 10**9, "mixture of experts"),
        ({"rope.scaling.type": "linear"}, 10**9, "scales its rotary angles"),
        ({"rope.dimension_count": 4}, 10**9, "a part of each head"),
        ({"more": {"rope_freqs.weight": np.ones(4, np.float32)}}, 10**9, "no place"),
    ],
    ids=[
        "architecture",
        "tensor",
        "embedding",
        "too large",
        "heads",
        "lying header",
        "experts",
        "scaling",
        "part of a head",
        "strange tensor",
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path, changes, most, said):
    with pytest.raises(ValueError, match=said):
        opened(write_gguf(tmp_path / "tiny.gguf", tiny(), **changes), most)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = write_gguf(tmp_path / "tiny.gguf", tiny())
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="cut off"):
        opened(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="cut off or no sound"):
        opened(path)


def test_seventy_billion_weights_are_refused_before_a_value_is_read(tmp_path):
    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("general.architecture") + struct.pack("<I", 8) + text("llama")
    tensor = text("token_embd.weight") + struct.pack("<IQQIQ", 2, 8192, 8_544_922, 1, 0)  # 8192 * 8 544 922 = 70 billion
    (tmp_path / "large.gguf").write_bytes(head + tensor)
    with pytest.raises(ValueError, match="'large.gguf' has 70 billion weights, and 400 million are the most here: take a smaller model."):
        opened(tmp_path / "large.gguf")


def test_an_unknown_type_is_named(tmp_path):
    path = write_gguf(tmp_path / "tiny.gguf", tiny())
    content = path.read_bytes()
    name = b"blk.0.ffn_up.weight"
    at = content.index(name) + len(name) + 4 + 2 * 8  # the number of axes, two axes, then the type
    path.write_bytes(content[:at] + struct.pack("<I", 99) + content[at + 4 :])
    assert read_gguf(path)["blk.0.ffn_up.weight"].refused
    with pytest.raises(ValueError, match="type number 99, which is not known here"):
        opened(path)


def test_values_that_are_not_finite_are_refused(tmp_path):
    model = tiny()
    model.linear(1, "up")[3, 4] = np.nan
    with pytest.raises(ValueError, match="'blk.1.ffn_up.weight' that is not finite"):
        read_model(write_gguf(tmp_path / "tiny.gguf", model))
