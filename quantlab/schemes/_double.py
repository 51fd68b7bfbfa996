"""Scales that are quantized themselves: QLoRA's double quantization, in bitsandbytes' 8-bit dynamic code.

    offset = mean of all scales      r = scale - offset      per 256 scales: r_hat = max|r|·code(r / max|r|)

The code's 256 levels keep a varying number of digits: for i = 0 ... 6 the decade 10^(i-6) is cut into 2^i equal parts
between .1 and 1, each level a part's middle, with both signs; and 0 and 1. A scale costs 8 bits, 32 / 256 for the
block's max|r|, and the tensor 32 for the offset: at groups of 64, 4 + 8/64 + 32/(64·256) = 4.127 bits a value.

>>> len(dynamic_code()), float(dynamic_code()[-2])  # .1 + .9 * (63 + .5) / 64
(256, 0.992968738079071)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quantlab.caching import cache

BLOCK = 256
CODE_BITS = 8.0  # of one scale


@cache
def dynamic_code() -> np.ndarray:
    """The 256 levels, ascending, float32. Source: Dettmers 2016, arXiv:1511.04561."""
    levels = [0.0, 1.0]
    for i in range(7):
        edges = np.linspace(0.1, 1, 2**i + 1).astype(np.float32)
        middles = np.float32(10.0 ** (i - 6)) * ((edges[:-1] + edges[1:]) / np.float32(2))
        levels += [*middles.tolist(), *(-middles).tolist()]
    return np.sort(np.array(levels, np.float32))


class StoredScales(NamedTuple):
    """What is stored of each of G scales: its code, its block's max|r| and the tensor's offset, float32 (G,) each."""

    code: np.ndarray
    top: np.ndarray
    offset: np.ndarray


def double_quantized(scale: np.ndarray) -> StoredScales:
    """The scales (G,), float64, in 8 bits each."""
    offset = float(np.float32(scale.mean(dtype=np.float64)))
    residual = np.append(scale - offset, np.zeros(-len(scale) % BLOCK)).reshape(-1, BLOCK)
    top = np.abs(residual).max(axis=1, keepdims=True).astype(np.float32).astype(np.float64)
    levels = dynamic_code().astype(np.float64)
    code = np.searchsorted((levels[1:] + levels[:-1]) / 2, residual / np.where(top == 0, 1, top))
    columns = (code, np.broadcast_to(top, code.shape), np.full(code.shape, offset))
    return StoredScales(*(column.ravel()[: len(scale)].astype(np.float32) for column in columns))


def read_back(stored: StoredScales) -> np.ndarray:
    """The scales as they come back, float32 (G,), above zero."""
    code, top, offset = (column.astype(np.float64) for column in stored)
    back = np.maximum(dynamic_code().astype(np.float64)[code.astype(np.intp)] * top + offset, top * 2.0**-24)  # never below 0
    return np.clip(back, np.finfo(np.float32).tiny, np.finfo(np.float32).max).astype(np.float32)


def part_bits(groups: int) -> float:
    """What so many scales share: a float32 for each block of them, and their offset."""
    return 32.0 * (-(-groups // BLOCK) + 1) if groups else 0.0
