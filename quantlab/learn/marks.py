"""Marks on the picture of a tensor's values: the end of its range, or its levels, put where a person expects them.

clip     the end of the range; its mirror image is the other end
levels   every level of the tensor's quantizer
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.caching import lru_cache
from quantlab.labs.tensor.result import quantizer_at
from quantlab.learn.measures import State, levels_of
from quantlab.values.distribution import Distribution

BARS = 96
MOST = 16  # marks that a hand can put
NAMES = {"clip": "end of the range", "levels": "levels"}


@dataclass(frozen=True)
class Picture:
    """What marks are put on. axis : its ends and step. counts : values in even bars from end to end. mirrored : one mark stands for two."""

    axis: tuple[float, float, float]
    counts: tuple[int, ...]
    mirrored: bool


def places(expression: str, state: State) -> tuple[float, ...]:
    """Where the marks belong, ascending: ``clip``, ``levels @ bits=2``; ValueError where the state has no such places.

    >>> from quantlab.learn.measures import state_of
    >>> [round(level, 2) for level in places("levels", state_of("tensor?source=uniform&bits=2"))]
    [-1.0, 0.0, 1.0]
    """
    which, at = _at(expression, state)
    return _WHICH[which](levels_of(at))


def picture(expression: str, state: State) -> Picture:
    """The values at the step's own state, and the axis on which the marks are put.

    >>> from quantlab.learn.measures import state_of
    >>> picture("clip", state_of("tensor?source=uniform&bits=2")).axis
    (-1.5, 1.5, 0.5)
    """
    which, _ = _at(expression, state)
    values, _ = quantizer_at(state.address())
    most = float(np.abs(values).max()) or 1.0
    step = _round_step(most / 3)
    end = math.ceil(1.1 * most / step) * step
    counts = np.histogram(values, BARS, (-end, end))[0]
    return Picture((-end, end, step), tuple(int(count) for count in counts), which == "clip")


def decibels(expression: str, state: State, marks: Sequence[float]) -> float:
    """SQNR in dB of the values with their levels where the marks are: all of them, or the range stretched to its marked end."""
    which, at = _at(expression, state)
    levels, values = np.array(levels_of(at)), quantizer_at(at.address())[0]
    wanted = levels * (marks[0] / levels[-1]) if which == "clip" else np.array(marks)
    distribution = _distribution(at)
    power = float(np.square(values, dtype=np.float64).mean())
    mse = distribution.distortion(np.unique(wanted)).mse
    return math.inf if not mse else 10 * math.log10(power / mse)


def read_marks(answer: object, count: int) -> list[float]:
    """The marks that a browser sent, ascending; ValueError in one sentence for anything else.

    >>> read_marks([2, 1.5], 2)
    [1.5, 2]
    """
    if not isinstance(answer, list | tuple) or len(answer) != count:
        raise ValueError("Put every mark on the picture.")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) and abs(v) < 1e12 for v in answer):
        raise ValueError("Put every mark on the picture.")
    return sorted(answer)


def _clip(levels: Sequence[float]) -> tuple[float, ...]:
    if len(levels) < 2 or abs(levels[0] + levels[-1]) > 1e-6 * (levels[-1] - levels[0]):
        raise ValueError("a range whose ends differ has no one mark; name a symmetric scheme, or mark its levels")
    return (levels[-1],)


def _all(levels: Sequence[float]) -> tuple[float, ...]:
    if len(levels) > MOST:
        raise ValueError(f"{len(levels)} levels are more than a hand can mark; take fewer bits, {MOST} levels at most")
    return tuple(levels)


_WHICH: Mapping[str, Callable[[Sequence[float]], tuple[float, ...]]] = {"clip": _clip, "levels": _all}


def _at(expression: str, state: State) -> tuple[str, State]:
    """What is marked, and the state that says where it belongs."""
    which, _, changes = expression.strip().partition(" @ ")
    if which not in _WHICH:
        raise ValueError(f"{which[:40]!r} cannot be marked; mark one of {', '.join(_WHICH)}")
    at = state.changed(changes.strip()) if changes else state
    if state.page != "tensor" or at.page != "tensor":
        raise ValueError(f"marks stand on the values of a tensor; {state.page} has none")
    return which, at


@lru_cache(maxsize=8)
def _distribution(state: State) -> Distribution:
    return Distribution(quantizer_at(state.address())[0])


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.99)
