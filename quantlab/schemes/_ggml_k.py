"""ggml's K-quants: super-blocks of 256 whose blocks have small multiples of a shared float16 step.

    q4_k, q5_k   8 blocks of 32, 6-bit s and m      q2_k   16 blocks of 16, 4-bit s and m      x_hat = d·s·q - d_min·m
    q3_k         16 blocks of 16, 6-bit s           q6_k   16 blocks of 16, 8-bit s            x_hat = d·s·q, s and d with signs

s and m are found by a search in float32, whose sums run from value to value as ggml's source states them. Steps with a minimum: of 16
to 22 tries, each a weighted least-squares fit, the one of least error; weights are |x| plus the root mean square (q2_k: |x|, and the
error's magnitude for its square). Steps alone: q6_k takes the best of 19 first guesses by x²-weighted least squares; q3_k moves one code
at a time to where it lowers that error, five times round.
A build of ggml that fuses a product with its sum, or adds several values at once, rounds these sums otherwise: where two tries are all
but equal it may choose the other one. ggml's codes of a block whose step vanishes are left over from the search; here they are 0,
and both read back as the same values.
Source: ggml-quants.c, quantize_row_q*_K_ref, make_qkx2_quants, make_qx_quants, make_q3_quants.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quantlab.schemes._ggml_fit import F16_MAX, LEAST, Array, Fit, Format, by_pieces, float16, in_runs, over, scaled_down

Two = tuple[Array, Array]


def _ranged(bits: int, parts: int, run: int, first: float, tries: int, squared: bool) -> Format:
    """Steps with a minimum. first : by how much the first try widens the levels, in steps; the next ones by a tenth less each."""
    top, most = 2**bits - 1, np.float32(2**parts - 1)

    def fit(x: Array) -> Fit:
        scale, depth = by_pieces(lambda part: k_search(part, top, first, tries, squared), x)
        d, d_min = _multiples(scale, run, most), _multiples(depth, run, most)
        return Fit(np.where(d > 0, d, np.float32(1)), np.zeros(len(x)), d, -d_min, -d_min)  # the step itself divides

    def codes(x: Array, step: Array, base: Array) -> Array:
        return np.clip(np.rint(np.divide(x - base, step, out=np.zeros_like(x), where=step > 0)), 0, top)

    return Format(bits, 0, top, fit, codes, 256 // run, 2 * parts, run, 32, "multiples", parts)


def _multiples(numbers: Array, run: int, most: np.float32) -> Array:
    """Each number as a multiple, 0 to ``most``, of what its run shares in float16; float32 (G,)."""
    runs = in_runs(numbers, run)
    top = runs.max(axis=1, keepdims=True)
    multiple = np.minimum(np.rint(runs * over(most, top)), most)
    return (float16(top / most) * multiple).ravel()[: len(numbers)]


# of values whose squares float32 cannot hold no try is better than the first
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def k_search(x: Array, top: int, first: float, tries: int, squared: bool) -> Two:
    """Scale and depth (minus the lowest level) of least weighted error among ``tries`` fits and min-max; float32 (G,) each.

    A try that is better also moves the lowest level from which the tries after it measure. All sums run from value to value.
    """
    x = np.ascontiguousarray(x.T)  # (N, G): a sum over the first axis adds row after row
    weight = np.sqrt((x * x).sum(axis=0) / np.float32(len(x))) + np.abs(x) if squared else np.abs(x)
    low, high = np.minimum(x.min(axis=0), 0), x.max(axis=0)
    flat = high == low
    sum_w, sum_x = weight.sum(axis=0), (weight * x).sum(axis=0)

    def codes(levels: np.float32) -> Array:
        return np.clip(np.rint(np.divide(levels, high - low, out=np.zeros_like(low), where=~flat) * (x - low)), 0, top)

    def error(codes: Array, s: Array, b: Array) -> Array:
        off = s * codes + b - x
        return (weight * (off * off if squared else np.abs(off))).sum(axis=0)

    scale = np.divide(np.float32(1), np.divide(np.float32(top), high - low, out=np.ones_like(low), where=~flat))
    best = error(codes(np.float32(top)), scale, low)
    for step in range(tries):
        q = codes(np.float32(first) + np.float32(0.1) * np.float32(step) + np.float32(top))
        weighted = weight * q
        s_q, s_qq, s_xq = weighted.sum(axis=0), (weighted * q).sum(axis=0), (weighted * x).sum(axis=0)
        det = sum_w * s_qq - s_q * s_q
        solvable = (det > 0) & ~flat
        safe = np.where(solvable, det, 1)
        s, b = (sum_w * s_xq - sum_x * s_q) / safe, (s_qq * sum_x - s_q * s_xq) / safe
        s, b = np.where(b > 0, s_xq / np.where(solvable, s_qq, 1), s), np.minimum(b, 0)
        e = error(q, s, b)
        better = solvable & (e < best)
        best, scale, low = np.where(better, e, best), np.where(better, s, scale), np.where(better, b, low)
    return np.where(flat, 0, np.clip(scale, 0, 63 * F16_MAX)).astype(np.float32), -low


def _signed(bits: int, parts: int, search: Callable[[Array], tuple[Array]]) -> Format:
    """Steps alone, which may be below zero: then the axis of codes is turned round."""
    n, most = 2 ** (bits - 1), 2 ** (parts - 1)

    def fit(x: Array) -> Fit:
        (scale,) = by_pieces(search, x, 4096)
        runs = in_runs(scale, 16)
        largest = np.take_along_axis(runs, np.abs(runs).argmax(axis=1)[:, None], axis=1)
        largest[np.abs(largest) < LEAST] = 0
        inverse = over(-most, largest)
        multiple = np.clip(np.rint(inverse * runs), -most, most - 1)
        step = (float16(over(1, inverse)) * multiple).ravel()[: len(x)]
        zero = np.zeros(len(x), np.float32)
        return Fit(np.where(step == 0, np.float32(1), np.abs(step)), np.where(step < 0, n - 1, n), step, zero, zero)

    def codes(x: Array, step: Array, base: Array) -> Array:
        q = np.clip(np.rint(np.divide(x, step, out=np.zeros_like(x), where=step != 0)), -n, n - 1)
        return np.where(step < 0, -q, q)

    return Format(bits, 0, 2 * n - 1, fit, codes, 16, parts, 16, 16, "signed multiples", parts)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _best_guess(x: Array) -> tuple[Array]:
    """q6_k's step: x_hat = s·q with q = round(-(32 + k/10)·x / extreme), k from -9 to 9, of the best x²-weighted fit."""
    x, power = scaled_down(x)
    x, extreme_ = _columns(x)
    weight = x * x
    scale, best = np.zeros_like(extreme_), np.zeros_like(extreme_)
    for k in (0, *range(-9, 0), *range(1, 10)):
        q = np.clip(np.rint(over(-(np.float32(32) + np.float32(0.1) * np.float32(k)), extreme_) * x), -32, 31)
        along, length = (weight * x * q).sum(axis=0), (weight * q * q).sum(axis=0)
        ratio = over(along, length)
        better = (length > 0) & (along * along > best * length) if k else np.ones(len(best), bool)
        scale, best = np.where(better, ratio, scale), np.where(better, ratio * along, best)
    return (_undone(scale, extreme_, power),)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _one_by_one(x: Array) -> tuple[Array]:
    """q3_k's step: codes by the extreme, then each moved to where the x²-weighted fit of the step is better."""
    x, power = scaled_down(x)
    x, extreme_ = _columns(x)
    weight = x * x
    codes = np.clip(np.rint(over(-4, extreme_) * x), -4, 3)
    along, length = (weight * x * codes).sum(axis=0), (weight * codes * codes).sum(axis=0)
    for _ in range(5):
        moved = False
        for v, w, q in zip(x, weight, codes, strict=True):
            a, c = along - w * v * q, length - w * q * q
            able = a > 0
            new = np.where(able, np.clip(np.rint(v * c / np.where(able, a, np.float32(1))), -4, 3), q)
            a, c = a + w * v * new, c + w * new * new
            better = able & (new != q) & (c > 0) & (a * a * length > along * along * c)
            along, length = np.where(better, a, along), np.where(better, c, length)
            q[better] = new[better]
            moved |= bool(better.any())
        if not moved:
            break
    return (_undone(over(along, np.maximum(length, 0)), extreme_, power),)


def _columns(x: Array) -> Two:
    """Rows (G, N) as (N, G), and the value of largest magnitude of each, 0 where it is below ``LEAST``."""
    x = np.ascontiguousarray(x.T)
    extreme_ = np.take_along_axis(x, np.abs(x).argmax(axis=0)[None], axis=0)[0]
    return x, np.where(np.abs(extreme_) < LEAST, np.float32(0), extreme_)


def _undone(scale: Array, extreme_: Array, power: Array) -> Array:
    """Scales of rows that were ``scaled_down``; 0 for those without a step, held to what float16 and a multiple can say."""
    scale = np.ldexp(np.where(extreme_ == 0, 0, scale).astype(np.float64), power)
    return np.clip(scale, -31 * float(F16_MAX), 31 * float(F16_MAX)).astype(np.float32)


K_QUANTS = {
    "q2_k": _ranged(2, 4, 16, -0.5, 16, squared=False),
    "q3_k": _signed(3, 6, _one_by_one),
    "q4_k": _ranged(4, 6, 8, -1.0, 21, squared=True),
    "q5_k": _ranged(5, 6, 8, -0.5, 16, squared=True),
    "q6_k": _signed(6, 8, _best_guess),
}
