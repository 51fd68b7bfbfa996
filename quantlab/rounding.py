"""Roundings: how a place between two codes becomes a code.

Every scheme maps a value to a real *position* on its axis of codes; a rounding makes the position a whole
number. ``border(c)`` is the position at which code c gives way to c + 1, for the roundings that have one.
Random roundings draw from a counter-based generator (Philox; Salmon et al. 2011), indexed by the place of
the value in the tensor: the same seed gives the same codes however the work is cut into chunks or threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Noise = Callable[[], np.ndarray]


@dataclass(frozen=True)
class Rounding:
    """``apply(position, noise)`` -> whole numbers, same float dtype; ``border`` is None for random roundings.

    needs_equal_steps : noise of a fixed size fits only where all steps are equal, as of affine integers.
    """

    slug: str
    title: str
    formula: str
    used_by: str
    apply: Callable[[np.ndarray, Noise], np.ndarray]
    border: Callable[[np.ndarray], np.ndarray] | None = None
    needs_equal_steps: bool = False

    @property
    def nearest(self) -> bool:
        """Whether it goes to the nearest code, so that only ties are a matter of choice."""
        return self.border is _half

    @property
    def random(self) -> bool:
        return self.border is None


def uniform_noise(shape: tuple[int, ...], seed: int, start: int) -> np.ndarray:
    """Uniform float64 in [0, 1): entry i belongs to value ``start + i``, whatever the chunk."""
    bits = np.random.Philox(key=seed)
    bits.advance(start // 4)  # one step of the counter gives 4 numbers
    skip = start % 4
    return np.random.Generator(bits).random(skip + int(np.prod(shape)))[skip:].reshape(shape)


def _half(code: np.ndarray) -> np.ndarray:
    return code + 0.5


def _nearest_even(p: np.ndarray, noise: Noise) -> np.ndarray:
    return np.rint(p, out=p)


def _half_away(p: np.ndarray, noise: Noise) -> np.ndarray:
    whole = np.trunc(p)
    return whole + np.copysign(np.abs(p - whole) >= 0.5, p).astype(p.dtype)


def _half_up(p: np.ndarray, noise: Noise) -> np.ndarray:
    whole = np.floor(p)
    return whole + (p - whole >= 0.5)


def _floor(p: np.ndarray, noise: Noise) -> np.ndarray:
    return np.floor(p, out=p)


def _ceil(p: np.ndarray, noise: Noise) -> np.ndarray:
    return np.ceil(p, out=p)


def _toward_zero(p: np.ndarray, noise: Noise) -> np.ndarray:
    return np.trunc(p, out=p)


def _stochastic(p: np.ndarray, noise: Noise) -> np.ndarray:
    whole = np.floor(p)
    return whole + (noise() < p - whole)


def _dither_rpdf(p: np.ndarray, noise: Noise) -> np.ndarray:
    return np.rint(p + (noise() - 0.5)).astype(p.dtype)


def _dither_tpdf(p: np.ndarray, noise: Noise) -> np.ndarray:
    u = noise() * 2  # the triangle's quantile function: one number drawn serves for the sum of two
    triangle = np.where(u < 1, np.sqrt(u) - 1, 1 - np.sqrt(np.maximum(2 - u, 0)))
    return np.rint(p + triangle).astype(p.dtype)


EVEN, AWAY, UP = "to nearest, ties to even", "to nearest, ties away from zero", "to nearest, ties up"
RPDF, TPDF = "rint(p + u − ½)", "rint(p + u₁ + u₂ − 1)"

_ENTRIES = (
    Rounding("nearest-even", EVEN, "rint(p)", "torch, ONNX, IEEE 754", _nearest_even, _half),
    Rounding("half-away", AWAY, "sign(p)·floor(|p| + ½)", "C round(), gguf Q8_0", _half_away, _half),
    Rounding("half-up", UP, "floor(p + ½)", "gguf Q4_0, fixed-point DSP", _half_up, _half),
    Rounding("floor", "down", "floor(p)", "an arithmetic right shift", _floor, lambda c: c + 1.0),
    Rounding("ceil", "up", "ceil(p)", "bounds from above", _ceil, lambda c: c + 0.0),
    Rounding("toward-zero", "toward zero", "trunc(p)", "a C cast, truncated samples", _toward_zero, lambda c: c + (c >= 0)),
    Rounding("stochastic", "stochastic", "floor(p) + [u < p − floor(p)]", "low-precision training", _stochastic),
    Rounding("dither-rpdf", "dither over one step", RPDF, "audio, images", _dither_rpdf, None, True),
    Rounding("dither-tpdf", "triangular dither over two steps", TPDF, "audio", _dither_tpdf, None, True),
)
ROUNDINGS: dict[str, Rounding] = {entry.slug: entry for entry in _ENTRIES}
