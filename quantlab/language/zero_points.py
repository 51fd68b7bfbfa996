"""Zero points of a model's groups: how often the code that stands for zero is the middle one, and what it would cost to put it there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.grouping import Granularity, PerChannel
from quantlab.language.config import KINDS
from quantlab.language.model import Model
from quantlab.metrics import mse
from quantlab.quantizer import dequantize, quantize
from quantlab.types import QuantSpec


@dataclass(frozen=True)
class ZeroPoints:
    """groups : how many. middle : share of them whose zero point is one of the two middle codes. away : mean distance from the middle,
    as a share of all codes. cost : mean squared error with the zero point put in the middle, over that as chosen."""

    groups: int
    middle: float
    away: float
    cost: float


def zero_points(model: Model, bits: int, granularity: Granularity) -> ZeroPoints:
    """Over all groups of all linear layers, even steps of so many bits."""
    spec = QuantSpec("int-asymmetric", bits=bits, granularity=granularity)
    places, errors, centred = [], 0.0, 0.0
    for layer in range(model.config.layers):
        for kind in KINDS:
            weight = model.linear(layer, kind)
            q = quantize(weight, spec)
            middle = (q.qparams.qmin + q.qparams.qmax) / 2
            places.append(np.ravel(q.qparams.zero_point) - middle)
            errors += mse(weight, dequantize(q)) * weight.size
            centred += mse(weight, centred_steps(weight, bits, granularity)) * weight.size
    away = np.abs(np.concatenate(places))
    return ZeroPoints(len(away), float((away <= 0.5).mean()), float(away.mean() / 2**bits), centred / errors if errors else 1.0)


def centred_steps(weight: np.ndarray, bits: int, granularity: Granularity) -> np.ndarray:
    """As many even steps with zero at code 2**(bits - 1), wide enough for both ends.

    >>> centred_steps(np.array([[-1.0, 0.5, 1.5]]), 2, PerChannel(0))  # steps of 2 * 1.5 / 3: -2, -1, 0, 1
    array([[-1.,  0.,  1.]], dtype=float32)
    """
    split = PerChannel(0) if granularity.kind == "tensor" else granularity
    return split.join([_centred(rows.astype(np.float64), 2 ** (bits - 1)) for rows in split.split(weight)], weight.shape).astype(np.float32)


def _centred(w: np.ndarray, half: int) -> np.ndarray:
    largest = np.abs(w).max(axis=1, keepdims=True)
    scale = np.where(largest > 0, 2 * largest / (2 * half - 1), 1.0)
    steps: np.ndarray = np.clip(np.rint(w / scale), -half, half - 1) * scale
    return steps
