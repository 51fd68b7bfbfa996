"""Blocks as GGUF files lay them out: the bytes that llama.cpp reads.

Q4_0 to Q8_0 are the gguf package's own. It writes no Q4_K, so those bytes are laid here: 144 a super-block of 256,
d and d_min in float16, eight scales and eight minima of 6 bits in 12 bytes, then 128 bytes of codes: of every 64 values the first 32 in
the low halves, the others in the high ones.
Source: ggml-common.h, block_q4_K; ggml-quants.c, get_scale_min_k4.
"""

from __future__ import annotations

import numpy as np

from quantlab.quantizer import quantize
from quantlab.schemes import SCHEMES
from quantlab.storage.packing import unpack
from quantlab.types import QuantSpec


def block_bytes(rows: np.ndarray, kind: str) -> np.ndarray:
    """Rows (R, width) in a block format, uint8 (R, bytes a row); width is a multiple of the block."""
    if kind == "q4_k":
        return q4_k_bytes(rows)
    import gguf

    return gguf.quants.quantize(np.ascontiguousarray(rows, np.float32), gguf.GGMLQuantizationType[kind.upper()])


def q4_k_bytes(rows: np.ndarray) -> np.ndarray:
    """Rows (R, width) as Q4_K, uint8 (R, width / 256 · 144)."""
    spec = QuantSpec("gguf", format="q4_k")
    q = quantize(np.ascontiguousarray(rows, np.float32), spec)
    counts = spec.granularity.counts(q.shape)
    arrays = SCHEMES["gguf"].storage.write(q.qparams, spec, counts)
    groups = sum(counts)
    s, m = (np.asarray(unpack(arrays[name].tobytes(), 6, groups), np.uint8).reshape(-1, 8) for name in ("s", "m"))  # (B, 8)
    packed = np.empty((len(s), 12), np.uint8)
    packed[:, :4] = s[:, :4] | (s[:, 4:] >> 4) << 6
    packed[:, 4:8] = m[:, :4] | (m[:, 4:] >> 4) << 6
    packed[:, 8:] = (s[:, 4:] & 15) | (m[:, 4:] & 15) << 4
    codes = q.codes.astype(np.uint8).reshape(-1, 4, 2, 32)  # (B, four runs of 64, two halves, 32)
    nibbles = (codes[:, :, 0] | codes[:, :, 1] << 4).reshape(-1, 128)
    shared = np.stack([arrays["d"], arrays["d_min"]], axis=1).astype("<f2").view(np.uint8)  # (B, 4)
    return np.concatenate([shared, packed, nibbles], axis=1).reshape(len(rows), -1)
