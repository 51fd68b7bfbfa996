"""Tokenizers of real models, by the ``tokenizers`` package: byte-pair encoding from a GGUF file's lists, or a ``tokenizer.json``.

Byte-level vocabularies write each byte as one character (Radford et al. 2019, GPT-2's ``bytes_to_unicode``); SentencePiece's write a
space as ▁ and a lone byte as <0x0A>. No token is put before the text, so that all of it is scored but the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quantlab.caching import cached_property
from quantlab.language.tokenizers import shown_bytes
from quantlab.model_file.readers.gguf import read_lists
from quantlab.packages import install_command, requirements
from quantlab.sources.upload import Refused, show

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Library

MAX_JSON = 64 << 20  # bytes
_LISTS = ("tokenizer.ggml.tokens", "tokenizer.ggml.merges")
_LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = ("smollm", "gpt-2", "default", "llama-bpe")  # what ``tokenizer.ggml.pre`` may name
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class Bpe:
    """A ``Tokenizer`` (see ``tokenizers.py``) of words and parts of words. rules : the tokenizer of the package ``tokenizers``."""

    def __init__(self, rules: Library) -> None:
        self.rules = rules

    @property
    def size(self) -> int:
        """Tokens of the vocabulary."""
        return int(self.rules.get_vocab_size())

    def ids(self, text: str) -> list[int]:
        """The tokens of a text; ValueError for an empty one."""
        if not text:
            raise ValueError("the text is empty; write at least two characters")
        return list(self.rules.encode(text, add_special_tokens=False).ids)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text of each token; bytes that are no character by themselves are written in hexadecimal."""
        return [shown_bytes(part) for part in map(self._bytes, ids)]

    def sizes(self, ids: Sequence[int]) -> list[int]:
        """Bytes that each token stands for."""
        return [len(self._bytes(i)) for i in ids]

    def text(self, ids: Sequence[int]) -> str:
        """The text; bytes that are no UTF-8 become the replacement character."""
        return b"".join(map(self._bytes, ids)).decode("utf-8", "replace")

    @cached_property
    def _byte_level(self) -> bool:
        vocabulary = self.rules.get_vocab()
        return "▁" not in vocabulary and "Ġ" in vocabulary

    def _bytes(self, i: int) -> bytes:
        token = self.rules.id_to_token(int(i)) or ""
        if self._byte_level:
            known = [_BYTES.get(c) for c in token]
            return bytes(b for b in known if b is not None) if None not in known else token.encode()
        if one := _BYTE.fullmatch(token):
            return bytes([int(one[1], 16)])
        return token.replace("▁", " ").encode()


def bytes_to_characters() -> dict[int, str]:
    """GPT-2's character of each byte: itself where it can be seen, else one from 256 on.

    >>> table = bytes_to_characters()
    >>> table[65], table[32], len(set(table.values()))
    ('A', 'Ġ', 256)
    """
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in seen]
    return {b: chr(b) for b in seen} | {b: chr(256 + n) for n, b in enumerate(others)}


_BYTES = {c: b for b, c in bytes_to_characters().items()}


def of_gguf(path: Path, name: str, facts: dict[str, str], vocabulary: int) -> Bpe:
    """The tokenizer of a GGUF file; Refused where it has none, or one of another kind. name : what a person calls it."""
    name, kind, split = show(name), facts.get("tokenizer.ggml.model"), facts.get("tokenizer.ggml.pre", "default")
    lists = read_lists(path, _LISTS) if kind == "gpt2" and split in SPLITS else {}
    if kind is None or (lists and len(lists) < 2):
        raise Refused(f"{name} holds no tokenizer: bring the model's Hugging Face folder with tokenizer.json.")
    if not lists:
        raise Refused(
            f"{name} has the tokenizer {show(kind)} with the splits {show(split)}, and llama, or gpt2 with {', '.join(SPLITS)}, is read of a "
            "GGUF file: bring the model's Hugging Face folder with tokenizer.json."
        )
    tokens, merges = (list(map(str, lists[key])) for key in _LISTS)
    if len(tokens) != vocabulary:
        raise Refused(f"{name} has {len(tokens)} tokens and an embedding of {vocabulary}: download or convert it again.")
    pairs = [tuple(merge.split(" ")) for merge in merges]
    table = {token: i for i, token in enumerate(tokens)}
    if any(len(pair) != 2 or "".join(pair) not in table for pair in pairs):
        raise Refused(f"{name} has merges that its tokens do not hold: download or convert it again.")
    return Bpe(_library(table, pairs, split))


def of_json(path: Path, name: str, vocabulary: int) -> Bpe:
    """The tokenizer of a ``tokenizer.json``; Refused where it is missing, no tokenizer, or has more tokens than the embedding."""
    if not path.is_file():
        raise Refused(f"{show(name)} holds no {path.name}: bring it beside config.json.")
    if path.stat().st_size > MAX_JSON:
        raise Refused(f"The {path.name} of {show(name)} has more than {MAX_JSON >> 20} MiB: bring the model's own.")
    library = _package()
    try:
        found = Bpe(library.Tokenizer.from_str(path.read_text("utf-8")))
    except Exception as problem:  # the package raises plain Exception
        raise Refused(f"The {path.name} of {show(name)} is no tokenizer that can be read: download it again.") from problem
    if found.size > vocabulary:
        raise Refused(
            f"The {path.name} of {show(name)} has {found.size} tokens, and the embedding {vocabulary}: bring files of one version."
        )
    return found


def _library(table: dict[str, int], pairs: list[tuple[str, ...]], split: str) -> Library:
    library = _package()
    level = library.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split != "llama-bpe")
    first = {
        "smollm": [library.pre_tokenizers.Digits(individual_digits=True)],
        "llama-bpe": [library.pre_tokenizers.Split(library.Regex(_LLAMA3), "isolated")] if split == "llama-bpe" else [],
    }
    made = library.Tokenizer(library.models.BPE(table, pairs))
    made.pre_tokenizer = library.pre_tokenizers.Sequence([*first.get(split, []), level])
    made.decoder = library.decoders.ByteLevel()
    return made


def _package() -> Any:  # the module, which has no types
    try:
        import tokenizers
    except ImportError as problem:
        command = install_command(requirements("lm"))
        raise Refused(f"This model's tokenizer needs the package tokenizers: {command}") from problem
    return tokenizers
