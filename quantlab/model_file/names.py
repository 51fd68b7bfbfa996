"""Names out of files, made fit to be shown: what is no visible character is written as its escape."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""The text with every control, direction and line mark escaped, so that no name moves a terminal's cursor or begins a line.

    >>> printable("w\x1b[2J\n"), printable("layers.0.weight"), printable("\u202egnp")
    ('w\\x1b[2J\\n', 'layers.0.weight', '\\u202egnp')
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def brief(text: str, most: int = 80) -> str:
    """The same, its middle left out where it is longer: a name of a million characters stands in no sentence.

    >>> brief("layers.0.weight"), brief("abcdefghij", 5)
    ('layers.0.weight', 'ab…ij')
    """
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]}…{shown[len(shown) - most // 2 :]}"
