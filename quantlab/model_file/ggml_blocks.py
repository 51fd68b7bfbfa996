"""Blocks as GGUF files lay them out: the bytes that llama.cpp reads, from the codes and numbers that the scheme ``gguf`` chooses.

Codes of a block whose step is below zero count from the other end there. Most codes lie as halves of bytes, the first half of a run in
the low ones, the second in the high ones; two bits of four runs of 32 lie in one byte; further bits in bytes of their own.
Source: ggml-common.h (the block structs); ggml-quants.c, get_scale_min_k4 and quantize_row_*_ref. A test has ggml itself lay them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from quantlab.quantizer import quantize
from quantlab.schemes import SCHEMES
from quantlab.schemes._ggml import FORMATS
from quantlab.storage.packing import unpack
from quantlab.types import Quantized, QuantSpec

Array = np.ndarray
Numbers = Mapping[str, Array]  # what the scheme keeps of the blocks, float16 as bytes (B, 2), multiples (B, run)


def block_bytes(rows: Array, kind: str) -> Array:
    """Rows (R, width) in a block format, uint8 (R, bytes a row); width is a multiple of the block or super-block."""
    q = quantize(np.ascontiguousarray(rows, np.float32), QuantSpec("gguf", format=kind))
    f = FORMATS[kind]
    codes = _codes(q).reshape(-1, f.block * f.run)  # (B, values of a block or super-block)
    return np.concatenate(_LAYOUTS[kind](codes, _numbers(q)), axis=1).reshape(len(rows), -1)


def _codes(q: Quantized) -> Array:
    """ggml's codes, uint8 from 0 up, blocks as rows."""
    f, extra = FORMATS[q.spec.format], q.qparams.extra
    assert extra is not None
    codes = q.codes.reshape(-1, f.block).astype(np.int64)
    turned = (extra[:, 0] < 0) if f.table else (q.qparams.zero_point == f.middle - 1) & (f.middle > 0)
    codes = np.where(turned[:, None] & (f.qmin == 0), f.qmax - codes, codes)
    return codes.astype(np.int8).view(np.uint8) if f.bits == 8 else (codes - f.qmin).astype(np.uint8)


def _numbers(q: Quantized) -> Numbers:
    f, counts = FORMATS[q.spec.format], q.spec.granularity.counts(q.shape)
    arrays = SCHEMES["gguf"].storage.write(q.qparams, q.spec, counts)
    multiples = {
        name: np.asarray(unpack(a.tobytes(), f.parts, sum(counts))).reshape(-1, f.run) for name, a in arrays.items() if name in "sm"
    }
    shared = {name: a.astype("<f2").view(np.uint8).reshape(-1, 2) for name, a in arrays.items() if a.dtype == np.float16}
    return shared | multiples | {name: a[:, None] for name, a in arrays.items() if name == "scale"}


def _halves(codes: Array, width: int) -> Array:
    """Codes below 16, (B, n), two to a byte: of every 2·width the first width in the low halves; (B, n / 2)."""
    pairs = codes.reshape(len(codes), -1, 2, width)
    return (pairs[:, :, 0] | pairs[:, :, 1] << 4).reshape(len(codes), -1)


def _quarters(codes: Array) -> Array:
    """Codes below 4, (B, n), four to a byte: of every 128 those 32 apart; (B, n / 4)."""
    q = codes.reshape(len(codes), -1, 4, 32)
    return (q[:, :, 0] | q[:, :, 1] << 2 | q[:, :, 2] << 4 | q[:, :, 3] << 6).reshape(len(codes), -1)


def _bits(flags: Array) -> Array:
    """Flags (B, 256) as 32 bytes: bit k of byte i is that of value 32·k + i."""
    return np.bitwise_or.reduce(flags.astype(np.uint8).reshape(len(flags), 8, 32) << np.arange(8, dtype=np.uint8)[:, None], axis=1)


def _six_bits(s: Array, m: Array) -> Array:
    """Eight scales and eight minima of 6 bits, (B, 8) each, in 12 bytes: four whole ones with the upper bits of four others, ..."""
    low = np.concatenate([s[:, :4] | (s[:, 4:] >> 4) << 6, m[:, :4] | (m[:, 4:] >> 4) << 6], axis=1)
    return np.concatenate([low, (s[:, 4:] & 15) | (m[:, 4:] & 15) << 4], axis=1)


def _q5(codes: Array) -> list[Array]:
    """The fifth bits of 32 codes in four bytes, then the others in halves."""
    return [np.packbits(codes >> 4, axis=1, bitorder="little"), _halves(codes & 15, 16)]


def _q3_k(codes: Array, n: Numbers) -> list[Array]:
    s = n["s"]
    upper = s.reshape(-1, 4, 4) >> 4
    scales = [s[:, :8] & 15 | (s[:, 8:] & 15) << 4, upper[:, 0] | upper[:, 1] << 2 | upper[:, 2] << 4 | upper[:, 3] << 6]
    return [_bits(codes >> 2), _quarters(codes & 3), *scales, n["d"]]


def _q6_k(codes: Array, n: Numbers) -> list[Array]:
    return [_halves(codes & 15, 64), _quarters(codes >> 4), n["s"] ^ 128, n["d"]]


def _iq4_xs(codes: Array, n: Numbers) -> list[Array]:
    s = n["s"]
    upper = ((s.astype(np.uint16) >> 4) << 2 * np.arange(8, dtype=np.uint16)).sum(axis=1, dtype=np.uint16)
    return [n["d"], upper.astype("<u2").view(np.uint8).reshape(-1, 2), s[:, ::2] & 15 | (s[:, 1::2] & 15) << 4, _halves(codes, 16)]


def _tq1_0(codes: Array, n: Numbers) -> list[Array]:
    """Five codes to a byte: of 160 those 32 apart, of 80 those 16 apart, of 16 four that are 4 apart."""
    runs = codes[:, :160].reshape(-1, 5, 32), codes[:, 160:240].reshape(-1, 5, 16), codes[:, 240:].reshape(-1, 4, 4)
    return [*map(_trits, runs), n["d"]]


def _trits(runs: Array) -> Array:
    """The first of up to five codes (B, 5, n) as the highest of five digits to base 3, over 243 of 256, rounded up; (B, n)."""
    number = np.zeros((len(runs), runs.shape[2]), np.int64)
    for i in range(5):
        number = 3 * number + (runs[:, i] if i < runs.shape[1] else 0)
    return ((number * 256 + 242) // 243).astype(np.uint8)


def _mxfp4(codes: Array, n: Numbers) -> list[Array]:
    code = codes.astype(np.int64) - 7  # -7 ... 7
    return [n["scale"], _halves((np.abs(code) + 8 * (code < 0)).astype(np.uint8), 16)]


_LAYOUTS: dict[str, Callable[[Array, Numbers], list[Array]]] = {
    "q4_0": lambda q, n: [n["d"], _halves(q, 16)],
    "q4_1": lambda q, n: [n["d"], n["min"], _halves(q, 16)],
    "q5_0": lambda q, n: [n["d"], *_q5(q)],
    "q5_1": lambda q, n: [n["d"], n["min"], *_q5(q)],
    "q8_0": lambda q, n: [n["d"], q],
    "q2_k": lambda q, n: [n["s"] | n["m"] << 4, _quarters(q), n["d"], n["d_min"]],
    "q3_k": _q3_k,
    "q4_k": lambda q, n: [n["d"], n["d_min"], _six_bits(n["s"], n["m"]), _halves(q, 32)],
    "q5_k": lambda q, n: [n["d"], n["d_min"], _six_bits(n["s"], n["m"]), _bits(q >> 4), _halves(q & 15, 32)],
    "q6_k": _q6_k,
    "iq4_nl": lambda q, n: [n["d"], _halves(q, 16)],
    "iq4_xs": _iq4_xs,
    "tq1_0": _tq1_0,
    "tq2_0": lambda q, n: [_quarters(q), n["d"]],
    "mxfp4": _mxfp4,
}
