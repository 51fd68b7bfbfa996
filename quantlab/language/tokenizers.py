"""Tokenizers: text to token ids and back. The shipped models read bytes; ``bpe.py`` and ``sentence_piece.py`` have those of real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Tokenizer(Protocol):
    """ids : of a text. pieces : the text of each token, for the screen. sizes : bytes of each. text : what tokens stand for."""

    def ids(self, text: str) -> list[int]: ...
    def pieces(self, ids: Sequence[int]) -> list[str]: ...
    def sizes(self, ids: Sequence[int]) -> list[int]: ...
    def text(self, ids: Sequence[int]) -> str: ...


class Bytes:
    """Every byte of UTF-8 is a token.

    >>> Bytes().ids("né"), Bytes().text([110, 195, 169]), Bytes().pieces([110, 195])
    ([110, 195, 169], 'né', ['n', '\\\\xc3'])
    """

    def ids(self, text: str) -> list[int]:
        """The bytes; ValueError for an empty text."""
        if not text:
            raise ValueError("the text is empty; write at least two characters")
        return list(text.encode("utf-8"))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """One character each; a byte that is none by itself is written in hexadecimal."""
        return [chr(i) if i < 128 else f"\\x{i:02x}" for i in ids]

    def sizes(self, ids: Sequence[int]) -> list[int]:
        """One byte each."""
        return [1] * len(ids)

    def text(self, ids: Sequence[int]) -> str:
        """The text; bytes that are no UTF-8 become the replacement character."""
        return bytes(ids).decode("utf-8", "replace")


def shown_bytes(part: bytes) -> str:
    """Bytes for the screen; those that are no text are written in hexadecimal.

    >>> shown_bytes("né".encode()), shown_bytes(b"n\\xc3")
    ('né', 'n\\\\xc3')
    """
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(b) if b < 128 else f"\\x{b:02x}" for b in part)


def decoded(content: bytes) -> str:
    """The text of a file; ValueError where it is not UTF-8 or empty.

    >>> decoded("né".encode())
    'né'
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise ValueError(f"the text is not UTF-8: byte {problem.start} is 0x{content[problem.start]:02x}; save it as UTF-8") from None
    if not text.strip():
        raise ValueError("the text is empty; bring one with at least two characters")
    return text
