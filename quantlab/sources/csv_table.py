"""Tables in .csv files, as numpy, pandas and spreadsheets write them: fields between tabs, semicolons or commas (or blanks).

One rule says what is no number: lines that begin with # are comments, and a spreadsheet's ``sep=;`` says nothing else. The first line after
them is names where no field of
it is a number or a missing value; where its first field is empty and others follow (pandas' index); or where it counts 0, 1, 2, ... and
the line below does not count on (pandas without names). A first column that such a line leaves without a name is row numbers and left
out, and so is a last one that is empty in every line. Empty cells and NA, NaN, null are NaN, which the page lets one drop or clip. Between
semicolons 1,5 is 1.5. Text is UTF-8, or UTF-16 with its mark; − is a minus.

The fast way is numpy's own reader; when it refuses, the lines are walked, to read missing values or to name the line that is wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, show

MAX_BYTES = 100_000_000
MAX_LINE = 10_000_000  # characters
_DECIMAL_COMMA = re.compile(r"\s*\"?[+-]?\d+,\d+\"?\s*")
_IN_FIELD = re.compile(r"(?:^|[;\"\s])[+\-\u2212]?\d+,\d+(?:[eE][+-]?\d+)?(?=$|[;\"\s])")
_PASSED = re.compile(r"\s*#(?!n/a\b)|\ufeff?\"?sep=.?\"?\s*$", re.IGNORECASE)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MISSING = {"", "na", "n/a", "nan", "null", "none", "#n/a", "-", "?"}
_MINUS = str.maketrans({"\u2212": "-"})


@dataclass(frozen=True)
class _Table:
    """start : number of the first line of numbers. names : of the line above, () for none.

    skip, tail : columns at the left that are no numbers, and at the right that are empty. commas : whether 1,5 is 1.5.
    """

    start: int
    delimiter: str | None
    rows: int
    cols: int
    skip: int = 0
    names: tuple[str, ...] = ()
    tail: int = 0
    commas: bool = False

    @property
    def note(self) -> str:
        parts = ["the first line is taken as names"] if self.names else []
        parts += [f"{'its' if self.names else 'the'} first column as row numbers"] if self.skip else []
        parts += ["commas are read as decimal points"] if self.commas else []
        text = " and ".join(parts)
        return f"{text[:1].upper()}{text[1:]}." if text else ""


def is_text(head: bytes) -> bool:
    """Whether the first bytes can be the start of a table in UTF-8, or in UTF-16 with its mark."""
    return head.startswith(_WIDE) or not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", head)


def csv_entries(upload: Upload) -> list[Entry]:
    """The one table of a .csv file: (rows, cols), or 1-D where it has one row or one column; float64."""
    if len(upload.view) > MAX_BYTES:
        raise Refused(f"{show(upload.name)} has {len(upload.view)} bytes of text, at most {MAX_BYTES} are read: save it as .npy.")
    table = _table(upload)
    shape = (table.rows, table.cols) if table.rows > 1 and table.cols > 1 else (table.rows * table.cols,)
    info = TensorInfo(upload.name, shape, "float64", 8 * table.rows * table.cols, table.note)
    return [Entry(info, lambda: _load(upload, table).reshape(shape))]


def _table(upload: Upload) -> _Table:
    lines = _lines(upload)
    number, first = next(lines, (0, ""))
    second_number, second = next(lines, (0, ""))
    if not number:
        raise Refused(f"{show(upload.name)} holds no line of numbers: save rows such as 0.5,1,-2e-3.")
    delimiter = _delimiter(first)
    fields = _fields(first, delimiter)
    named = fields[:-1] if len(fields) > 1 and not fields[-1] else fields
    if not _is_header(named, _fields(second, _delimiter(second) or delimiter) if second_number else []):
        count, tail = _rest(lines, delimiter, [first, *([second] if second_number else [])])
        return _Table(number, delimiter, count, len(fields) - tail, tail=tail, commas=_commas(first + second, delimiter))
    if not second_number:
        raise Refused(f"{show(upload.name)} holds no line of numbers: save rows such as 0.5,1,-2e-3.")
    delimiter = _delimiter(second) or delimiter
    cells = _fields(second, delimiter)
    rows, tail = _rest(lines, delimiter, [second])
    if tail and not fields[-1] and len(fields) == len(cells):
        fields, cells = fields[:-1], cells[:-1]
    else:
        tail = 0
    skip = int(len(fields) > 1 and not fields[0] and len(cells) == len(fields))
    if len(cells) == len(fields) + 1 > 2:  # R and pandas leave the index without a name
        skip = 1
    elif len(cells) != len(fields):
        raise _under_names(upload, second_number, delimiter, len(cells), fields)
    return _Table(second_number, delimiter, rows, len(cells) - skip, skip, tuple(fields), tail, _commas(second, delimiter))


def _rest(lines: Iterator[tuple[int, str]], delimiter: str | None, before: list[str]) -> tuple[int, int]:
    """How many lines there are with those before, and 1 where all of more than one column end with the delimiter."""
    count, ends = len(before), delimiter is not None
    ends = ends and all(line.rstrip("\r\n ").endswith(delimiter or " ") for line in before)
    for _, line in lines:
        count += 1
        ends = ends and line.rstrip("\r\n ").endswith(delimiter or " ")
    return count, int(ends and any(line.strip(f"{delimiter}\r\n ") for line in before))


def _commas(text: str, delimiter: str | None) -> bool:
    """Whether numbers have decimal commas: between semicolons, where a comma is nothing else; between tabs it may group thousands."""
    return delimiter == ";" and _IN_FIELD.search(text) is not None


def _under_names(upload: Upload, number: int, delimiter: str | None, count: int, fields: list[str]) -> Refused:
    where = f"{show(upload.name)}, line {number} has {count} fields under {len(fields)} {'name' if len(fields) == 1 else 'names'}"
    if delimiter == "," and count == 2 * len(fields):
        return Refused(f"{where}, as decimal commas make them: save with a decimal point, as 0.5.")
    return Refused(f"{where}: make all rows equal.")


def _is_header(fields: list[str], below: list[str]) -> bool:
    """Whether a first line is names and no values."""
    if all(not _is_number(field) and field.casefold() not in _MISSING for field in fields):
        return True
    named = fields[1:] if len(fields) > 1 and not fields[0] else fields
    counts = len(named) > 1 and named == [str(k) for k in range(len(named))]
    if counts and len(below) == len(fields):
        start = len(fields) - len(named)
        on = [str(len(named) + k) for k in range(len(named))]
        return below[start:] != on and (bool(start) or not all(re.fullmatch(r"[+-]?\d+", cell) for cell in below))
    return bool(not fields[0] and named and all(not _is_number(field) and field for field in named))


def _delimiter(line: str) -> str | None:
    return next((mark for mark in "\t;," if mark in line), None)


def _fields(line: str, delimiter: str | None) -> list[str]:
    """The fields of a line, their quotes taken off."""
    parts = line.split(delimiter)
    if '"' in line and delimiter:
        with suppress(csv.Error):  # a field of more than it takes stays as it is, and is no number
            parts = next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])
    fields = [part.strip().strip('"').translate(_MINUS) for part in parts]
    if delimiter != ";" or "," not in line:
        return fields
    return [field.replace(",", ".") if _IN_FIELD.fullmatch(field) else field for field in fields]


def _lines(upload: Upload) -> Iterator[tuple[int, str]]:
    """(line number, text) of the lines that are neither blank nor comments."""
    encoding = "utf-16" if upload.head.startswith(_WIDE) else "utf-8-sig"
    with upload.open() as file, io.TextIOWrapper(file, encoding) as text:
        try:
            for number in range(1, MAX_BYTES):
                line = text.readline(MAX_LINE)
                if not line:
                    return
                if len(line) == MAX_LINE:
                    raise Refused(f"{show(upload.name)}, line {number} is too long: save it as .npy.")
                if not line.isspace() and not _PASSED.match(line):
                    yield number, line
        except UnicodeError:
            raise Refused(f"{show(upload.name)} is not text in UTF-8: save it as CSV (UTF-8) or as .npy.") from None


def _load(upload: Upload, table: _Table) -> np.ndarray:
    lines = (line.translate(_MINUS) if "\u2212" in line else line for number, line in _lines(upload) if number >= table.start)
    columns = range(table.skip, table.skip + table.cols) if table.skip or table.tail else None
    try:
        found = np.loadtxt(lines, delimiter=table.delimiter, comments=None, ndmin=2, usecols=columns, quotechar='"')
        return found.reshape(table.rows, table.cols)
    except ValueError:
        return _slowly(upload, table)


def _slowly(upload: Upload, table: _Table) -> np.ndarray:
    """The table line by line, missing values as NaN; Refused with the first line that is wrong."""
    out = np.empty((table.rows, table.cols))
    width, row, points = table.skip + table.cols + table.tail, 0, False
    for number, line in _lines(upload):
        if number < table.start:
            continue
        fields = _fields(line, table.delimiter)
        where = f"{show(upload.name)}, line {number}"
        cells = fields[table.skip : table.skip + table.cols]
        points = points or (table.commas and "." in line)
        if points and _commas(line, table.delimiter):
            raise Refused(f"{where} has a decimal comma where others have a decimal point: save all with one of them.")
        bad = next((cell for cell in cells if not _is_number(cell) and cell.casefold() not in _MISSING), None)
        if bad is not None and _DECIMAL_COMMA.fullmatch(bad):
            raise Refused(f"{where}: {show(bad)} has a decimal comma: save with a decimal point, as 0.5.")
        if bad is not None:
            raise Refused(f"{where}: {show(bad)} is not a number: correct it, or leave that column out.")
        if len(fields) != width:
            raise Refused(f"{where} has {len(fields)} fields where line {table.start} has {width}: make all rows equal.")
        out[row] = [float(cell) if _is_number(cell) else np.nan for cell in cells]
        row += 1
    return out


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field
