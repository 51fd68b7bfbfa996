"""LSQ: a quantizer whose step learns.

    x_hat = s clip(rint(x / s), qmin, qmax)
    d x_hat / d s = rint(x / s) - x / s    where the code is inside, else qmin or qmax
    d x_hat / d x = 1                      where the code is inside, else 0

The step's gradient is summed over all that share it and multiplied by g = 1 / sqrt(N qmax), so that a step moves about as fast as
the weights. The codes are those of the core's arithmetic ``torch_fake``: x is multiplied by float32(1 / s).
Source: Esser et al. 2020, Learned step size quantization, arXiv:1902.08153.
"""

from __future__ import annotations

from math import sqrt
from typing import Any  # what autograd hands its functions has no public type

import torch


class _Learned(torch.autograd.Function):  # ctx: Any, for torch gives saved_tensors no public type
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, step: torch.Tensor, qmin: int, qmax: int, gain: float) -> torch.Tensor:
        ctx.save_for_backward(x, step)
        ctx.qmin, ctx.qmax, ctx.gain = qmin, qmax, gain
        return (x * (1 / step)).round().clamp(qmin, qmax) * step

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, step = ctx.saved_tensors
        place = x * (1 / step)
        codes = place.round()
        inside = (codes >= ctx.qmin) & (codes <= ctx.qmax)
        slope = torch.where(inside, codes - place, codes.clamp(ctx.qmin, ctx.qmax))
        of_step = (gradients[0] * slope).sum_to_size(step.shape) * ctx.gain
        return gradients[0] * inside, of_step, None, None, None


def learned_step(x: torch.Tensor, step: torch.Tensor, qmin: int, qmax: int, gain: float | None = None) -> torch.Tensor:
    """x fake-quantized. step : float32 that broadcasts against x. gain : of the step's gradient, LSQ's own where it is None.

    >>> learned_step(torch.tensor([0.3, -0.9, 0.1]), torch.tensor(0.4), -1, 1).tolist()
    [0.4000000059604645, -0.4000000059604645, 0.0]
    """
    scale = 1 / sqrt(x.numel() / step.numel() * max(qmax, 1)) if gain is None else gain
    return _Learned.apply(x, step, qmin, qmax, scale)  # type: ignore[no-untyped-call]
