"""Python's words in classes, for a program that is read: comments, strings, numbers, keywords; the rest is plain."""

from __future__ import annotations

import io
import keyword
import tokenize

_CLASSES = {tokenize.COMMENT: "comment", tokenize.STRING: "string", tokenize.NUMBER: "number"}
_CLASSES |= {getattr(tokenize, name): "string" for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END") if hasattr(tokenize, name)}


def parts(program: str) -> list[tuple[str, str]]:
    """(class, text) one after another, ``""`` for the class of plain text; all texts in a row are the program.

    >>> parts("x = 3  # bits")
    [('', 'x = '), ('number', '3'), ('', '  '), ('comment', '# bits')]
    """
    starts, found, at = _starts(program), [], 0
    for token in tokenize.generate_tokens(io.StringIO(program).readline):
        kind = "keyword" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else _CLASSES.get(token.type, "")
        begin, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if kind and begin >= at:
            found += [("", program[at:begin]), (kind, program[begin:end])]
            at = end
    return [(kind, text) for kind, text in [*found, ("", program[at:])] if text]


def _starts(program: str) -> list[int]:
    """Where each line begins."""
    starts = [0]
    for line in io.StringIO(program):
        starts.append(starts[-1] + len(line))
    return [*starts, starts[-1]]
