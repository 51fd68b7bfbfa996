"""GGUF blocks with an importance matrix: the numbers of each block are those of least weighted error.

    min over d, m and codes of Σ_j a_j (x_j - d q_j - m)²,   a_j = mean x_j² of what channel j reads

Tries of slightly other ranges; each try's codes give d and m by weighted least squares, which are rounded as the format stores them, and
then the codes anew. Where no try is better, the block stays as the format's own encoder has it, so that no block's weighted error grows.
llama.cpp's encoders search alike and multiply a_j with sqrt(σ² + x²); here the weight is a_j alone, the output's error were channels
independent. Source: ggml-quants.c (``quantize_*`` with ``quant_weights``), github.com/ggml-org/llama.cpp.
"""

from __future__ import annotations

import numpy as np

from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec

BLOCK, EIGHT = 32, 8
AROUND = tuple(round(0.1 * t, 1) for t in range(-9, 10))  # of a level, by which a try's range is another one
_CODES = {"q4_0": (-8, 7), "q5_0": (-16, 15), "q8_0": (-127, 127), "q4_1": (0, 15), "q5_1": (0, 31), "q4_k": (0, 15)}
_PIECE = 4096  # blocks at once


def weighted(weight: np.ndarray, spec: QuantSpec, importance: np.ndarray) -> np.ndarray:
    """The weights (out, K) in the spec's GGUF blocks, float32; importance : (K,), zero or more. ValueError for another scheme."""
    if spec.scheme != "gguf":
        raise ValueError(f"{spec.scheme} has no GGUF blocks; choose the scheme gguf")
    own = fake_quantize(weight, spec)
    x, base, a = (_blocks(part) for part in (weight, own, np.broadcast_to(importance, weight.shape)))
    step = _PIECE // EIGHT * EIGHT
    pieces = [_best(x[i : i + step], base[i : i + step], a[i : i + step], str(spec.format)) for i in range(0, len(x), step)]
    whole = np.concatenate(pieces).reshape(len(weight), -1)
    return np.ascontiguousarray(whole[:, : weight.shape[1]], np.float32)


def _blocks(x: np.ndarray) -> np.ndarray:
    """Blocks (G, 32), a row's last one filled up with zeros."""
    full = np.zeros((len(x), -(-x.shape[1] // BLOCK) * BLOCK))
    full[:, : x.shape[1]] = x
    return full.reshape(-1, BLOCK)


def _error(x: np.ndarray, answer: np.ndarray, a: np.ndarray) -> np.ndarray:
    error: np.ndarray = (a * np.square(x - answer)).sum(axis=1)
    return error


def _best(x: np.ndarray, base: np.ndarray, a: np.ndarray, slug: str) -> np.ndarray:
    if slug == "q4_k":  # what eight blocks share is theirs together: they change as one, or not at all
        answer = _nested(x, *_searched(x, base, a, slug)[1:])
        size = -(-len(x) // EIGHT)
        sums = np.zeros((2, size * EIGHT))
        sums[:, : len(x)] = _error(x, answer, a), _error(x, base, a)
        better = np.repeat(np.less(*sums.reshape(2, size, EIGHT).sum(axis=2)), EIGHT)[: len(x)]
        return np.where(better[:, None], answer, base)
    return _searched(x, base, a, slug)[0]


def _searched(x: np.ndarray, base: np.ndarray, a: np.ndarray, slug: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best answer of all tries, and its d and m, (G, 1) each; where no try is better than ``base``, the first one's."""
    low, high = _CODES[slug]
    moved = low == 0  # these formats store a lowest value
    start = np.minimum(x.min(axis=1, keepdims=True), 0) if slug == "q4_k" else x.min(axis=1, keepdims=True)
    extreme = np.take_along_axis(x, np.abs(x).argmax(axis=1)[:, None], axis=1)
    reach = x.max(axis=1, keepdims=True) - start if moved else extreme / (-1 if slug != "q8_0" else 1)
    best, answer = _error(x, base, a), base.copy()
    least = np.full(len(x), np.inf)
    d_best, m_best = np.zeros((len(x), 1)), np.zeros((len(x), 1))
    for t in AROUND:
        levels = (high if moved or slug == "q8_0" else -low) + t
        inverse = np.divide(levels, reach, out=np.zeros_like(reach), where=reach != 0)
        q = np.clip(np.rint((x - start if moved else x) * inverse), low, high)
        d, m = _fit(x, q, a, moved, below=slug == "q4_k")
        if slug != "q4_k":
            d, m = _float16(d), _float16(m)
        now = _coded(x, d, m, low, high)
        error = _error(x, now, a)
        better, first = error < best, error < least
        answer[better], best[better] = now[better], error[better]
        d_best[first], m_best[first], least[first] = d[first], m[first], error[first]
    return answer, d_best, m_best


def _fit(x: np.ndarray, q: np.ndarray, a: np.ndarray, moved: bool, below: bool) -> tuple[np.ndarray, np.ndarray]:
    """d and m of weighted least squares, (G, 1); m zero where the format has none, at most zero where it must be ``below``."""
    s, sq, sqq = a.sum(axis=1), (a * q).sum(axis=1), (a * q * q).sum(axis=1)
    sx, sxq = (a * x).sum(axis=1), (a * x * q).sum(axis=1)
    alone = np.divide(sxq, sqq, out=np.zeros_like(sxq), where=sqq > 0)
    if not moved:
        return alone[:, None], np.zeros((len(x), 1))
    det = s * sqq - sq * sq
    sound = det > 1e-12 * s * sqq
    safe = np.where(sound, det, 1)
    d = np.where(sound, (s * sxq - sx * sq) / safe, 0)
    m = np.where(sound, (sqq * sx - sq * sxq) / safe, np.divide(sx, s, out=np.zeros_like(sx), where=s > 0))
    if below:
        d, m = np.where(m > 0, alone, d), np.minimum(m, 0)
    return np.maximum(d, 0)[:, None], m[:, None]


def _float16(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -65504, 65504).astype(np.float16).astype(np.float64)


def _coded(x: np.ndarray, d: np.ndarray, m: np.ndarray, low: int, high: int) -> np.ndarray:
    q = np.rint(np.divide(x - m, d, out=np.zeros_like(x), where=d != 0))
    return d * np.clip(q, low, high) + m


def _nested(x: np.ndarray, d: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Q4_K: d and -m as multiples from 0 to 63 of what eight blocks share in float16."""
    scale, depth = (_six_bits(part) for part in (d[:, 0], -m[:, 0]))
    return _coded(x, scale[:, None], -depth[:, None], 0, 15)


def _six_bits(numbers: np.ndarray) -> np.ndarray:
    eights = np.append(numbers, np.zeros(-len(numbers) % EIGHT)).reshape(-1, EIGHT)
    shared = _float16(eights.max(axis=1, keepdims=True) / 63)
    multiple = np.clip(np.rint(np.divide(eights, shared, out=np.zeros_like(eights), where=shared > 0)), 0, 63)
    return (shared * multiple).ravel()[: len(numbers)]
