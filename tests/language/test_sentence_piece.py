"""Are SentencePiece's tokens of GGUF files those of the plain statement, of ``tokenizers`` and of the sentencepiece package?"""

from dataclasses import replace

import numpy as np
import pytest

from quantlab.language.catalogue import opened
from quantlab.language.sentence_piece import SentencePiece
from quantlab.language.texts import held_out
from tests.language.tiny import TINY, merged, tiny, write_gguf

BYTES = [f"<0x{b:02X}>" for b in range(256)]
TEXT = held_out("calibration").decode()[:6000]
ODD = "né “x” 日本\n\tdon't  panic\u2581x \U0001f40d  "
NORMAL, USER, CONTROL = 1, 4, 3


def plainly(text, pieces, scores):
    """As it is stated: of all neighbours that are a piece together the best is joined, the leftmost of equals, until there is none."""
    known = {piece: i for i, piece in enumerate(pieces)}
    parts = list(("▁" + text).replace(" ", "▁"))
    while pairs := [(scores[known[a + b]], -i) for i, (a, b) in enumerate(zip(parts, parts[1:], strict=False)) if a + b in known]:
        at = -max(pairs)[1]
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return [i for part in parts for i in ([known[part]] if part in known else [known[BYTES[b]] for b in part.encode()])]


def test_ids_are_those_of_the_plain_statement_for_vocabularies_drawn_at_random():
    rng = np.random.default_rng(0)
    for _ in range(150):
        letters = list("ab▁é"[: rng.integers(2, 5)])
        pieces = {"".join(rng.choice(letters, rng.integers(1, 6))) for _ in range(rng.integers(3, 40))}
        vocabulary = [*BYTES, *sorted(pieces | {"▁"})]
        scores = rng.integers(-4, 5, len(vocabulary)).astype(float).tolist()  # ties are common
        tokenizer = SentencePiece(vocabulary, scores)
        text = "".join(rng.choice(list("ab é"), rng.integers(1, 40)))
        ids = tokenizer.ids(text)
        assert ids == plainly(text, vocabulary, scores)
        assert tokenizer.text(ids) == " " + text and "".join(tokenizer.pieces(ids)).startswith(" ")
        assert sum(tokenizer.sizes(ids)) == len(text.encode()) + 1


def learnt(merges):
    """Pieces of the text, learnt the naive way, each later one with a lower score."""
    parts = [["▁", *word] for word in TEXT[:3000].split(" ")]
    pieces = sorted({c for part in parts for c in part})
    while len(pieces) < merges:
        counts = {}
        for part in parts:
            for pair in zip(part, part[1:], strict=False):
                counts[pair] = counts.get(pair, 0) + 1
        best = max((pair for pair in counts if "".join(pair) not in pieces), key=lambda pair: (counts[pair], pair))
        pieces.append("".join(best))
        parts = [merged(part, best) for part in parts]
    return pieces


def test_ids_of_a_file_are_those_of_the_tokenizers_package(tmp_path):
    library = pytest.importorskip("tokenizers")
    pytest.importorskip("gguf")
    pieces = ["<unk>", "<s>", "</s>", *BYTES, *learnt(130)]
    scores = [0.0 if i < 259 else 258.0 - i for i in range(len(pieces))]
    types = [2, 3, 3, *[6] * 256, *[1] * (len(pieces) - 259)]
    known = {piece: i for i, piece in enumerate(pieces)}
    pairs = [(p[:i], p[i:]) for p in pieces[259:] for i in range(1, len(p)) if p[:i] in known and p[i:] in known]
    theirs = library.Tokenizer(library.models.BPE(known, pairs, byte_fallback=True, unk_token="<unk>"))
    model = tiny(replace(TINY, vocabulary=len(pieces)))
    found = opened(write_gguf(tmp_path / "spm.gguf", model, spm={"token_list": pieces, "token_scores": scores, "token_types": types}))
    assert isinstance(found.tokenizer, SentencePiece) and found.unit == "token" and found.tokenizer.size == len(pieces)
    for text in (held_out("test").decode()[:3000], ODD):
        assert found.ids(text).tolist() == theirs.encode(("▁" + text).replace(" ", "▁")).ids
    assert found.tokenizer.pieces([1, 3 + 10]) == ["<s>", "\n"] and found.tokenizer.sizes([1, 3 + 10]) == [0, 1]
    assert len(found.tokens("test", 300)) == 300


def test_ids_are_those_of_the_sentencepiece_package(tmp_path):
    library = pytest.importorskip("sentencepiece")
    (tmp_path / "text.txt").write_text(TEXT)
    library.SentencePieceTrainer.train(
        input=str(tmp_path / "text.txt"), model_prefix=str(tmp_path / "m"), vocab_size=500, model_type="bpe", byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["panic", "  "], minloglevel=2,
    )  # fmt: skip
    theirs = library.SentencePieceProcessor(model_file=str(tmp_path / "m.model"))
    every = range(theirs.vocab_size())
    kinds = [
        2 if theirs.is_unknown(i) else 3 if theirs.is_control(i) else 4 if theirs.id_to_piece(i) in ("panic", "▁▁") else NORMAL
        for i in every
    ]
    pieces = [theirs.id_to_piece(i) for i in every]
    ours = SentencePiece(pieces, [theirs.get_score(i) for i in every], [NORMAL if k == USER else k for k in kinds])
    for text in (TEXT.replace("  ", " "), held_out("test").decode()[:3000].replace("  ", " "), "né “x” 日本 don't"):
        assert ours.ids(text) == theirs.encode(text)


def test_pieces_given_by_hand_are_cut_out_first_and_a_space_follows_them():
    pieces = [*BYTES, "▁", "a", "b", "c", "ab", "bc", "abc", "▁a", "<|x|>"]
    scores = [0.0] * 260 + [-1.0, -2.0, -3.0, -4.0, 0.0]
    kinds = [NORMAL] * 261 + [USER, NORMAL, NORMAL, USER]

    def said(text, **changes):
        return [pieces[i] for i in SentencePiece(pieces, scores, kinds, **changes).ids(text)]

    assert said("aab") == ["▁a", "ab"] and said("abca") == ["▁a", "bc", "▁a"]  # bc is given
    assert said("abca", prefix=False) == ["a", "bc", "a"]
    assert said("a<|x|>a") == ["▁a", "<|x|>", "▁a"]
    with pytest.raises(ValueError, match="empty"):
        said("")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"token_scores": None}, "without their scores"),
        ({"token_scores": [0.0] * 10}, "260 tokens, 10 scores"),
        ({"token_scores": [float("nan")] * 260}, "no number"),
        ({"token_types": [1] * 5}, "5 types"),
        ({"token_list": ["x"] * 260}, "no token <0x00> for a byte"),
        ({"token_list": None}, "holds no tokenizer"),
        ({"token_list": ["a", *BYTES]}, "257 tokens and an embedding of 260"),
    ],
    ids=["no scores", "few scores", "no numbers", "few types", "no bytes", "no tokens", "few tokens"],
)
def test_a_file_whose_lists_do_not_fit_is_refused(tmp_path, change, said):
    pytest.importorskip("gguf")
    lists = {"token_list": [*BYTES, "a", "b", "ab", "▁"], "token_scores": [0.0] * 260, "token_types": [1] * 260} | change
    path = write_gguf(
        tmp_path / "spm.gguf", tiny(replace(TINY, vocabulary=260)), spm={name: value for name, value in lists.items() if value is not None}
    )
    with pytest.raises(ValueError, match=said):
        opened(path)


def test_of_equal_pieces_the_last_counts_and_types_may_be_missing(tmp_path):
    pytest.importorskip("gguf")
    pieces = [*BYTES, "a", "b", "ab", "ab"]
    model = tiny(replace(TINY, vocabulary=260))
    found = opened(
        write_gguf(tmp_path / "spm.gguf", model, spm={"token_list": pieces, "token_scores": [0.0] * 260, "add_space_prefix": False})
    )
    assert found.ids("abab").tolist() == [259, 259]
