"""Rows of a table as aligned text, CSV, JSON or Markdown; characters that are not visible are escaped in all of them."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from quantlab.model_file.names import printable

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|inf|nan)")
Row = dict[str, Any]  # column -> a number or a word


def written(form: str, rows: Sequence[Row]) -> str:
    """The rows, all of the same columns, in one of ``FORMS``."""
    return FORMS[form](rows)


def text(rows: Sequence[Row]) -> str:
    """Aligned columns, numbers to the right.

    >>> print(text([{"bits": 4, "scheme": "nf4"}, {"bits": 16, "scheme": "float"}]))
    bits  scheme
       4  nf4
      16  float
    """
    cells = [list(rows[0]), *([printable(str(value)) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [all(_is_number(row[name]) for row in rows) for name in rows[0]]
    lines = (
        "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(line, widths, right, strict=True))
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def _is_number(value: Any) -> bool:
    return not isinstance(value, str) or value == "no error" or value[:1].isdigit() or value[:2] in ("-i", "na") or value[1:2].isdigit()


def as_csv(rows: Sequence[Row]) -> str:
    """Comma separated values, numbers in full.

    >>> print(as_csv([{"bits": 4, "mse": 0.25}]))
    bits,mse
    4,0.25
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: as_cell(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows)
    return out.getvalue().rstrip("\n")


def as_cell(text: str) -> str:
    """A word for a spreadsheet: one that it would take for a formula stands behind an apostrophe.

    >>> as_cell("=1+1"), as_cell("@SUM(A1)"), as_cell("layers.0"), as_cell("-2.5"), as_cell("-")
    ("'=1+1", "'@SUM(A1)", 'layers.0', '-2.5', '-')
    """
    plain = text == "-" or _NUMBER.fullmatch(text) is not None
    return printable(text) if plain or text[:1] not in tuple("=+-@\t\r") else "'" + printable(text)


def as_json(rows: Sequence[Row]) -> str:
    """A list of objects; what JSON has no number for is null.

    >>> print(as_json([{"bits": 4, "sqnr_db": math.inf}]))
    [
      {"bits": 4, "sqnr_db": null}
    ]
    """
    sound = ({k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows)
    return "[\n  " + ",\n  ".join(_escaped(json.dumps(row, ensure_ascii=False)) for row in sound) + "\n]"


def _escaped(text: str) -> str:
    """JSON whose invisible characters are written as JSON writes them."""
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def markdown(rows: Sequence[Row]) -> str:
    """A table of Markdown, in which no word is a link, a picture or HTML.

    >>> print(markdown([{"bits": 4, "name": "a|b"}, {"bits": 3, "name": "![i](u)<b>"}]))
    | bits | name |
    |---|---|
    | 4 | a\\|b |
    | 3 | !\\[i\\](u)\\<b\\> |
    """
    lines = [list(rows[0]), *([_plain(printable(str(value))) for value in row.values()] for row in rows)]
    head, *body = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _plain(text: str) -> str:
    return "".join(f"\\{c}" if c in "\\|<>[]`*$&" else c for c in text)


FORMS: dict[str, Callable[[Sequence[Row]], str]] = {"text": text, "csv": as_csv, "json": as_json, "markdown": markdown}
