"""Least-error clip: each group of weights gets the range whose mean squared error is least, rounding and clipping together.

    min over c of sum_w (w - clip(rint(w / s), qmin, qmax) s)²,     s = c / qmax

The search is the core's (``ranges/mse.py``); the weights of one group share c.
"""

from __future__ import annotations

from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import REPAIRS
from quantlab.progress import Steps


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece whose weights are clipped for least error."""
    yield 0, 1
    return piece.with_spec(piece.setting.weight_spec.replace(calibrator="mse"))


METHOD = Method(REPAIRS["clip"], apply)
