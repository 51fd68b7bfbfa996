"""Fake quantization of activations in torch, equal to the core's to the last bit.

    x_hat = s·(clip(rint(x·f32(1/s)) + z, qmin, qmax) - z)         the core's arithmetic "torch_fake"

Adding z before the clip or taking it from the clip's ends gives the same float32: all are whole numbers below 2^24.
The straight-through estimator passes the gradient where the rounded, unclipped code lies in [qmin, qmax].
Source of the estimator: Bengio, Léonard, Courville 2013, arXiv:1308.3432; its mask is that of torch's kernel.
"""

from __future__ import annotations

from typing import Any  # what autograd hands its functions has no public type

import numpy as np
import torch

import quantlab as ql
from quantlab.types import QParams, QuantSpec

AFFINE = tuple(slug for slug, scheme in ql.SCHEMES.items() if scheme.affine and "arithmetic" in scheme.knobs)
DYNAMIC = ("minmax", "absmax")


def is_affine(spec: QuantSpec) -> bool:
    """Whether this file's arithmetic is that of the spec: affine, to nearest even, more than one bit."""
    return spec.scheme in AFFINE and spec.rounding == "nearest-even" and spec.arithmetic == "torch_fake" and spec.bits > 1


def fake_quantize(x: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, qmin: int, qmax: int) -> torch.Tensor:
    """A new tensor of x's shape. scale, zero_point : float32 that broadcast against x."""
    codes = (x * (1 / scale)).round_()
    if zero_point.numel() == 1:
        codes.clamp_(qmin - float(zero_point), qmax - float(zero_point))
    else:
        codes = torch.minimum(torch.maximum(codes, qmin - zero_point), qmax - zero_point)
    return codes.mul_(scale).add_(0.0)  # -0 becomes 0


def activations(x: torch.Tensor, spec: QuantSpec, qparams: QParams) -> torch.Tensor:
    """x (N, ...) fake-quantized with one set of parameters (static), or with one for every image (dynamic)."""
    if is_affine(spec):
        shape = (-1, *[1] * (x.ndim - 1))
        scale, zero_point = torch.from_numpy(qparams.scale).reshape(shape), torch.from_numpy(qparams.zero_point).float().reshape(shape)
        return fake_quantize(x, scale, zero_point, qparams.qmin, qparams.qmax)
    rows = x.reshape(len(x), -1).numpy() if len(qparams.scale) > 1 else x.numpy()
    granularity = ql.per_channel(0) if len(qparams.scale) > 1 else ql.per_tensor()
    return torch.from_numpy(ql.fake_quantize(rows, spec.replace(granularity=granularity), qparams)).reshape(x.shape)


def dynamic_qparams(x: torch.Tensor, spec: QuantSpec) -> QParams:
    """Parameters for every image of x (N, ...) by itself, from its extremes: what else is in the batch changes nothing."""
    axes = tuple(range(1, x.ndim))
    extremes = torch.stack([x.amin(axes), x.amax(axes)], dim=1).numpy()  # (N, 2)
    return ql.choose_qparams(np.ascontiguousarray(extremes), spec.replace(granularity=ql.per_channel(0)))


def check_dynamic(spec: QuantSpec) -> QuantSpec:
    """The spec, where an image's extremes say all; ValueError where a search or the values themselves are needed."""
    if spec.scheme not in AFFINE or spec.bits < 2:
        raise ValueError(f"{spec.scheme} at {spec.bits} bits fits its levels beforehand; choose static, or integers of 2 bits or more")
    if spec.calibrator not in DYNAMIC:
        raise ValueError(f"{spec.calibrator} searches among calibration images, and dynamic ranges are extremes; choose static, or minmax")
    return spec


class _StraightThrough(torch.autograd.Function):  # ctx: Any, for torch gives saved_tensors no public type
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, qmin: int, qmax: int) -> torch.Tensor:
        codes = (x * (1 / scale)).round_() + zero_point
        ctx.save_for_backward((codes >= qmin) & (codes <= qmax))
        return fake_quantize(x, scale, zero_point, qmin, qmax)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return gradients[0] * ctx.saved_tensors[0], None, None, None, None


def straight_through(x: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, qmin: int, qmax: int) -> torch.Tensor:
    """``fake_quantize`` through which gradients pass as if it were not there, except where it clips."""
    return _StraightThrough.apply(x, scale, zero_point, qmin, qmax)  # type: ignore[no-untyped-call]
