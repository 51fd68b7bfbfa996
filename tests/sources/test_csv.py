"""Are tables of text read whatever their separator, and refused at the line that is none?"""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.csv_table import MAX_BYTES as MAX_CSV
from quantlab.sources.files import notes_of

from .checks import refusal


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "1;2\n3;4",
        "1\t2\r\n3\t4\r\n",
        "a,b\n1,2\n3,4",
        '"a";"b"\n1;2\n\n3;4\n\n',
        "1 2\n3 4",
        "\ufeff1,2\n3,4",
    ],
)
def test_a_csv_is_read_whatever_its_separator_and_header(text):
    assert np.array_equal(load_tensor("t.csv", text.encode()), [[1, 2], [3, 4]])


@pytest.mark.parametrize("text", ["1\n2\n3", "1,2,3", "x\n1\n2\n3\n", "a,b,c\n1,2,3"])
def test_a_csv_of_one_row_or_one_column_is_one_dimensional(text):
    assert list_tensors("t.csv", text.encode())[0].shape == (3,)
    assert np.array_equal(load_tensor("t.csv", text.encode()), [1, 2, 3])


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2)))
def test_a_csv_that_numpy_wrote_with_all_digits_is_read_bit_for_bit(x):
    file = io.BytesIO()
    np.savetxt(file, x, delimiter=",", fmt="%.17g")
    assert np.array_equal(load_tensor("t.csv", file.getvalue()), x, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3\n5,6", "line 2 has 1 fields where line 1 has 2"),
        ("a,b\n1,2\n\n3,4,5", "line 4 has 3 fields where line 2 has 2"),
        ("1,2\n3,x", "line 2: 'x' is not a number"),
        ("a,b\nc,d", "line 2: 'c' is not a number"),
        ("1,5;2,5\n3.5;4,5", "a decimal comma where others have a decimal point"),
        ("1,5;2\n1,234.5;4", "'1,234.5' is not a number"),
        ("1\t2,5\n3\t4", "decimal comma"),
        ("1,1_0\n2,3", "'1_0' is not a number"),
        ("a,b\n", "no line of numbers"),
        (" \n\n", "no line of numbers"),
    ],
)
def test_a_csv_that_is_no_table_is_refused_at_its_line(text, words):
    assert words in refusal("t.csv", text.encode())


def test_a_csv_in_another_encoding_or_too_large_is_refused():
    assert "UTF-8" in refusal("t.csv", "gewöhnliche Breite,b\n1,2".encode("latin-1"))
    assert "at most 100000000" in refusal("t.csv", b"1," * (MAX_CSV // 2 + 1))


# ---------------------------------------------------------------- as numpy, pandas and spreadsheets write them

NAN = np.nan
AS_WRITTEN = {
    "comments of np.savetxt": ("# a run\n# of today\n1,2\n3,4\n", [[1, 2], [3, 4]], ""),
    "np.savetxt with a header and blanks": ("# x y\n1.0 2.0\n3.0 4.0\n", [[1, 2], [3, 4]], ""),
    "pandas with its index": (",a,b\n0,1.5,2\n1,3,4\n", [[1.5, 2], [3, 4]], "names and its first column as row numbers"),
    "pandas without names": (",0,1\n0,1.5,2\n1,3,4\n", [[1.5, 2], [3, 4]], "names and its first column as row numbers"),
    "pandas without names or index": ("0,1\n1.5,2\n3,4\n", [[1.5, 2], [3, 4]], "taken as names"),
    "R's index without a name": ("a,b\nr1,1,2\nr2,3,4\n", [[1, 2], [3, 4]], "row numbers"),
    "rows that count on are values": ("0,1\n2,3\n4,5\n", [[0, 1], [2, 3], [4, 5]], ""),
    "whole numbers are values": ("0,1\n1,1\n0,0\n", [[0, 1], [1, 1], [0, 0]], ""),
    "a first row of missing values": ("NA,NA\n1,2\n", [[NAN, NAN], [1, 2]], ""),
    "empty cells": ("a,b\n1,\n,4\n", [[1, NAN], [NAN, 4]], "taken as names"),
    "null and #N/A": ("1;null\n#N/A;4\n", [[1, NAN], [NAN, 4]], ""),
    "a minus of print": ("1,\u22122\n\u22123.5,4\n", [[1, -2], [-3.5, 4]], ""),
    "quoted numbers": ('"a";"b"\n"1";"2"\n"3";"4"\n', [[1, 2], [3, 4]], "taken as names"),
}


@pytest.mark.parametrize("what", AS_WRITTEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_are_read_as_they_are_written(what, encoding):
    text, expected, note = AS_WRITTEN[what]
    data = text.encode(encoding)  # what "utf-16" writes begins with its mark
    assert np.array_equal(load_tensor("t.csv", data), expected, equal_nan=True)
    notes = " ".join(notes_of("t.csv", data))
    assert note in notes and bool(note) == bool(notes)


def test_decimal_commas_under_one_name_are_no_two_columns():
    for text in (b"x\n1,5\n2,5\n", b"x\n1,5\n"):
        assert "decimal comma" in refusal("t.csv", text)
    assert "4 fields under 2 names" in refusal("t.csv", b"a;b\n1;2;3;4\n")


@pytest.mark.parametrize(
    "text, rows, note",
    [
        ("1,5;2,5\n3;\u22124,25\n", [[1.5, 2.5], [3, -4.25]], "Commas are read as decimal points."),
        ('a;b\n"1,5";2,5e3\n', [[1.5, 2500.0]], "The first line is taken as names and commas are read as decimal points."),
        ("sep=;\n1;2\n3;4\n", [[1, 2], [3, 4]], ""),
        ("1,2\n# between\n3,4\n# end\n", [[1, 2], [3, 4]], ""),
        ("#N/A,1\n2,3\n", [[np.nan, 1], [2, 3]], ""),
        ("1,2,\n3,4,\n", [[1, 2], [3, 4]], ""),
        ("a,b,\n1,2,\n3,4,\n", [[1, 2], [3, 4]], "The first line is taken as names."),
        ("1,2,\n3,4,5\n", [[1, 2, np.nan], [3, 4, 5]], ""),
    ],
)
def test_what_spreadsheets_and_instruments_write_is_read(text, rows, note):
    assert np.array_equal(np.atleast_2d(load_tensor("t.csv", text.encode())), rows, equal_nan=True)
    assert notes_of("t.csv", text.encode()) == ([note] if note else [])


@given(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=5), elements={"min_value": -1e6, "max_value": 1e6}
    ),
)
def test_what_pandas_writes_is_read_back(x):
    """pandas' own way of writing, by hand: an empty first name, numbered names, an index."""
    names = ",".join(["", *map(str, range(x.shape[1]))])
    rows = [",".join([str(i), *map(repr, row)]) for i, row in enumerate(x.tolist())]
    assert np.array_equal(load_tensor("t.csv", "\n".join([names, *rows]).encode()), x)
