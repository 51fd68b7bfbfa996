"""Tables in .csv files: fields between tabs, semicolons or commas (or blanks), one header line at most.

The fast way is numpy's own reader; when it refuses, the lines are walked to name the one that is wrong.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np

from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, show

MAX_BYTES = 100_000_000
MAX_LINE = 10_000_000  # characters
_DECIMAL_COMMA = re.compile(r"\s*\"?[+-]?\d+,\d+\"?\s*")


def is_text(head: bytes) -> bool:
    """Whether the first bytes can be the start of a table in UTF-8."""
    return not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", head) and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def csv_entries(upload: Upload) -> list[Entry]:
    """The one table of a .csv file: (rows, cols), or 1-D where it has one row or one column; float64."""
    if len(upload.view) > MAX_BYTES:
        raise Refused(f"{show(upload.name)} has {len(upload.view)} bytes of text, at most {MAX_BYTES} are read: save it as .npy.")
    lines = _lines(upload)
    try:
        number, first = next(lines)
        delimiter = next((mark for mark in "\t;," if mark in first), None)
        has_header = not any(_is_number(field) for field in first.split(delimiter))
        if has_header:
            number, first = next(lines)
            delimiter = next((mark for mark in "\t;," if mark in first), delimiter)
    except StopIteration:
        raise Refused(f"{show(upload.name)} holds no line of numbers: save rows such as 0.5,1,-2e-3.") from None
    cols = len(first.split(delimiter))
    rows = 1 + sum(1 for _ in lines)
    shape = (rows, cols) if rows > 1 and cols > 1 else (rows * cols,)
    info = TensorInfo(upload.name, shape, "float64", 8 * rows * cols)
    return [Entry(info, lambda: _load(upload, number, delimiter, rows, cols).reshape(shape))]


def _lines(upload: Upload) -> Iterator[tuple[int, str]]:
    """(line number, text) of the lines that are not blank."""
    with upload.open() as file, io.TextIOWrapper(file, "utf-8-sig") as text:
        try:
            for number in range(1, MAX_BYTES):
                line = text.readline(MAX_LINE)
                if not line:
                    return
                if len(line) == MAX_LINE:
                    raise Refused(f"{show(upload.name)}, line {number} is too long: save it as .npy.")
                if not line.isspace():
                    yield number, line
        except UnicodeDecodeError:
            raise Refused(f"{show(upload.name)} is not text in UTF-8: save it as CSV (UTF-8) or as .npy.") from None


def _load(upload: Upload, start: int, delimiter: str | None, rows: int, cols: int) -> np.ndarray:
    lines = (line for number, line in _lines(upload) if number >= start)
    try:
        return np.loadtxt(lines, delimiter=delimiter, comments=None, ndmin=2).reshape(rows, cols)
    except ValueError as error:
        raise _first_fault(upload, start, delimiter, cols) from error


def _first_fault(upload: Upload, start: int, delimiter: str | None, cols: int) -> Refused:
    for number, line in _lines(upload):
        fields = line.split(delimiter)
        where = f"{show(upload.name)}, line {number}"
        bad = next((field for field in fields if not _is_number(field)), None) if number >= start else None
        if bad is not None and _DECIMAL_COMMA.fullmatch(bad):
            return Refused(f"{where}: {show(bad.strip())} has a decimal comma: save with a decimal point, as 0.5.")
        if bad is not None:
            return Refused(f"{where}: {show(bad.strip())} is not a number: correct it, or leave that column out.")
        if number >= start and len(fields) != cols:
            return Refused(f"{where} has {len(fields)} fields where line {start} has {cols}: make all rows equal.")
    return Refused(f"{show(upload.name)} is not a table of numbers: save it with np.savetxt(file, x, delimiter=',').")


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field
