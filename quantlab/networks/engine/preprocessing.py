"""Preprocessing inside the network: normalization of pictures, moved into the first convolution.

The network reads pictures as they are, from 0 to 1. For each colour it learnt on (x - m) / s. The same answers come from x itself, so that the bits of the input are those of
the picture:

    sum W (x - m) / s   =   sum (W / s) x - sum (W / s) m

and since the convolution pads with zeros after normalizing, the picture is given a border of the colour m before.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import nn


class Border(nn.Module):
    """``width`` pixels of one colour (C,) around pictures (N, C, H, W)."""

    colour: torch.Tensor

    def __init__(self, colour: Sequence[float], width: int):
        super().__init__()
        self.register_buffer("colour", torch.tensor(colour).reshape(1, -1, 1, 1), persistent=False)
        self.width = width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        out = self.colour.expand(n, c, h + 2 * self.width, w + 2 * self.width).clone()
        out[:, :, self.width : self.width + h, self.width : self.width + w] = x
        return out


def fold_normalization(conv: nn.Conv2d, mean: Sequence[float], std: Sequence[float]) -> tuple[Border, nn.Conv2d]:
    """A border and a convolution that give for pictures from 0 to 1 what ``conv`` gives for normalized ones.

    mean, std : (C,). Padding with zeros, as many pixels above as beside, is what ``conv`` must do.
    """
    new = copy.deepcopy(conv)
    width = int(conv.padding[0])
    if conv.padding_mode != "zeros" or conv.padding != (width, width) or conv.groups != 1:
        raise ValueError(f"{conv} pads in a way that a border cannot stand for; give one that pads with zeros, the same on all sides")
    weight = conv.weight.detach().double() / torch.tensor(std, dtype=torch.float64).reshape(1, -1, 1, 1)
    bias = -(weight.sum((2, 3)) @ torch.tensor(mean, dtype=torch.float64))
    bias = bias if conv.bias is None else bias + conv.bias.detach().double()
    new.weight, new.bias, new.padding = nn.Parameter(weight.float()), nn.Parameter(bias.float()), (0, 0)
    return Border(mean, width), new
