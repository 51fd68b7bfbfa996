"""Pasted numbers: a list, lines of a table, or what numpy and torch print.

Numbers are split at spaces, commas, semicolons and line ends; brackets, ``array(``, ``tensor(`` and their keywords
(``dtype=float32``) are ignored. Rows are innermost brackets, or lines where there are no brackets, or parts between
semicolons: several rows of one length make a 2-D array, anything else is 1-D. A decimal comma cannot be told from a
separator: "1,5" is 1 and 5.
"""

from __future__ import annotations

import re

import numpy as np

MAX_CHARS = 20_000_000
MAX_VALUES = 1_000_000

_WRAPPER = re.compile(r"\b(?:(?:np|numpy|torch)\.)?(?:array|tensor|u?int\d+|b?float\d+)\s*\(")
_KEYWORD = re.compile(r",\s*(?:dtype|device|shape|requires_grad|grad_fn)\s*=\s*(?:'[^'\n]*'|\([^()\n]*\)|<?[\w.]+>?)")
_TOKEN = re.compile(r"[^\s,;\[\]()]+")


def _words(text: str) -> list[str]:
    for mark in ",;[]()":
        text = text.replace(mark, " ")
    return text.split()


def _blank(match: re.Match[str]) -> str:
    """The match as spaces, so that positions in the text stay what the person sees."""
    return re.sub(r"[^\n]", " ", match.group())


def _not_a_number(plain: str) -> ValueError:
    """The error for the first token that is no number (slow; asked only once there is one)."""
    for token in _TOKEN.finditer(plain):
        word = token.group()
        if not _is_number(word):
            break
    line = plain.count("\n", 0, token.start()) + 1
    column = token.start() - plain.rfind("\n", 0, token.start())
    remedy = "write numbers with a decimal point, such as 0.5 or -1e-3, split by spaces, commas or lines"
    if word == "...":
        remedy = "the print was shortened, so print all of it with np.set_printoptions(threshold=10**6)"
    shown = word if len(word) <= 40 else word[:40] + "..."
    return ValueError(f"{shown!r} at line {line}, column {column} is not a number: {remedy}.")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word  # float() reads 1_000


def parse_floats(text: str) -> np.ndarray:
    """The numbers in ``text`` as float64, 1-D, or 2-D where several rows have one length.

    Raises
    ------
    ValueError : nothing to read, more than ``MAX_CHARS`` characters or ``MAX_VALUES`` values, or a token that is
        not a number (its line, column and the remedy). ``nan`` and ``inf`` are read: see ``make_finite``.

    >>> parse_floats("1, 2; 3 4e-1")
    array([[1. , 2. ],
           [3. , 0.4]])
    >>> parse_floats("tensor([[1., 2.], [3., 4.]], dtype=torch.float16)").shape
    (2, 2)
    >>> parse_floats("1, 2, x")
    Traceback (most recent call last):
    ...
    ValueError: 'x' at line 1, column 7 is not a number: write numbers with a decimal point, such as 0.5 or -1e-3, \
split by spaces, commas or lines.
    """
    if len(text) > MAX_CHARS:
        raise ValueError(f"The text has {len(text)} characters, at most {MAX_CHARS} are read: upload it as .csv or .npy.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = _KEYWORD.sub(_blank, _WRAPPER.sub(_blank, text))
    words = _words(plain)
    if not words:
        raise ValueError("The text holds no number: paste values such as 0.5, -1, 2e-3.")
    if len(words) > MAX_VALUES:
        raise ValueError(f"The text holds {len(words)} numbers, at most {MAX_VALUES} are read: upload .csv or .npy.")
    try:
        x = np.array([float(word) for word in words])  # (n,)
    except ValueError:
        raise _not_a_number(plain) from None
    if "_" in plain:
        raise _not_a_number(plain)
    widths = _row_widths(plain)
    if len(widths) > 1 and len(set(widths)) == 1 and widths[0] > 1:
        return x.reshape(len(widths), widths[0])
    return x


def _row_widths(plain: str) -> list[int]:
    """The number of numbers in each row; in brackets a line end is none, for prints wrap their long rows."""
    rows = re.split(r"[\[\];]" if "[" in plain else r"[;\n]", plain)
    widths = [len(_words(row)) for row in rows]
    return [n for n in widths if n]
