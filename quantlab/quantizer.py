"""Three verbs: choose the parameters, quantize, dequantize; and ``fake_quantize``, the last two at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from quantlab.coding import Groups, codes_of, read_back, values_of
from quantlab.ranges import choose_range
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, Quantized, QuantSpec
from quantlab.values.blocks import SIZE
from quantlab.values.rows import Rows, rows_of

_FLOAT32_MAX = float(np.finfo(np.float32).max)


def choose_qparams(x: np.ndarray, spec: QuantSpec) -> QParams:
    """The scales, zero points and codebooks for this tensor, one row a group.

    Raises ValueError where x holds NaN, infinity, complex or other non-real values, or values beyond float32.
    """
    x = as_real(x)
    return _stack(_chosen(spec.granularity.split(x), spec, None, x), spec)


def quantize(x: np.ndarray, spec: QuantSpec, qparams: QParams | None = None) -> Quantized:
    """Codes for every value of x, in its shape; ``qparams`` chosen beforehand (static) or from x itself.

    >>> q = quantize(np.array([-1.0, 0.1, 0.5, 1.0]), QuantSpec("int-symmetric", bits=3))
    >>> q.codes, q.qparams.scale  # 1 / 3; 0.1 is 0.3 steps, 0.5 is 1.5 steps: a tie, to even
    (array([-3,  0,  2,  3], dtype=int8), array([0.33333334], dtype=float32))
    """
    x = as_real(x)
    parts = spec.granularity.split(x)
    chosen = _chosen(parts, spec, qparams, x)
    stacked = qparams or _stack(chosen, spec)
    dtype = _code_dtype(stacked.qmin, stacked.qmax)
    pieces = [codes_of(rows, q, spec, i, dtype) for i, (rows, q) in enumerate(zip(parts, chosen, strict=True))]
    return Quantized(spec.granularity.join(pieces, x.shape) if pieces else np.empty(x.shape, dtype), stacked, spec)


def dequantize(q: Quantized) -> np.ndarray:
    """The values the codes stand for, float32, in the tensor's shape."""
    parts = q.spec.granularity.split(q.codes)
    chosen = _chosen(parts, q.spec, q.qparams, q.codes)
    pieces = [values_of(codes, groups, q.spec) for codes, groups in zip(parts, chosen, strict=True)]
    return q.spec.granularity.join(pieces, q.shape) if pieces else np.empty(q.shape, np.float32)


def fake_quantize(x: np.ndarray, spec: QuantSpec, qparams: QParams | None = None) -> np.ndarray:
    """``dequantize(quantize(x, spec))`` without keeping the codes; float32, in x's shape."""
    x = as_real(x)
    parts = spec.granularity.split(x)
    if qparams is None:
        pieces = [read_back(rows.values, _as_needed(rows, spec), spec, i) for i, rows in enumerate(rows_of(parts, x))]
    else:
        pieces = [read_back(rows, q, spec, i) for i, (rows, q) in enumerate(zip(parts, _chosen(parts, spec, qparams, x), strict=True))]
    return spec.granularity.join(pieces, x.shape) if pieces else np.empty(x.shape, np.float32)


def as_real(x: np.ndarray) -> np.ndarray:
    """x as float32 (float64 stays); a torch tensor, and ml_dtypes' small floats, too; refuses what is not real, with the remedy.

    >>> import ml_dtypes
    >>> as_real(np.array([1.5, -2.0], ml_dtypes.bfloat16))
    array([ 1.5, -2. ], dtype=float32)
    """
    x = np.asarray(_off_torch(x))
    if x.dtype.type.__module__ == "ml_dtypes":
        return x.astype(np.float32)
    if x.dtype.kind not in "fiub":
        raise ValueError(f"the tensor's type is {x.dtype}; quantization needs real numbers: convert it with x.real or x.astype('float32')")
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float64 if x.dtype.itemsize > 2 else np.float32)


def _off_torch(x: np.ndarray) -> np.ndarray:
    """A torch tensor as an array, off its graph and device, small floats as float32; anything else as it is."""
    if not type(x).__module__.startswith("torch"):
        return x
    tensor: Any = x
    tensor = tensor.detach().cpu()
    small = tensor.is_floating_point() and str(tensor.dtype) not in ("torch.float16", "torch.float32", "torch.float64")
    return (tensor.float() if small else tensor.resolve_neg().resolve_conj()).numpy()


def choose_from(rows: Rows, spec: QuantSpec) -> QParams:
    """``choose_qparams`` of rows whose sorting and sums many specs may share; one entry a row."""
    scheme = SCHEMES[spec.scheme]
    check_finite(rows, scheme.symmetric)
    return scheme.choose_qparams(rows, *choose_range(rows, spec), spec)


def _as_needed(rows: Rows, spec: QuantSpec) -> QParams | Groups:
    """The parameters of all groups; of short ones of an affine scheme what chooses those of a block, while its values are in the cache."""
    scheme, short = SCHEMES[spec.scheme], len(rows) > 1 and rows.values.shape[1] <= SIZE // 64
    if scheme.affine and short and rows.values.flags.c_contiguous and not scheme.shares(spec):
        return lambda groups: choose_from(rows.part(groups), spec)
    return choose_from(rows, spec)


def check_finite(rows: Rows, symmetric: bool = False) -> None:
    """Refuses NaN, infinity and values beyond float32; all show in the extremes, and which are at hand depends."""
    largest = float(rows.absmax.max() if symmetric else np.maximum(-rows.low.min(), rows.high.max()))
    if not np.isfinite(largest):
        bad = np.flatnonzero(~np.isfinite(rows.whole))
        raise ValueError(
            f"{len(bad)} of {rows.whole.size} values are NaN or infinite, the first at index {bad[0]}; drop or clip them first"
        )
    if largest > _FLOAT32_MAX:
        raise ValueError(f"the largest magnitude is {largest:g}, beyond float32's {_FLOAT32_MAX:.3g}; scale the tensor down first")


def _chosen(parts: list[np.ndarray], spec: QuantSpec, qparams: QParams | None, x: np.ndarray) -> list[QParams]:
    """The parameters of each part: chosen from it, or the rows of ``qparams`` that belong to it."""
    if qparams is None:
        return [choose_from(rows, spec) for rows in rows_of(parts, x)]
    if x.dtype.kind == "f":  # else these are codes
        check_finite(Rows(x.ravel(order="K")[None], x))
    groups = sum(len(rows) for rows in parts)
    if len(qparams.scale) != groups:
        raise ValueError(f"the parameters are for {len(qparams.scale)} groups, the tensor has {groups}; choose them anew for this shape")
    starts = np.cumsum([0] + [len(rows) for rows in parts])
    return [qparams.groups(slice(a, b)) for a, b in zip(starts[:-1], starts[1:], strict=True)]


def one_group(q: QParams, group: int = 0) -> QParams:
    """The parameters of one group alone."""
    return q.groups(slice(group, group + 1))


def _stack(chosen: list[QParams], spec: QuantSpec) -> QParams:
    if not chosen:  # an empty tensor: no groups, but the codes keep their range
        one = choose_from(Rows(np.zeros((1, 1), np.float32)), spec)
        return one.groups(slice(0, 0))
    first = chosen[0]
    each_has_one = first.codebook is not None and first.codebook.ndim == 2
    book = np.concatenate([q.codebook for q in chosen if q.codebook is not None]) if each_has_one else first.codebook
    scale, zero = (np.concatenate([getattr(q, name) for q in chosen]) for name in ("scale", "zero_point"))
    extra = None if first.extra is None else np.concatenate([q.extra for q in chosen if q.extra is not None])
    return QParams(scale, zero, first.qmin, first.qmax, book, extra)


def _code_dtype(qmin: int, qmax: int) -> np.dtype:
    choices = (np.int8, np.uint8, np.int16, np.uint16, np.int32)
    return np.dtype(next(t for t in choices if np.iinfo(t).min <= qmin and qmax <= np.iinfo(t).max))
