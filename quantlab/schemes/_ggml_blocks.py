"""What a ggml block holds beside its codes: float16 numbers, in q4_k also 6-bit multiples of shared ones.

    q4_0, q5_0, q8_0   d, with its sign           q4_1, q5_1   d and min
    q4_k               for eight blocks d and d_min; for each of them s and m, 0 to 63:  step = d·s, lowest level -d_min·m

The encoder's own numbers are not kept: what is read back divides by the float16 d.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes._ggml import EIGHT, FORMATS, Fit
from quantlab.schemes._stored import Arrays, Counts, packed, runs, take, take_codes

SIX_BITS, TOP = 6, np.float32(63)


def write(slug: str, fit: Fit, counts: Counts) -> dict[str, np.ndarray]:
    """The arrays of these blocks; counts as in ``_stored``."""
    step = np.where(fit.inverse == 0, np.float32(0), fit.step)
    if slug == "q4_k":
        run = runs(counts, EIGHT)
        d, s = _multiples(step, run)
        d_min, m = _multiples(-fit.offset, run)
        return {"d": d, "s": packed(s, SIX_BITS), "d_min": d_min, "m": packed(m, SIX_BITS)}
    if slug in ("q4_1", "q5_1"):
        return {"d": step.astype(np.float16), "min": fit.offset.astype(np.float16)}
    turned = fit.zero_point == _middle(slug) - 1
    return {"d": np.copysign(step, np.where(turned, -1, 1)).astype(np.float16)}


def read(slug: str, arrays: Arrays, counts: Counts) -> Fit:
    """The blocks of these arrays."""
    groups = sum(counts)
    zero = np.zeros(groups, np.float32)
    if slug == "q4_k":
        run = runs(counts, EIGHT)
        shared = int(run.max(initial=-1)) + 1
        d, d_min = (take(arrays, name, shared, np.float16).astype(np.float32)[run] for name in ("d", "d_min"))
        s, m = (take_codes(arrays, name, SIX_BITS, groups).astype(np.float32) for name in ("s", "m"))
        step = d * s
        return Fit(np.where(step > 0, step, np.float32(1)), zero, step, -d_min * m, -d_min * m)
    d = take(arrays, "d", groups, np.float16).astype(np.float32)
    if slug in ("q4_1", "q5_1"):
        return _fit(d, zero, take(arrays, "min", groups, np.float16).astype(np.float32))
    middle = _middle(slug)
    return _fit(d, np.where(np.signbit(d), middle - 1, middle) if middle else zero, zero)


def _fit(d: np.ndarray, zero_point: np.ndarray, offset: np.ndarray) -> Fit:
    step = np.where(d == 0, np.float32(1), np.abs(d))
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    return Fit(step, zero_point, inverse, offset, offset)


def _middle(slug: str) -> int:
    """The code of zero where d is positive; 0 where codes have a sign of their own."""
    return 0 if FORMATS[slug].qmin < 0 else 1 << (FORMATS[slug].bits - 1)


def _multiples(numbers: np.ndarray, run: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of which eight share a float16, (G,), as that one and whole multiples: the largest of the eight is 63."""
    top = np.zeros(int(run.max(initial=-1)) + 1, np.float32)
    np.maximum.at(top, run, numbers)
    shared = top / TOP
    each = shared[run]
    whole = np.rint(np.divide(numbers, each, out=np.zeros_like(numbers), where=each > 0))
    return shared.astype(np.float16), whole.astype(np.int64)
