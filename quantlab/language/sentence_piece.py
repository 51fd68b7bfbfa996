"""SentencePiece's byte-pair tokenizer as GGUF files carry it (``tokenizer.ggml.model`` is ``llama``): pieces with scores.

A space becomes ▁, and one is put before the text. Of all neighbours that make a piece together, those of the highest score are joined,
the leftmost first, until none is left; a character that is no piece becomes its bytes, <0x00> to <0xFF>. Pieces that the model's maker
gave by hand (type 4) are cut out first, the longest first. No token is put before the text, so that all of it is scored but the first.
Of equal pieces the last counts. The space before the text is a byte of the first token, which no score covers.
Sources: Kudo and Richardson 2018, arXiv:1808.06226; llama.cpp, ``llm_tokenizer_spm_session`` in src/llama-vocab.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import isfinite
from pathlib import Path

from quantlab.language.tokenizers import shown_bytes
from quantlab.model_file.readers.gguf import read_lists
from quantlab.sources.upload import Refused, show

SPACE = "▁"
UNKNOWN, CONTROL, GIVEN = 2, 3, 4  # types of pieces that are treated in another way
_LISTS = ("tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type")


class SentencePiece:
    """A ``Tokenizer`` (see ``tokenizers.py``). pieces, scores : of each token. kinds : types, all normal if left out. prefix : whether a space
    is put before the text. ValueError where a byte has no token.

    >>> texts = ["▁", "a", "b", "ab", "▁a", *(f"<0x{b:02X}>" for b in range(256))]
    >>> tokenizer = SentencePiece(texts, [0.0] * 3 + [-1.0, -2.0] + [0.0] * 256)
    >>> tokenizer.ids("ab"), tokenizer.ids("ba"), tokenizer.ids("é")  # ▁ ab, since ab scores more than ▁a; ▁ b a; ▁ and two bytes
    ([0, 3], [0, 2, 1], [0, 200, 174])
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], kinds: Sequence[int] = (), prefix: bool = True) -> None:
        self.texts, self.scores, self.prefix = tuple(pieces), tuple(scores), prefix
        self._ids = {piece: i for i, piece in enumerate(pieces)}
        names = [f"<0x{b:02X}>" for b in range(256)]
        if missing := [name for name in names if name not in self._ids]:
            raise ValueError(f"there is no token {missing[0]} for a byte; a sound tokenizer has all 256")
        self._bytes = [self._ids[name] for name in names]
        self._byte = {i: bytes([b]) for b, i in enumerate(self._bytes)}
        self._silent = {i for i, kind in enumerate(kinds) if kind in (UNKNOWN, CONTROL)}
        given = {pieces[i]: i for i, kind in enumerate(kinds) if kind == GIVEN and pieces[i]}
        self._given: Mapping[str, int] = dict(sorted(given.items(), key=lambda entry: -len(entry[0].encode())))

    @property
    def size(self) -> int:
        """Tokens of the vocabulary."""
        return len(self.texts)

    def ids(self, text: str) -> list[int]:
        """The tokens of a text; ValueError for an empty one."""
        if not text:
            raise ValueError("the text is empty; write at least two characters")
        found: list[int] = []
        begins = self.prefix
        for part in self._cut(text):
            if isinstance(part, int):
                found.append(part)
                begins = self.prefix
            else:
                found += self._joined((" " + part if begins else part).replace(" ", SPACE))
                begins = False
        return found

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text of each token; bytes that are no character by themselves are written in hexadecimal, control tokens by their names."""
        return [self.texts[i] if i in self._silent else shown_bytes(self._content(i)) for i in map(int, ids)]

    def sizes(self, ids: Sequence[int]) -> list[int]:
        """Bytes that each token stands for."""
        return [len(self._content(int(i))) for i in ids]

    def text(self, ids: Sequence[int]) -> str:
        """The text; bytes that are no UTF-8 become the replacement character."""
        return b"".join(self._content(int(i)) for i in ids).decode("utf-8", "replace")

    def _content(self, i: int) -> bytes:
        if i in self._byte:
            return self._byte[i]
        return b"" if i in self._silent else self.texts[i].replace(SPACE, " ").encode("utf-8", "replace")

    def _cut(self, text: str) -> list[str | int]:
        """The text in parts, pieces given by hand as their tokens."""
        parts: list[str | int] = [text]
        for piece, i in self._given.items():
            if piece not in text:
                continue
            cut: list[str | int] = []
            for part in parts:
                if isinstance(part, int):
                    cut.append(part)
                    continue
                for n, rest in enumerate(part.split(piece)):
                    cut += [i] * (n > 0) + [rest] * (rest != "")
            parts = cut
        return parts

    def _joined(self, text: str) -> list[int]:
        """Tokens of a part of the text, spaces replaced: neighbours wait in a heap, the highest score and then the leftmost first."""
        symbols: list[str] = list(text)
        end = len(symbols)
        before, after = list(range(-1, end - 1)), list(range(1, end + 1))

        def pair(left: int, right: int) -> tuple[float, int, int, int] | None:
            if left < 0 or right >= end or (i := self._ids.get(symbols[left] + symbols[right])) is None:
                return None
            return -self.scores[i], left, right, len(symbols[left]) + len(symbols[right])

        waiting = [entry for left in range(end - 1) if (entry := pair(left, left + 1))]
        heapify(waiting)
        while waiting:
            _, left, right, size = heappop(waiting)
            if not symbols[left] or not symbols[right] or len(symbols[left]) + len(symbols[right]) != size:
                continue  # one of them was joined to another one meanwhile
            symbols[left] += symbols[right]
            symbols[right] = ""
            after[left] = after[right]
            if after[right] < end:
                before[after[right]] = left
            for entry in (pair(before[left], left), pair(left, after[left])):
                if entry:
                    heappush(waiting, entry)
        found: list[int] = []
        for symbol in filter(None, symbols):
            one = self._ids.get(symbol)
            found += [one] if one is not None else [self._bytes[b] for b in symbol.encode("utf-8", "replace")]
        return found


def of_gguf(path: Path, name: str, facts: Mapping[str, str], vocabulary: int) -> SentencePiece:
    """The tokenizer of a GGUF file; Refused where its lists are missing or do not fit each other. name : what a person calls it."""
    name, lists = show(name), read_lists(path, _LISTS)
    tokens, scores, kinds = (lists.get(key) for key in _LISTS)
    if not tokens:
        raise Refused(f"{name} holds no tokenizer: bring the model's Hugging Face folder with tokenizer.json.")
    if scores is None:
        raise Refused(f"{name} has pieces of SentencePiece without their scores, which say what is joined first: convert it again.")
    if len(tokens) != vocabulary:
        raise Refused(f"{name} has {len(tokens)} tokens and an embedding of {vocabulary}: download or convert it again.")
    if len(scores) != len(tokens) or len(kinds or tokens) != len(tokens):
        raise Refused(f"{name} has {len(tokens)} tokens, {len(scores)} scores and {len(kinds or ())} types: download or convert it again.")
    numbers = [float(s) for s in scores if isinstance(s, int | float) and isfinite(s)]
    types = [k for k in kinds or () if isinstance(k, int)]
    if len(numbers) != len(scores) or len(types) != len(kinds or ()):
        raise Refused(f"{name} has a score or a type that is no number: download or convert it again.")
    try:
        return SentencePiece(list(map(str, tokens)), numbers, types, facts.get("tokenizer.ggml.add_space_prefix", "True") != "False")
    except ValueError as problem:
        raise Refused(f"{name}: {problem}; convert it again.") from problem
