"""How many bits the rounded waves of a picture take, coded as JPEG codes them.

In each block the waves run zigzag from coarse to fine. The first is coded as its difference from the block before; each other one
that is not 0 as a symbol (how many zeros stand before it, s) with its s bits, s = the bits of its magnitude; 16 zeros are a symbol of
their own, and so is "nothing more in this block". Symbols get Huffman words: here the best ones for this picture, of any length, one
table each for the luma's and the chroma's first and other waves. A file has some 600 bytes more for its head and tables.

Source: ITU-T T.81 (1992), Annex F.1.2; the zigzag is its figure A.6.
"""

from __future__ import annotations

import numpy as np

from quantlab.metrics import entropy_of_counts
from quantlab.storage.entropy_coding import huffman

_PLACES = sorted(((r, c) for r in range(8) for c in range(8)), key=lambda p: (p[0] + p[1], p[0] if (p[0] + p[1]) % 2 else p[1]))
ZIGZAG = np.array([8 * r + c for r, c in _PLACES])  # of the 64 waves in rows
_ZEROS, _END = 15 << 4, 0  # the symbols for 16 zeros, and for nothing more
TABLES = (slice(0, 1), slice(1, 3))  # planes that share their words: luma, chroma


def coded_bits(codes: np.ndarray) -> float:
    """The bits of all blocks. codes : whole numbers (3, R, C, 8, 8), of Y, Cb, Cr.

    >>> coded_bits(np.zeros((3, 2, 2, 8, 8), np.int16))  # 24 words of one bit: a difference of 0, and nothing more, in 12 blocks
    24.0
    """
    total = 0.0
    for planes in TABLES:
        waves = codes[planes].reshape(codes[planes].shape[0], -1, 64)[:, :, ZIGZAG].astype(np.int64)  # (P, B, 64)
        first = np.diff(waves[:, :, 0], axis=1, prepend=0)
        for symbols, extra in ((_bits_of(first), int(_bits_of(first).sum())), _runs(waves[:, :, 1:].reshape(-1, 63))):
            total += huffman(symbols).bits_per_code * symbols.size + extra
    return float(total)


def entropy_bits(codes: np.ndarray) -> float:
    """Bits a pixel that an ideal coder needs which knows how often each wave has each code, and nothing of its neighbours."""
    each = codes.reshape(codes.shape[0], -1, 64)
    bits = [entropy_of_counts(np.unique(each[plane, :, wave], return_counts=True)[1]) for plane in range(len(each)) for wave in range(64)]
    return float(sum(bits)) / 64


def _runs(waves: np.ndarray) -> tuple[np.ndarray, int]:
    """The symbols of blocks (B, 63), in any order, and the bits that come beside them."""
    block, place = np.nonzero(waves)
    size = _bits_of(waves[block, place])
    before = np.where(np.diff(block, prepend=-1) != 0, -1, np.concatenate(([-1], place[:-1])))
    zeros = place - before - 1
    last = np.full(len(waves), -1)
    last[block] = place  # the last one of a block is written last
    symbols = [(zeros % 16) << 4 | size, np.full(int((zeros // 16).sum()), _ZEROS), np.full(int((last < 62).sum()), _END)]
    return np.concatenate(symbols), int(size.sum())


def _bits_of(values: np.ndarray) -> np.ndarray:
    """How many bits a magnitude has: 0 for 0, 1 for 1, 2 for 2 and 3, ..."""
    return np.frexp(np.abs(values).astype(np.float64))[1].astype(np.int64)
