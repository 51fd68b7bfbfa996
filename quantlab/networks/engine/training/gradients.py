"""Gradients in few bits, as DoReFa rounds them on their way back: nearest, or up and down by chance.

    g_hat = 2 m (round(g / (2 m) + 1/2, k bits) - 1/2),   m = max |g|,   round(u, k bits) = r(u (2^k - 1)) / (2^k - 1)

r is the nearest code, or the code below plus one with the probability of what is left: then the mean of g_hat is g. DoReFa adds
even noise of one step before rounding to the nearest, which is the same. Each image has an m of its own.
Source: Zhou et al. 2016, arXiv:1606.06160, section 2.5.
"""

from __future__ import annotations

from typing import Any  # what autograd hands its functions has no public type

import torch


def rounded_gradient(g: torch.Tensor, bits: int, stochastic: bool, generator: torch.Generator | None = None) -> torch.Tensor:
    """g (N, ...) in 2^bits levels an image.

    >>> rounded_gradient(torch.tensor([[1.0, 0.1, -0.6]]), 1, stochastic=False).tolist()
    [[1.0, 1.0, -1.0]]
    """
    top = 2**bits - 1
    reach = 2 * g.abs().amax(dim=tuple(range(1, g.ndim)), keepdim=True).clamp(min=torch.finfo(g.dtype).tiny * 2**bits)
    place = (g / reach + 0.5) * top
    codes = (place + torch.rand(g.shape, generator=generator)).floor() if stochastic else place.round()
    return (codes.clamp(0, top) / top - 0.5) * reach


class _Back(torch.autograd.Function):  # ctx: Any, for torch gives saved_tensors no public type
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, bits: int, stochastic: bool, generator: torch.Generator) -> torch.Tensor:
        ctx.how = bits, stochastic, generator
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return rounded_gradient(gradients[0], *ctx.how), None, None, None


def with_rounded_gradient(x: torch.Tensor, bits: int, stochastic: bool, generator: torch.Generator) -> torch.Tensor:
    """x as it is, whose gradient is rounded on its way back."""
    return _Back.apply(x, bits, stochastic, generator)  # type: ignore[no-untyped-call]
