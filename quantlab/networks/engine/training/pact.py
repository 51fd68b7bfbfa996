"""PACT: activations after ReLU, clipped at a level that learns.

    y = clip(x, 0, a),   y_hat = rint(y (2^b - 1) / a) a / (2^b - 1)
    d y_hat / d a = 1 where x >= a, else 0;   d y_hat / d x = 1 where 0 <= x < a, else 0

The paper pulls a down by an L2 penalty, so that the steps become fine; here a has none.
Source: Choi et al. 2018, arXiv:1805.06085.
"""

from __future__ import annotations

from typing import Any  # what autograd hands its functions has no public type

import torch


class _Clipped(torch.autograd.Function):  # ctx: Any, for torch gives saved_tensors no public type
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, clip: torch.Tensor, bits: int) -> torch.Tensor:
        ctx.save_for_backward(x, clip)
        step = clip / (2**bits - 1)
        return (torch.minimum(x.clamp(min=0), clip) / step).round() * step

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, clip = ctx.saved_tensors
        above = x >= clip
        return gradients[0] * ((x >= 0) & ~above), (gradients[0] * above).sum_to_size(clip.shape), None


def clipped(x: torch.Tensor, clip: torch.Tensor, bits: int) -> torch.Tensor:
    """x clipped to 0 ... clip and fake-quantized to 2^bits levels.

    >>> clipped(torch.tensor([-1.0, 0.4, 2.0]), torch.tensor(1.0), 1).tolist()
    [0.0, 0.0, 1.0]
    """
    return _Clipped.apply(x, clip, bits)  # type: ignore[no-untyped-call]
