"""How are files of numbers checked, whatever their format: read bit for bit, or refused in one sentence?"""

import warnings

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from quantlab.sources import list_tensors, load_tensor

W = np.arange(12, dtype=np.float32).reshape(3, 4)


KINDS = ["bool", "i1", "u1", "<i2", ">i2", "<i4", "<u4", "<i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


def refusal(name: str, data, tensor=None) -> str:
    """The one sentence with which the file, or its tensor, is refused."""
    with pytest.raises(ValueError) as error, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        list_tensors(name, data)
        load_tensor(name, data, tensor)
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and ": " in text and len(text) < 400, text
    return text


def check_is_read(x: np.ndarray, data, name="w.npy", tensor=None):
    y = load_tensor(name, data, tensor)
    assert y.shape == x.shape
    assert y.flags.c_contiguous and y.flags.aligned and not y.flags.writeable and y.dtype.isnative
    assert y.dtype == (x.dtype.newbyteorder("=") if x.dtype.kind == "f" else np.float32)
    assert np.array_equal(y, x.astype(y.dtype), equal_nan=True)


arrays = st.sampled_from(KINDS).flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=4)))
