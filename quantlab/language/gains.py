"""The sources of a method's gain: the error of a layer's output, taken apart exactly.

    tr(Δ H Δᵀ) = Σ_j H_jj |Δ_j|²  +  Σ_{j≠k} H_jk Δ_j·Δ_k
                 each channel by itself     what channels add or take away together

A method can make weights' errors smaller, move them to channels that read little (AWQ), or let them cancel in the output (GPTQ).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.awq import ALPHAS, channel_scale, curve, scaled
from quantlab.language.calibration import Observation
from quantlab.language.gptq import gptq
from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec


@dataclass(frozen=True)
class Parts:
    """weights : summed squared error of the weights. own : of the output, were channels independent. output : of the output."""

    weights: float
    own: float
    output: float

    @property
    def together(self) -> float:
        """What channels add together; below zero their errors cancel."""
        return self.output - self.own


def parts(change: np.ndarray, moments: np.ndarray) -> Parts:
    """The parts of a change of weights (out, K).

    >>> p = parts(np.array([[1.0, -1.0]]), np.array([[1.0, 0.9], [0.9, 1.0]]))  # two errors of 1 that cancel: 2 - 2 * 0.9
    >>> p.weights, p.own, round(p.output, 6), round(p.together, 6)
    (2.0, 2.0, 0.2, -1.8)
    """
    change = change.astype(np.float64)
    output = float(((change @ moments) * change).sum())
    return Parts(float((change**2).sum()), float((change**2 @ np.diag(moments)).sum()), max(output, 0.0))


@dataclass(frozen=True, eq=False)
class Gains:
    """One layer under one quantizer. curve : the output's error at each of ``ALPHAS``. nearest, awq, gptq : parts of their errors."""

    curve: np.ndarray
    nearest: Parts
    awq: Parts
    gptq: Parts

    @property
    def alpha(self) -> float:
        """The α that AWQ takes."""
        return ALPHAS[int(np.argmin(self.curve))]


def gains(weight: np.ndarray, spec: QuantSpec, seen: Observation) -> Gains:
    """What three methods make of a layer (out, K) alone."""
    errors = curve([weight], spec, seen)
    chosen = scaled(weight, spec, channel_scale(seen.mean, ALPHAS[int(np.argmin(errors))]))
    answers = fake_quantize(weight, spec), chosen, gptq(weight, spec, seen.moments)
    return Gains(errors, *(parts(weight - answer, seen.moments) for answer in answers))
