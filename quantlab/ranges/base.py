"""What a file says to be a range rule: a function, some words and, where it weighs a cost, the curve of that cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

Range = tuple[np.ndarray, np.ndarray]  # low and high, float64 (G,) each


class Curve(NamedTuple):
    """Why a clip was chosen: ``costs`` (C,) of the ascending ``clips`` (C,), float64; ``cost`` says of what.

    A clip is the larger of -low and high. Costs may be infinite.
    """

    clips: np.ndarray
    costs: np.ndarray
    cost: str


@dataclass(frozen=True)
class Calibrator:
    """``choose(rows, spec)`` -> (low, high), float64 (G,) each; ``curve`` for one group, None where nothing is weighed.

    slug, title : its name in code and addresses, its name for people. blurb, source : one sentence, and who described it.
    affine_only : whether it reckons with equal steps, so that only affine schemes take it; else all take it that read a range.
    rank : its place in lists, small ones first.
    """

    slug: str
    title: str
    blurb: str
    source: str
    choose: Callable[[Rows, QuantSpec], Range]
    curve: Callable[[Rows, QuantSpec], Curve] | None = None
    affine_only: bool = False
    rank: int = 100


def symmetric(spec: QuantSpec) -> bool:
    """Whether the spec's scheme reads a range as the larger of -low and high."""
    return SCHEMES[spec.scheme].symmetric


def widest(rows: Rows, spec: QuantSpec) -> Range:
    """The range that clips nothing."""
    return (-rows.absmax, rows.absmax) if symmetric(spec) else (rows.low, rows.high)


def within(clip: np.ndarray, rows: Rows, spec: QuantSpec, middle: np.ndarray | float = 0.0) -> Range:
    """[middle - clip, middle + clip]; for a scheme that is not symmetric no further than the values go."""
    if symmetric(spec):
        clip = np.minimum(clip, rows.absmax)
        return -clip, clip
    return np.maximum(middle - clip, rows.low), np.minimum(middle + clip, rows.high)
