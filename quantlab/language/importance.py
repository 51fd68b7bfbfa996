"""GGUF blocks with an importance matrix: the numbers of each block are those of least weighted error.

    min over d, m and codes of Σ_j a_j (x_j - d q_j - m)²,   a_j = mean x_j² of what channel j reads

Tries of slightly other ranges; each try's codes give d and m by weighted least squares, which are rounded as the format stores them, and
then the codes anew. In K-quants d and m become multiples of what a super-block shares. Where no try is better, the block (in K-quants the
super-block) stays as the format's own encoder has it, so that its weighted error never grows.
llama.cpp's encoders search alike and multiply a_j with sqrt(σ² + x²); here the weight is a_j alone, the output's error were channels
independent. Source: ggml-quants.c (``quantize_*`` with ``quant_weights``), github.com/ggml-org/llama.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec

AROUND = tuple(round(0.1 * t, 1) for t in range(-9, 10))  # of a level, by which a try's range is another one
SUPER = 256  # values of a super-block


@dataclass(frozen=True)
class Layout:
    """block : values that share d. low, high : codes. moved : whether a lowest value is stored. least, most : multiples of what a super-block
    shares; most 0 where blocks store d and m themselves. With ``moved`` those of d and -m go from 0."""

    block: int
    low: int
    high: int
    moved: bool = False
    least: int = 0
    most: int = 0

    @property
    def run(self) -> int:
        """Blocks that change together."""
        return SUPER // self.block if self.most else 1


LAYOUTS = {
    "q4_0": Layout(32, -8, 7),
    "q5_0": Layout(32, -16, 15),
    "q8_0": Layout(32, -127, 127),
    "q4_1": Layout(32, 0, 15, moved=True),
    "q5_1": Layout(32, 0, 31, moved=True),
    "q2_k": Layout(16, 0, 3, moved=True, most=15),
    "q4_k": Layout(32, 0, 15, moved=True, most=63),
    "q5_k": Layout(32, 0, 31, moved=True, most=63),
    "q3_k": Layout(16, -4, 3, least=-32, most=31),
    "q6_k": Layout(16, -32, 31, least=-128, most=127),
}
_PIECE = 1 << 17  # values at once


def weighted(weight: np.ndarray, spec: QuantSpec, importance: np.ndarray) -> np.ndarray:
    """The weights (out, K) in the spec's GGUF blocks, float32; importance : (K,), zero or more. ValueError for other schemes and formats."""
    layout = LAYOUTS.get(str(spec.format)) if spec.scheme == "gguf" else None
    if layout is None:
        raise ValueError(f"{spec.scheme} {spec.format or ''} has no steps to weigh; choose gguf with one of {', '.join(LAYOUTS)}")
    parts = (weight, fake_quantize(weight, spec), np.broadcast_to(importance, weight.shape))
    x, base, a = (_blocks(part, layout.block) for part in parts)
    step = _PIECE // layout.block
    whole = np.concatenate([_best(x[i : i + step], base[i : i + step], a[i : i + step], layout) for i in range(0, len(x), step)])
    return np.ascontiguousarray(whole.reshape(len(weight), -1)[:, : weight.shape[1]], np.float32)


def _blocks(x: np.ndarray, size: int) -> np.ndarray:
    """Blocks (G, size), a row's last one filled up with zeros."""
    full = np.zeros((len(x), -(-x.shape[1] // size) * size))
    full[:, : x.shape[1]] = x
    return full.reshape(-1, size)


def _error(x: np.ndarray, answer: np.ndarray, a: np.ndarray) -> np.ndarray:
    error: np.ndarray = (a * np.square(x - answer)).sum(axis=1)
    return error


def _best(x: np.ndarray, base: np.ndarray, a: np.ndarray, layout: Layout) -> np.ndarray:
    d, m = _searched(x, a, layout)
    if layout.most:
        d, m = (_multiples(part, layout) for part in (d, m))
    answer = _coded(x, d, m, layout)
    runs = -(-len(x) // layout.run)
    sums = np.zeros((2, runs * layout.run))
    sums[:, : len(x)] = _error(x, answer, a), _error(x, base, a)
    better = np.repeat(np.less(*sums.reshape(2, runs, layout.run).sum(axis=2)), layout.run)[: len(x)]
    return np.where(better[:, None], answer, base)


def _searched(x: np.ndarray, a: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """d and m of the best of all tries, (G, 1) each."""
    nested = layout.most > 0
    start = np.minimum(x.min(axis=1, keepdims=True), 0) if nested else x.min(axis=1, keepdims=True)
    extreme = np.take_along_axis(x, np.abs(x).argmax(axis=1)[:, None], axis=1)
    whole = layout.moved or layout.low == -layout.high  # else the lowest code has no partner: the extreme value takes it
    reach = x.max(axis=1, keepdims=True) - start if layout.moved else extreme if whole else -extreme
    least = np.full(len(x), np.inf)
    d_best, m_best = np.zeros((len(x), 1)), np.zeros((len(x), 1))
    for t in AROUND:
        inverse = np.divide((layout.high if whole else -layout.low) + t, reach, out=np.zeros_like(reach), where=reach != 0)
        q = np.clip(np.rint((x - start if layout.moved else x) * inverse), layout.low, layout.high)
        d, m = _fit(x, q, a, layout)
        if not nested:
            d, m = _float16(d), _float16(m)
        error = _error(x, _coded(x, d, m, layout), a)
        first = error < least
        d_best[first], m_best[first], least[first] = d[first], m[first], error[first]
    return d_best, m_best


def _fit(x: np.ndarray, q: np.ndarray, a: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """d and m of weighted least squares, (G, 1); m zero where the format has none, in K-quants at most zero."""
    s, sq, sqq = a.sum(axis=1), (a * q).sum(axis=1), (a * q * q).sum(axis=1)
    sx, sxq = (a * x).sum(axis=1), (a * x * q).sum(axis=1)
    alone = np.divide(sxq, sqq, out=np.zeros_like(sxq), where=sqq > 0)
    if not layout.moved:
        return alone[:, None], np.zeros((len(x), 1))
    det = s * sqq - sq * sq
    sound = det > 1e-12 * s * sqq
    safe = np.where(sound, det, 1)
    d = np.where(sound, (s * sxq - sx * sq) / safe, 0)
    m = np.where(sound, (sqq * sx - sq * sxq) / safe, np.divide(sx, s, out=np.zeros_like(sx), where=s > 0))
    if layout.most:
        d, m = np.where(m > 0, alone, d), np.minimum(m, 0)
    return np.maximum(d, 0)[:, None], m[:, None]


def _float16(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -65504, 65504).astype(np.float16).astype(np.float64)


def _coded(x: np.ndarray, d: np.ndarray, m: np.ndarray, layout: Layout) -> np.ndarray:
    q = np.rint(np.divide(x - m, d, out=np.zeros_like(x), where=d != 0))
    return d * np.clip(q, layout.low, layout.high) + m


def _multiples(numbers: np.ndarray, layout: Layout) -> np.ndarray:
    """Each block's number as a whole multiple of what its super-block shares in float16, (G, 1); the largest takes the outermost multiple."""
    runs = np.append(numbers[:, 0], np.zeros(-len(numbers) % layout.run)).reshape(-1, layout.run)
    extreme = np.take_along_axis(runs, np.abs(runs).argmax(axis=1)[:, None], axis=1)
    shared = _float16(extreme / (layout.least or layout.most))
    low, high = layout.least, layout.most
    multiple = np.clip(np.rint(np.divide(runs, shared, out=np.zeros_like(runs), where=shared != 0)), low, high)
    return (shared * multiple).ravel()[: len(numbers), None]
