"""The straight-through estimator for any rule: the forward pass gives its values exactly, the gradient passes where a mask says so.

``w + (values - w).detach()`` would do the same but for float32's rounding, after which equal levels differ in their last bit.
"""

from __future__ import annotations

from typing import Any  # what autograd hands its functions has no public type

import torch


class _Passing(torch.autograd.Function):  # ctx: Any, for torch gives saved_tensors no public type
    @staticmethod
    def forward(ctx: Any, w: torch.Tensor, values: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        ctx.mask = mask
        return values.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return (gradients[0] if ctx.mask is None else gradients[0] * ctx.mask), None, None


def passing(w: torch.Tensor, values: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """``values``, whose gradient goes to w where ``mask`` is true, everywhere without one."""
    return _Passing.apply(w, values, mask)  # type: ignore[no-untyped-call]
