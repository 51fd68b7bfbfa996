"""Binary and ternary weights while training: the scale follows from the latent weights, the gradient passes straight through.

    binary :  w_hat = m sign(w),   m = mean |w| of a channel                                  gradient where |w| <= 1
    ternary : w_hat = m sign(w) [|w| > d],   d = 0.7 mean |w|,   m = mean |w| over |w| > d    gradient everywhere

Sources: Courbariaux et al. 2015, arXiv:1511.00363; Rastegari et al. 2016, arXiv:1603.05279; Li, Zhang, Liu 2016, arXiv:1605.04711.
"""

from __future__ import annotations

import torch

from quantlab.networks.engine.training.passing import passing


def binary(w: torch.Tensor) -> torch.Tensor:
    """w (out, ...) with two levels an output channel; 0 counts as positive.

    >>> binary(torch.tensor([[0.5, -0.25], [0.0, 1.0]])).tolist()
    [[0.375, -0.375], [0.5, 0.5]]
    """
    m = w.detach().abs().mean(dim=tuple(range(1, w.ndim)), keepdim=True)
    return passing(w, torch.where(w >= 0, m, -m), w.abs() <= 1)


def ternary(w: torch.Tensor) -> torch.Tensor:
    """w (out, ...) with three levels an output channel.

    >>> ternary(torch.tensor([[1.0, -0.5, 0.25]])).tolist()
    [[0.75, -0.75, 0.0]]
    """
    axes, size = tuple(range(1, w.ndim)), w.detach().abs()
    large = (size > 0.7 * size.mean(dim=axes, keepdim=True)).float()
    m = (size * large).sum(dim=axes, keepdim=True) / large.sum(dim=axes, keepdim=True).clamp(min=1)
    return passing(w, m * w.detach().sign() * large)
