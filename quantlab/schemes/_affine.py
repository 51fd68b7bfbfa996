"""Arithmetic of affine integers, shared by the symmetric and the asymmetric scheme.

    q = clip(rint(x / s) + z, qmin, qmax)         x_hat = s·(q - z)

in three orders of float32 arithmetic that differ at ties: ``onnx`` as written (onnxruntime QuantizeLinear),
``torch_fake`` rint(x·f32(1/s)) + z (torch.fake_quantize_*), ``torch_quant`` rint(fma(x, f32(1/s), z))
(torch.quantize_per_tensor). Only rint may follow the zero point, where an odd one turns ties: of torch's two kernels
there is no other rounding, and half-away or toward-zero must see the sign of x, so for all others z is taken off again.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes.base import Knob, column, zero_column
from quantlab.types import QParams, QuantSpec

ARITHMETIC = Knob("onnx", "the order of the float32 operations, which decides ties", ("onnx", "torch_fake", "torch_quant"))
EPS = Knob(0.0, "the least scale; torch's observers have 1.1920929e-07", low=0.0, high=1.0)

_LARGEST = float(np.finfo(np.float32).max)


def step(span: np.ndarray, steps: float) -> np.ndarray:
    """span / steps as float32 (G,): 1 where the span is 0, never subnormal, never so large that a level overflows."""
    from quantlab.loops import affine

    scale = np.empty(len(span), np.float32)
    affine.steps(np.ascontiguousarray(span, np.float64), float(steps), scale)
    return scale


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if spec.arithmetic == "onnx":
        return x / column(qparams.scale, x.dtype)
    inverse = np.float32(1) / qparams.scale
    if spec.arithmetic == "torch_fake":
        return x * column(inverse, x.dtype)
    fused = x.astype(np.float64) * column(inverse, np.float64)  # exact
    fused += (zero := zero_column(qparams, np.float64))
    p = fused.astype(np.float32)
    return p if place_has_zero_point(spec) else np.subtract(p, zero, dtype=np.float32)


def place_has_zero_point(spec: QuantSpec) -> bool:
    return spec.arithmetic == "torch_quant" and spec.rounding == "nearest-even"


def zero_exact(spec: QuantSpec) -> bool:
    """Whether 0 stays 0: triangular dither moves it by a step."""
    return spec.rounding != "dither-tpdf"


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    if qparams.zero_point.any():
        codes = codes - zero_column(qparams, codes.dtype)
    with np.errstate(over="ignore"):
        x = codes * column(qparams.scale, codes.dtype)
    if float(qparams.scale.max(initial=0)) * 2.0**17 > _LARGEST:
        np.clip(x, -_LARGEST, _LARGEST, out=x)
    return x


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """The codes of a block (G, N), float32, in one loop; None for another order of arithmetic or another rounding."""
    if not _plain(spec):
        return None
    out = np.empty_like(x, np.float32)
    _run("codes", x, qparams, out)
    return out


def read_back(x: np.ndarray, qparams: QParams, spec: QuantSpec, out: np.ndarray) -> bool:
    """Write the values of a block's codes into ``out`` in one loop; False, with nothing done, where ``codes`` is None."""
    if plain := _plain(spec):
        _run("values", x, qparams, out)
    return plain


def row_errors(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    """Squared errors of each row and those beyond its levels, in one loop; None where ``codes`` is."""
    if not _plain(spec):
        return None
    from quantlab.loops import affine

    sums = np.empty((2, len(x)))
    qmin, qmax = np.float32(qparams.qmin), np.float32(qparams.qmax)
    affine.row_errors(np.ascontiguousarray(x, np.float32), qparams.scale, qparams.zero_point, qmin, qmax, *sums)
    return sums


def _plain(spec: QuantSpec) -> bool:
    return spec.arithmetic == "onnx" and spec.rounding == "nearest-even"


def _run(what: str, x: np.ndarray, qparams: QParams, out: np.ndarray) -> None:
    """The loop over rows, or over columns where those are the order of the memory; a block in neither order is copied."""
    from quantlab.loops import affine

    columns = out.T.flags.c_contiguous and not out.flags.c_contiguous
    into = out.T if columns else out
    straight = into if into.flags.c_contiguous else np.empty(into.shape, np.float32)
    loop = getattr(affine, f"{'column' if columns else 'row'}_{what}")
    ends = np.float32(qparams.qmin), np.float32(qparams.qmax)
    loop(np.ascontiguousarray(x.T if columns else x, np.float32), qparams.scale, qparams.zero_point, *ends, straight)
    if straight is not into:
        into[...] = straight
