"""Decoders of GGUF's simplest blocks, 32 values each, in whole arrays: several times as fast as one block after the other.

    q8_0: x = d q,   q4_0: x = d (q - 8),   q4_1: x = d q + m

d, m : float16, at the block's start. Of 16 bytes of codes the low halves are the first 16 values, the high ones the others.
Source: ggml-common.h; ggml-quants.c, dequantize_row_q4_1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_PIECE = 1 << 14  # blocks at once: what is between stays in the cache


def _q8_0(raw: np.ndarray, out: np.ndarray) -> None:
    np.multiply(raw[:, 2:].view(np.int8), _half(raw, 0), out=out, dtype=np.float32)


def _q4_0(raw: np.ndarray, out: np.ndarray) -> None:
    _nibbles(raw[:, 2:], out)
    out -= np.float32(8)
    out *= _half(raw, 0)


def _q4_1(raw: np.ndarray, out: np.ndarray) -> None:
    _nibbles(raw[:, 4:], out)
    out *= _half(raw, 0)
    out += _half(raw, 2)


def _half(raw: np.ndarray, at: int) -> np.ndarray:
    return np.ascontiguousarray(raw[:, at : at + 2]).view("<f2").astype(np.float32)  # (B, 1)


def _nibbles(codes: np.ndarray, out: np.ndarray) -> None:
    out[:, :16] = codes & 15
    out[:, 16:] = codes >> 4


DECODERS: dict[str, Callable[[np.ndarray, np.ndarray], None]] = {"q4_0": _q4_0, "q4_1": _q4_1, "q8_0": _q8_0}


def decoded(raw: np.ndarray, kind: str) -> np.ndarray:
    """Blocks (B, bytes), uint8, of a kind of ``DECODERS``, as float32 (32 B,).

    >>> decoded(np.array([[0, 60, 0, 0] + [0x21] * 16], np.uint8), "q4_1")[[0, 16]]  # d = 1, m = 0, codes 1 and 2
    array([1., 2.], dtype=float32)
    """
    out = np.empty((len(raw), 32), np.float32)
    for start in range(0, len(raw), _PIECE):
        DECODERS[kind](raw[start : start + _PIECE], out[start : start + _PIECE])
    return out.reshape(-1)
