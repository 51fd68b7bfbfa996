"""Is what was pasted read as it was meant, or refused at the very token that is wrong?"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from quantlab.sources import parse_floats, pasted

doubles = st.floats(allow_nan=False, allow_infinity=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2 3", [1, 2, 3]),
        ("1,2;3\t4", [[1, 2], [3, 4]]),
        ("1\n2\n3\n", [1, 2, 3]),
        ("1, 2\n3, 4\n", [[1, 2], [3, 4]]),
        ("1, 2,\r\n3, 4,\r\n", [[1, 2], [3, 4]]),
        ("[1, 2; 3]", [1, 2, 3]),
        ("[1 2]\n[3 4]", [[1, 2], [3, 4]]),
        ("(1.5, -.5e1)", [1.5, -5]),
        ("7", [7]),
        ("array([[1., 2.],\n       [3., 4.]], dtype=float32)", [[1, 2], [3, 4]]),
        ("tensor([1., 2.], device='cuda:0', dtype=torch.float16)", [1, 2]),
        ("tensor([[1.], [2.]], grad_fn=<AddBackward0>)", [1, 2]),
        ("[np.float64(1.5), np.float32(2.0)]", [1.5, 2]),
        ("torch.tensor([1, 2], requires_grad=True)", [1, 2]),
    ],
)
def test_a_usual_way_to_write_numbers_is_read(text, expected):
    x = parse_floats(text)
    assert x.dtype == np.float64
    assert np.array_equal(x, np.array(expected))


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=60), elements=doubles))
def test_the_print_of_a_matrix_is_read_back_bit_for_bit_however_it_wraps(x):
    with np.printoptions(threshold=10**6, floatmode="unique"):
        assert np.array_equal(parse_floats(repr(x)), x)


@given(hnp.arrays(np.float64, st.integers(1, 90), elements=doubles))
def test_the_print_of_a_vector_is_read_back_in_one_dimension_however_it_wraps(x):
    with np.printoptions(floatmode="unique"):
        assert np.array_equal(parse_floats(repr(x)), x)


@given(st.integers(2, 5), st.integers(2, 40))
def test_the_print_of_a_torch_tensor_is_read(rows, cols):
    x = torch.arange(rows * cols, dtype=torch.float16).reshape(rows, cols)
    assert np.array_equal(parse_floats(repr(x)), x.numpy())


@pytest.mark.parametrize(
    ("text", "token", "line", "column"),
    [
        ("1, 2, x", "x", 1, 7),
        ("1 2\n3 4,5 6-7", "6-7", 2, 7),
        ("array([1., oops], dtype=float32)", "oops", 1, 12),
        ("[1\r\n 1_000]", "1_000", 2, 2),
        ("0x10", "0x10", 1, 1),
        ("1 2 ... 9", "...", 1, 5),
        ("__import__('os')", "__import__", 1, 1),
    ],
)
def test_a_token_that_is_no_number_is_named_with_its_place(text, token, line, column):
    with pytest.raises(ValueError) as error:
        parse_floats(text)
    assert str(error.value).startswith(f"{token!r} at line {line}, column {column} is not a number: ")


def test_a_very_long_token_is_shortened_in_the_message():
    with pytest.raises(ValueError) as error:
        parse_floats("1 " + "z" * 10_000)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize("text", ["", "  \n ", "[]", "array([], dtype=float64)", ",;,"])
def test_a_text_without_numbers_is_refused(text):
    with pytest.raises(ValueError, match="holds no number"):
        parse_floats(text)


def test_a_text_too_long_is_refused_before_it_is_read():
    with pytest.raises(ValueError, match="20000001 characters"):
        parse_floats(" " * (pasted.MAX_CHARS + 1))


def test_too_many_values_are_refused_and_the_largest_number_is_not():
    assert parse_floats("1 " * pasted.MAX_VALUES).size == pasted.MAX_VALUES
    with pytest.raises(ValueError, match="1000001 numbers"):
        parse_floats("1 " * (pasted.MAX_VALUES + 1))
