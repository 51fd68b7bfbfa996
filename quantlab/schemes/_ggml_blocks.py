"""What a ggml block holds beside its codes: float16 numbers, small multiples of shared ones, or a power of two.

    d                  a step, with its sign                  d and min   a step and the lowest level
    multiples          for a run of blocks d and d_min; for each s and m from 0 up:   step = d·s, lowest level -d_min·m
    signed multiples   for a run of blocks d; for each s, about zero:                 step = d·s, with its sign
    e8m0               a step that is a power of two, in a byte

The encoder's own numbers are not kept: what is read back divides by the float16 d.
"""

from __future__ import annotations

import numpy as np

from quantlab.schemes._ggml import FORMATS, Fit, Format
from quantlab.schemes._stored import Arrays, Counts, packed, runs, take, take_codes

_BIAS = 127  # of e8m0


def write(slug: str, fit: Fit, counts: Counts) -> dict[str, np.ndarray]:
    """The arrays of these blocks; counts as in ``_stored``."""
    f = FORMATS[slug]
    step = np.where(fit.inverse == 0, np.float32(0), fit.step)
    if f.keeps == "e8m0":
        return {"scale": (np.frexp(fit.step)[1] - 1 + _BIAS).astype(np.uint8)}
    if f.keeps == "d and min":
        return {"d": step.astype(np.float16), "min": fit.offset.astype(np.float16)}
    if f.keeps == "multiples":
        run = runs(counts, f.run)
        d, s = _multiples(step, run, 2**f.parts - 1)
        d_min, m = _multiples(-fit.offset, run, 2**f.parts - 1)
        return {"d": d, "s": packed(s, f.parts), "d_min": d_min, "m": packed(m, f.parts)}
    signed = np.copysign(step, np.where(_turned(fit, f), -1, 1))
    if f.keeps == "d":
        return {"d": signed.astype(np.float16)}
    d, s = _multiples(signed, runs(counts, f.run), -(2 ** (f.parts - 1)))
    return {"d": d, "s": packed(s + 2 ** (f.parts - 1), f.parts)}


def read(slug: str, arrays: Arrays, counts: Counts) -> Fit:
    """The blocks of these arrays."""
    f, groups = FORMATS[slug], sum(counts)
    zero = np.zeros(groups, np.float32)
    if f.keeps == "e8m0":
        step = np.ldexp(1.0, take(arrays, "scale", groups, np.uint8).astype(np.int64) - _BIAS).astype(np.float32)
        return Fit(step, zero, step, zero, zero)
    if f.keeps == "multiples":
        step, low = (_shared(arrays, d, s, f, counts) for d, s in (("d", "s"), ("d_min", "m")))
        return Fit(np.where(step > 0, step, np.float32(1)), zero, step, -low, -low)
    if f.keeps == "signed multiples":
        return _fit(_shared(arrays, "d", "s", f, counts) + np.float32(0), f, zero)  # -0 is a vanished step of no sign
    d = take(arrays, "d", groups, np.float16).astype(np.float32)
    return _fit(d, f, take(arrays, "min", groups, np.float16).astype(np.float32) if f.keeps == "d and min" else zero)


def _fit(d: np.ndarray, f: Format, offset: np.ndarray) -> Fit:
    step = np.where(d == 0, np.float32(1), np.abs(d))
    inverse = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    zero_point = np.full(len(d), f.middle) if f.keeps != "d and min" else np.zeros(len(d))
    return Fit(step, zero_point - (np.signbit(d) & (zero_point > 0)), inverse, offset, offset)


def _turned(fit: Fit, f: Format) -> np.ndarray:
    """Whether the step is below zero, so that codes here run against ggml's; a vanished one's sign lies in its zero point."""
    return fit.inverse < 0 if f.table else (fit.zero_point == f.middle - 1) & (f.middle > 0)


def _shared(arrays: Arrays, name: str, part: str, f: Format, counts: Counts) -> np.ndarray:
    run = runs(counts, f.run)
    shared = take(arrays, name, int(run.max(initial=-1)) + 1, np.float16).astype(np.float32)[run]
    whole = take_codes(arrays, part, f.parts, sum(counts)) - (2 ** (f.parts - 1) if f.keeps == "signed multiples" else 0)
    return shared * whole.astype(np.float32)


def _multiples(numbers: np.ndarray, run: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of which a run shares a float16, (G,), as that one and whole multiples: that of the largest is ``most``."""
    size = int(run.max(initial=-1)) + 1
    top, low = np.zeros(size, np.float32), np.zeros(size, np.float32)
    np.maximum.at(top, run, numbers)
    np.minimum.at(low, run, numbers)
    shared = np.where(top >= -low, top, low) / np.float32(most)
    each = shared[run]
    whole = np.rint(np.divide(numbers, each, out=np.zeros_like(numbers), where=each != 0))
    return shared.astype(np.float16), whole.astype(np.int64)
