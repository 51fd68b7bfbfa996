"""Are tables of text read whatever their separator, and refused at the line that is none?"""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.csv_table import MAX_BYTES as MAX_CSV

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
        ("1,2\n3,", "line 2: '' is not a number"),
        ("a,b\nc,d", "line 2: 'c' is not a number"),
        ("1,5;2,5\n3,5;4,5", "decimal comma"),
        ("1;2\n3,5;4", "line 2: '3,5' has a decimal comma"),
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
