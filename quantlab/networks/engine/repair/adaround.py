"""AdaRound: each weight goes up or down, whichever moves the layer's output least; learnt, not searched.

    Wq = s (clip(floor(w / s) + h(v), qmin, qmax)),     h(v) = clip(1.2 sigmoid(v) - 0.1, 0, 1)
    minimise  sum over rows of d H dᵀ  +  l sum (1 - |2 h - 1|^b),     d = W - Wq

The first part is the error of the layer's output on the calibration images; the second makes every h 0 or 1 as b falls from 20 to 2.
v begins where Wq = W. The error is taken before the ReLU, so that it is a quadratic form and needs no images in the loop, and
in units of what rounding to nearest gives each row, so that one l serves all layers.
Source: Nagel et al. 2020, arXiv:2004.10568, equations 21 to 25.
"""

from __future__ import annotations

import numpy as np
import torch

from quantlab.networks.engine.repair._choosing import choose_codes
from quantlab.networks.engine.repair._grid import Grid
from quantlab.networks.engine.repair._moments import by_group
from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import REPAIRS
from quantlab.progress import Steps

ITERATIONS = 600
RATE = 0.03
WEIGHT = 30.0  # l, of the regulariser
WARM = 0.2  # share of the iterations without it
BETA = (20.0, 2.0)
SETTLED = 0.01  # no h is further from both ends: every weight has gone up or down
TOLD = 20  # iterations between two words of progress


def stretched(v: torch.Tensor) -> torch.Tensor:
    """h(v), 0 to 1."""
    return (1.2 * torch.sigmoid(v) - 0.1).clamp(0, 1)


def start(fraction: torch.Tensor) -> torch.Tensor:
    """v with h(v) = fraction, 0 to 1."""
    return torch.logit((fraction.clamp(0.001, 0.999) + 0.1) / 1.2)


def learnt_codes(weight: np.ndarray, grid: Grid, h: np.ndarray) -> Steps[np.ndarray]:
    """The codes (out, K) that AdaRound learns; yields (iterations done, iterations)."""
    place = torch.from_numpy(np.clip(by_group(grid.place(weight), len(h)), grid.qmin, grid.qmax)).float()  # (G, out / G, K)
    down = place.floor().clamp(grid.qmin, grid.qmax - 1)
    exact, scale = (torch.from_numpy(by_group(a, len(h))).float() for a in (weight, grid.scale))
    zero = torch.from_numpy(by_group(grid.zero, len(h))).float()
    nearest = torch.from_numpy(by_group(weight - grid.value(grid.nearest(weight)), len(h))).float()
    form = torch.from_numpy(h).float()
    unit = ((nearest @ form) * nearest).mean(dim=-1, keepdim=True)  # (G, out / G, 1)
    if not bool((unit > 0).any()):
        yield 0, 1
        return grid.nearest(weight)
    unit = torch.where(unit > 0, unit, torch.ones_like(unit))
    v = start(place - down).requires_grad_(True)
    optimizer = torch.optim.Adam([v], lr=RATE)
    for i in range(ITERATIONS):
        if i % TOLD == 0:
            yield i, ITERATIONS
        share = (i / ITERATIONS - WARM) / (1 - WARM)
        with torch.enable_grad():
            soft = stretched(v)
            d = exact - scale * (down + soft - zero)
            loss = ((d @ form) * d / unit).sum()
            if share > 0:
                beta = BETA[0] + share * (BETA[1] - BETA[0])
                loss = loss + WEIGHT * (1 - (2 * soft - 1).abs() ** beta).sum()
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        if i % TOLD == 0 and share > 0 and float(torch.minimum(soft, 1 - soft).max().detach()) < SETTLED:
            break
    with torch.inference_mode():
        chosen = down + (stretched(v) >= 0.5)
    return chosen.reshape(weight.shape).double().numpy()


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece whose weights are rounded for the layers' outputs."""
    return choose_codes(piece, learnt_codes)


METHOD = Method(REPAIRS["adaround"], apply)
