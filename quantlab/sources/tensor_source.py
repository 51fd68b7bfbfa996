"""A source of tensors: a title, a reason to look, knobs, and ``make(size, seed)``, whose shape is 2-D."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

MAX_SIZE = 10_000_000


def shape_for(size: int) -> tuple[int, int]:
    """(rows, cols) with rows * cols == size: cols a multiple of 64 where that divides, as square as can be.

    >>> shape_for(2**18), shape_for(10**6), shape_for(10), shape_for(7)    # 10**6 = 625 * 1600, 1600 = 25 * 64
    ((512, 512), (625, 1600), (2, 5), (1, 7))
    """
    unit = 64 if size % 64 == 0 else 1
    count = size // unit
    halves = [d for d in range(1, isqrt(count) + 1) if count % d == 0]
    widths = [unit * d for h in halves for d in (h, count // h)]
    cols = min(widths, key=lambda c: (max(c * c / size, size / (c * c)), -c))
    return size // cols, cols


@dataclass(frozen=True)
class Knob:
    """One thing to turn on a source: a number from ``low`` to ``high``, or one of ``choices``."""

    slug: str
    title: str
    default: float | str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:  # a number or a word, as the knob is
        """``value`` itself; ValueError where the knob does not reach it."""
        if self.choices:
            if value in self.choices:
                return value
            raise ValueError(f"{self.slug}={value!r} is unknown: choose one of {', '.join(self.choices)}.")
        if self.low is not None and self.high is not None and self.low <= value <= self.high:
            return value
        raise ValueError(f"{self.slug}={value!r} is out of range: choose {self.low:g} to {self.high:g}.")


Draw = Callable[..., np.ndarray]


@dataclass(frozen=True)
class TensorSource:
    """One tensor to pick: ``make(size, seed, **knobs)`` gives it, 2-D float32, C-contiguous."""

    slug: str
    title: str
    blurb: str
    draw: Draw
    knobs: tuple[Knob, ...] = ()

    def make(self, size: int, seed: int = 0, **knobs: float | str) -> np.ndarray:
        """``size`` values (1 to ``MAX_SIZE``) in the shape ``shape_for(size)``; the same seed gives the same values."""
        if not 1 <= size <= MAX_SIZE:
            raise ValueError(f"size={size} is out of range: choose 1 to {MAX_SIZE} values.")
        if seed < 0:
            raise ValueError(f"seed={seed} is negative: choose 0 or more.")
        unknown = sorted(set(knobs) - {knob.slug for knob in self.knobs})
        if unknown:
            known = ", ".join(knob.slug for knob in self.knobs) or "none"
            raise ValueError(f"the source {self.slug!r} has no knob {unknown[0]!r}: its knobs are {known}.")
        chosen = {knob.slug: knob.check(knobs.get(knob.slug, knob.default)) for knob in self.knobs}
        return self.draw(np.random.default_rng(seed), shape_for(size), **chosen)


def with_outlier(x: np.ndarray, size: float) -> np.ndarray:
    """A copy of ``x`` whose middle value (flat index n // 2) is ``size`` standard deviations of ``x``, at most float32's largest value.

    >>> with_outlier(np.float32([[-1, 1], [-1, 1]]), 20)       # the standard deviation is 1
    array([[-1.,  1.],
           [20.,  1.]], dtype=float32)
    """
    y = np.array(x, order="C")
    y.reshape(-1)[y.size // 2] = min(size * float(np.std(x, dtype=np.float64)), float(np.finfo(np.float32).max))
    return y
