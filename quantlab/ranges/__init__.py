"""Range rules (calibrators): which range the levels cover. A wider one clips less and rounds more.

A calibrator turns rows of values into a range [low, high] for each. Schemes symmetric about zero read it as the larger of
-low and high. Those that weigh a cost also tell it: ``cost_curve``. A file of this folder that ends in
``CALIBRATOR = Calibrator(...)`` is registered by being here (README.md).
"""

from __future__ import annotations

from typing import cast

import numpy as np

from quantlab import types
from quantlab.ranges.base import Calibrator, Curve, Range
from quantlab.registry import Registry
from quantlab.rounding import ROUNDINGS
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

CALIBRATORS = cast(Registry[Calibrator], types.CALIBRATORS)  # one registry; the types, which lie below, know less of its entries

__all__ = ["CALIBRATORS", "Calibrator", "Curve", "Range", "choose_range", "cost_curve"]

_SILENCE = float(np.finfo(np.float32).tiny) / 2  # both sides together span the least step there is


def choose_range(rows: Rows, spec: QuantSpec) -> Range:
    """The range that the spec's calibrator chooses, times ``clip`` where the scheme has that knob."""
    low, high = CALIBRATORS[spec.calibrator].choose(rows, spec)
    if ROUNDINGS[spec.rounding].needs_equal_steps:  # a step of 1 would make noise of silence
        silent = (low == 0) & (high == 0)
        low, high = np.where(silent, -_SILENCE, low), np.where(silent, _SILENCE, high)
    clip = spec.knobs.get("clip", 1.0)
    return (low, high) if clip == 1 else (low * clip, high * clip)


def cost_curve(rows: Rows, spec: QuantSpec) -> Curve | None:
    """What the spec's calibrator weighed for a single group, ``Rows(x.reshape(1, -1))``; None for absmax and minmax.

    >>> x = np.random.default_rng(0).normal(size=20_000)
    >>> c = cost_curve(Rows(x[None]), QuantSpec("int-symmetric", bits=4, calibrator="mse"))
    >>> c.cost, round(float(c.clips[np.argmin(c.costs)]), 1)  # theory.best_clip(4) is 2.474
    ('mean squared error', 2.5)
    """
    if len(rows) != 1:
        raise ValueError(f"a cost curve is that of one group, and there are {len(rows)}; give the values of one")
    curve = CALIBRATORS[spec.calibrator].curve
    return None if curve is None else curve(rows, spec)
