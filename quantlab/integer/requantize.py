"""Requantization: an accumulator becomes a code of the next layer.

    y = clip(round(M·acc) + z, qmin, qmax),      M = s_x·s_w / s_y

Runtimes differ in how they multiply by M and where they round: ``REQUANTIZERS`` holds their ways. All give the nearest code
but where M·acc lies near a border between two codes (cutting off differs everywhere).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantlab.integer.fixed_point import INT32_MAX, INT32_MIN, WIDEST, FixedPoint, fixed_point, high_multiply, rounding_shift

Rescale = Callable[[np.ndarray, np.ndarray, float, int], np.ndarray]  # accumulators, their scales, the grid's, bits of m -> int64


@dataclass(frozen=True)
class Grid:
    """A grid of codes for one tensor: value = scale·(code - zero_point), qmin <= code <= qmax. scale : a float32."""

    scale: float
    zero_point: int
    qmin: int
    qmax: int


@dataclass(frozen=True)
class Requantizer:
    """One way to multiply by M and to round. rescale : before the zero point and the clip. fixed : whether M is a multiplier with a shift."""

    slug: str
    title: str
    formula: str
    source: str
    rescale: Rescale
    fixed: bool = True

    def __call__(self, accumulators: np.ndarray, scale: np.ndarray, grid: Grid, bits: int = WIDEST) -> np.ndarray:
        """Codes int32 of the accumulators' shape. scale : what a step of an accumulator stands for, float64, broadcast against them.

        bits : of the multiplier, where there is one.
        """
        return np.clip(self.rescale(accumulators, scale, grid.scale, bits) + grid.zero_point, grid.qmin, grid.qmax).astype(np.int32)


def _float(acc: np.ndarray, scale: np.ndarray, out: float, bits: int) -> np.ndarray:
    scaled = acc.astype(np.float32) * (np.asarray(scale, np.float32) / np.float32(out))
    return np.rint(np.clip(scaled, np.float32(INT32_MIN), np.float32(2**30))).astype(np.int64)


def _multiplier(scale: np.ndarray, out: float, bits: int) -> FixedPoint:
    fixed = fixed_point(np.asarray(scale, np.float64) / out, bits)
    return FixedPoint(fixed.multiplier.reshape(np.shape(scale)), fixed.shift.reshape(np.shape(scale)), bits)


def _twice(acc: np.ndarray, scale: np.ndarray, out: float, bits: int) -> np.ndarray:
    fixed = _multiplier(scale, out, bits)
    left, right = np.maximum(fixed.shift, 0), np.maximum(-fixed.shift, 0)
    shifted = np.clip(acc.astype(np.int64) << left, INT32_MIN, INT32_MAX)
    return rounding_shift(high_multiply(shifted, fixed.multiplier, bits), right)


def _once(acc: np.ndarray, scale: np.ndarray, out: float, bits: int) -> np.ndarray:
    fixed = _multiplier(scale, out, bits)
    right = bits - fixed.shift  # 1 to 62, but for factors so large that every accumulator saturates
    return (acc.astype(np.int64) * fixed.multiplier + (np.int64(1) << (right - 1))) >> right


def _cut_off(acc: np.ndarray, scale: np.ndarray, out: float, bits: int) -> np.ndarray:
    fixed = _multiplier(scale, out, bits)
    return (acc.astype(np.int64) * fixed.multiplier) >> (bits - fixed.shift)


REQUANTIZERS: dict[str, Requantizer] = {
    entry.slug: entry
    for entry in (
        Requantizer("float", "float32 factor", "rint(f32(acc)·f32(M))", "ONNX QLinearConv, as onnxruntime computes it", _float, False),
        Requantizer(
            "twice", "multiplier, rounded twice", "round(round(acc·m / 2^31) / 2^n)", "gemmlowp; TFLite's reference kernels", _twice
        ),
        Requantizer(
            "once", "multiplier, rounded once", "floor((acc·m + 2^(30+n)) / 2^(31+n))", "TFLite with single rounding; XNNPACK", _once
        ),
        Requantizer("cut", "multiplier, cut off", "floor(acc·m / 2^(31+n))", "a shift without its rounding: a usual bug", _cut_off),
    )
}


def exact_place(acc: np.ndarray, scale: np.ndarray, grid: Grid) -> np.ndarray:
    """M·acc in float64: its error, 2^-52 of it, is far below any that is looked for here."""
    return acc.astype(np.float64) * (np.asarray(scale, np.float64) / grid.scale)


def nearest(acc: np.ndarray, scale: np.ndarray, grid: Grid) -> np.ndarray:
    """The codes that exact arithmetic gives, ties to even, int32."""
    return np.clip(np.rint(exact_place(acc, scale, grid)) + grid.zero_point, grid.qmin, grid.qmax).astype(np.int32)


def border_distance(acc: np.ndarray, scale: np.ndarray, grid: Grid) -> np.ndarray:
    """How far M·acc lies from the nearest border between two codes, in steps, 0 to 1/2."""
    place = exact_place(acc, scale, grid)
    return np.abs(0.5 - np.abs(place - np.rint(place)))
