"""Are .safetensors files read as the library reads them, and those that lie refused?"""

import json

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given

from quantlab.sources import list_tensors, load_tensor

from .checks import W, arrays, check_is_read, refusal
from .hostile import safetensors as st_file


@given(arrays.filter(lambda x: x.dtype.isnative))
def test_any_safetensors_file_the_library_writes_is_read_as_the_library_reads_it(x):
    data = safetensors.numpy.save({"a": np.array([True, False, True]), "w": x})
    assert {info.name: info.shape for info in list_tensors("m.safetensors", data)} == {"a": (3,), "w": x.shape}
    check_is_read(safetensors.numpy.load(data)["w"], data, "m.safetensors", "w")


@pytest.mark.parametrize(
    ("dtype", "oracle"),
    [
        (torch.bfloat16, ml_dtypes.bfloat16),
        (torch.float8_e4m3fn, ml_dtypes.float8_e4m3fn),
        (torch.float8_e5m2, ml_dtypes.float8_e5m2),
    ],
)
def test_every_code_of_the_small_floats_is_read_as_ml_dtypes_reads_it(dtype, oracle):
    raw = np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
    data = safetensors.torch.save({"w": torch.from_numpy(raw.copy()).view(dtype)})
    expected = raw.view(oracle).astype(np.float32)
    x = load_tensor("m.safetensors", data)
    assert x.dtype == (np.float16 if dtype == torch.float8_e5m2 else np.float32)
    assert np.array_equal(x, expected, equal_nan=True)


def test_values_at_an_odd_place_in_a_safetensors_file_come_back_aligned():
    where = {
        "a": dict(dtype="U8", shape=[1], data_offsets=[0, 1]),
        "w": dict(dtype="F32", shape=[3, 4], data_offsets=[1, 49]),
    }
    check_is_read(W, st_file(where, b"\7" + W.tobytes()), "m.safetensors", "w")


GOOD = {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}


TWO = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "data",
    [
        st_file(GOOD, bytes(7)),
        st_file(GOOD, bytes(9)),
        st_file(GOOD, bytes(8), length=10**6),
        st_file(GOOD, bytes(8), length=2**63),
        st_file({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}, bytes(8)),
        st_file({"w": {"dtype": "F32", "shape": "2", "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"dtype": 3, "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": {"shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        st_file({"w": []}),
        st_file({"a": TWO, "b": TWO}, bytes(4)),
        st_file({"a": TWO, "b": {**TWO, "data_offsets": [8, 12]}}, bytes(12)),
        st_file(b"{" + b'"a":{' * 100_000),
        st_file(b"{not json"),
    ],
)
def test_a_lying_safetensors_header_is_refused_here_as_by_the_library(data):
    with pytest.raises(Exception):  # noqa: B017 (its own class, or KeyError)
        safetensors.numpy.load(data)
    with pytest.raises(ValueError, match="^'m.safetensors' is not a sound .safetensors file"):
        list_tensors("m.safetensors", data)


def test_a_safetensors_file_of_a_dtype_not_read_here_is_listed_and_refused_by_name():
    data = st_file({"w": {"dtype": "F4", "shape": [16], "data_offsets": [0, 8]}}, bytes(8))
    assert list_tensors("m.safetensors", data)[0].dtype == "F4"
    assert "'F4'" in refusal("m.safetensors", data)


def test_a_safetensors_name_that_comes_twice_is_refused_where_the_library_keeps_the_last():
    twice = json.dumps({"a": TWO, "b": TWO}).replace('"b"', '"a"').encode()
    assert "twice" in refusal("m.safetensors", st_file(twice, bytes(4)))


def test_a_safetensors_file_without_tensors_is_refused():
    assert "no tensor" in refusal("m.safetensors", st_file({"__metadata__": {"format": "pt"}}))
