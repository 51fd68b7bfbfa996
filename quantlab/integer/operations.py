"""The operations of an integer network: each takes whole numbers with a scale and gives whole numbers with a scale.

Between two weighted layers flow int32 accumulators, whose scale is s_x·s_w, one a channel. ReLU, pooling by maximum and sums
act on them exactly, for a scale is positive and zero is zero; only what a weighted layer reads is requantized to few bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from quantlab.integer.accumulate import OVERFLOWS, limits
from quantlab.integer.arithmetic import Window, bound, convolve, in_shape, linear, patches, products
from quantlab.integer.fixed_point import INT32_MAX, INT32_MIN, WIDEST
from quantlab.integer.requantize import REQUANTIZERS, Grid

_SUM_BITS = 26  # of the terms of an addition once they have one scale: their error is 2^-26 of the largest term


@dataclass(frozen=True)
class Arithmetic:
    """How a network counts. requantizer : a slug of ``REQUANTIZERS``. multiplier : its bits. accumulator : bits of sums.

    overflow : what an accumulator does beyond its limits, a slug of ``OVERFLOWS``.
    """

    requantizer: str = "float"
    multiplier: int = WIDEST
    accumulator: int = 32
    overflow: str = "wrap"


USUAL = Arithmetic()


@dataclass(frozen=True, eq=False)
class Numbers:
    """Whole numbers that stand for values = scale·numbers. values : int32 (N, C, ...). scale : float64 (C,) or (1,),
    a product of two float32 and so exact."""

    values: np.ndarray
    scale: np.ndarray

    @property
    def real(self) -> np.ndarray:
        """The values, float32."""
        return self.values.astype(np.float32) * over_channels(self.scale.astype(np.float32), self.values.ndim)


def over_channels(vector: np.ndarray, ndim: int) -> np.ndarray:
    """A vector (C,) in the shape that broadcasts against (N, C, ...)."""
    return vector.reshape(1, -1, *[1] * (ndim - 2))


@dataclass(frozen=True, eq=False)
class Layer:
    """A convolution, or a linear layer where ``window`` is None.

    weights : int8 codes (O, C/g, kh, kw) or (O, K). scale : float32 (O,) of the weights. bias : int32 (O,), in steps of
    grid.scale·scale. grid : of the codes that it reads.
    """

    name: str
    weights: np.ndarray
    scale: np.ndarray
    bias: np.ndarray
    grid: Grid
    window: Window | None = None

    @property
    def out_scale(self) -> np.ndarray:
        """What a step of the accumulator stands for, float64 (O,), exact."""
        return np.float64(self.grid.scale) * self.scale.astype(np.float64)

    @property
    def largest(self) -> int:
        """The largest magnitude of a code minus the zero point."""
        return max(self.grid.qmax - self.grid.zero_point, self.grid.zero_point - self.grid.qmin)

    @property
    def bound(self) -> int:
        """The largest magnitude that an accumulator can reach, its bias aside."""
        return bound(self.weights, self.largest)

    def codes(self, x: Numbers, arithmetic: Arithmetic) -> np.ndarray:
        """What the layer reads, int32 codes."""
        scale = over_channels(x.scale, x.values.ndim)
        return REQUANTIZERS[arithmetic.requantizer](x.values, scale, self.grid, arithmetic.multiplier)

    def accumulate(self, codes: np.ndarray, arithmetic: Arithmetic) -> np.ndarray:
        """Accumulators int32 of codes, the bias added last."""
        x, bias = codes - self.grid.zero_point, over_channels(self.bias, codes.ndim if self.window else 2)
        low, high = limits(arithmetic.accumulator)
        if arithmetic.accumulator >= 32 or self.bound + int(np.abs(self.bias.astype(np.int64)).max()) <= high:
            return self._sums(x) + bias
        if arithmetic.overflow == "wrap":  # of the whole sum: the same in whatever order it is added up
            return OVERFLOWS["wrap"][1]([self._sums(x), bias], arithmetic.accumulator).astype(np.int32)
        sums = OVERFLOWS[arithmetic.overflow][1](products(x, self.weights, self.window), arithmetic.accumulator)
        return np.clip(in_shape(sums, x, self.window).astype(np.int64) + bias, low, high).astype(np.int32)

    def _sums(self, x: np.ndarray) -> np.ndarray:
        return linear(x, self.weights, self.largest) if self.window is None else convolve(x, self.weights, self.window, self.largest)

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        return Numbers(self.accumulate(self.codes(x, arithmetic), arithmetic), self.out_scale)


@dataclass(frozen=True)
class Relu:
    """max(a, 0), and no more than ``ceiling`` where there is one, to half a step of the accumulator."""

    name: str
    ceiling: float | None = None

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        values = np.maximum(x.values, 0)
        if self.ceiling is not None:
            values = np.minimum(values, over_channels(self.top(x.scale), values.ndim)).astype(np.int32)
        return Numbers(values, x.scale)

    def top(self, scale: np.ndarray) -> np.ndarray:
        """The ceiling in steps of accumulators of these scales, int64."""
        return np.minimum(np.rint((self.ceiling or 0.0) / scale), INT32_MAX).astype(np.int64)


@dataclass(frozen=True)
class MaxPool:
    """The largest under a window."""

    name: str
    window: Window

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        under = patches(x.values, self.window, INT32_MIN)
        return Numbers(reduce(np.maximum, (under[:, :, i, j] for i in range(under.shape[2]) for j in range(under.shape[3]))), x.scale)


@dataclass(frozen=True)
class Mean:
    """The mean under a window: the sum, whose step is so much smaller. whole : whether the window is the whole map."""

    name: str
    window: Window
    whole: bool = False

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        sums = patches(x.values, self.window).sum(axis=(2, 3), dtype=np.int64)
        return Numbers(fits_int32(sums, self.name), x.scale / (self.window.kernel[0] * self.window.kernel[1]))


@dataclass(frozen=True)
class Flatten:
    """All numbers of an image in one row; each keeps its channel's scale. each : how many numbers a channel has."""

    name: str
    each: int = 1

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        scale = x.scale if x.scale.size == 1 else np.repeat(x.scale, self.each)
        return Numbers(x.values.reshape(len(x.values), -1), scale)


@dataclass(frozen=True)
class Same:
    """What does nothing while a network answers, such as dropout."""

    name: str

    def __call__(self, arithmetic: Arithmetic, x: Numbers) -> Numbers:
        return x


@dataclass(frozen=True)
class Sum:
    """Two results added, a skip connection: both are brought to one scale first, fine enough that 2^-26 of the larger is lost.

    reach : the largest magnitude of a term, in values, that the network can meet.
    """

    name: str
    reach: float

    def __call__(self, arithmetic: Arithmetic, a: Numbers, b: Numbers) -> Numbers:
        terms = [np.rint(x.values * over_channels(x.scale / self.scale, x.values.ndim)).astype(np.int64) for x in (a, b)]
        return Numbers(fits_int32(terms[0] + terms[1], self.name), np.array([self.scale]))

    @property
    def scale(self) -> float:
        """What a step of the sum stands for."""
        return self.reach / 2**_SUM_BITS


Operation = Layer | Relu | MaxPool | Mean | Flatten | Same | Sum
Watch = Callable[[Layer, np.ndarray, np.ndarray], None]  # a layer, the codes that it read, its accumulators


def fits_int32(sums: np.ndarray, name: str) -> np.ndarray:
    """int32 of sums int64; ValueError where one does not fit."""
    if sums.size and (sums.max() > INT32_MAX or sums.min() < INT32_MIN):
        raise ValueError(f"a sum of {name} leaves int32; take fewer bits, or a smaller window")
    return sums.astype(np.int32)
