"""bfloat16 and float8 are read wherever they come from: npy, npz, tensors in memory."""

import io

import ml_dtypes
import numpy as np
import pytest

import quantlab as ql
from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.files import notes_of

VALUES = np.array([[-2.0, -0.5, 0.0], [0.375, 1.0, 96.0]], np.float32)
TYPES = (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn)


def saved(x: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, x)
    return out.getvalue()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npy_of_bytes_without_a_type_is_read_and_said(dtype, order):
    content = saved(np.asarray(VALUES.astype(dtype), order=order))
    assert np.array_equal(load_tensor("w.npy", content), VALUES)
    assert list_tensors("w.npy", content)[0].dtype == np.dtype(dtype).name
    assert "without a type are read as" in notes_of("w.npy", content)[0]


def test_an_npz_too():
    out = io.BytesIO()
    np.savez_compressed(out, a=VALUES.astype(ml_dtypes.bfloat16), b=VALUES.astype(ml_dtypes.float8_e4m3fn), c=VALUES)
    for name in "abc":
        assert np.array_equal(load_tensor("w.npz", out.getvalue(), name), VALUES)


def test_every_small_float_of_ml_dtypes_is_its_values():
    spec = ql.QuantSpec("int-symmetric", bits=8)
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e4m3b11fnuz", "float6_e2m3fn"):
        x = np.linspace(-2, 2, 9).astype(getattr(ml_dtypes, name))
        assert np.array_equal(ql.fake_quantize(x, spec), ql.fake_quantize(x.astype(np.float32), spec)), name


def test_tensors_of_torch_are_their_values_whatever_their_type_and_graph():
    torch = pytest.importorskip("torch")
    spec = ql.QuantSpec("int-symmetric", bits=8)
    right = ql.fake_quantize(VALUES, spec)
    for dtype in (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        assert np.array_equal(ql.fake_quantize(torch.tensor(VALUES).to(dtype), spec), right), dtype
    assert np.array_equal(ql.fake_quantize(torch.nn.Parameter(torch.tensor(VALUES)), spec), right)
    assert np.array_equal(ql.quantize(torch.arange(5), spec).codes, ql.quantize(np.arange(5), spec).codes)
    with pytest.raises(ValueError, match="real numbers"):
        ql.fake_quantize(torch.tensor([1j]), spec)
