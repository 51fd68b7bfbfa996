"""Bias correction: what rounding adds to a channel's output on average is taken from its bias.

    b' = b - mean over images and places of (W^ x^ + b - (W x + b))

x flows in the float network, x^ in the one that is quantized and corrected so far, so that the mean error of every
channel's output on the calibration images is zero.
Source: Nagel et al. 2019, arXiv:1906.04721, section 4.2 and its empirical form in appendix D.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.repair._flow import Arrival, walk, with_bias
from quantlab.networks.engine.repair.base import Method, Workpiece
from quantlab.networks.repairs import REPAIRS
from quantlab.progress import Steps


@torch.inference_mode()
def mean_error(arrival: Arrival) -> np.ndarray:
    """The mean error of each channel's output, quantized minus float, float64 (out,)."""
    error = arrival.quantized(arrival.coarse) - arrival.step.module(arrival.exact)
    return error.double().transpose(0, 1).flatten(1).mean(dim=1).numpy()


def _corrected(arrival: Arrival) -> Steps[QuantizedStep]:
    yield 0, 1
    bias = arrival.quantized.step.layer.bias
    before = np.zeros(len(arrival.step.layer.weight)) if bias is None else bias.detach().double().numpy()
    return with_bias(arrival.quantized, (before - mean_error(arrival)).astype(np.float32))


def apply(piece: Workpiece) -> Steps[Workpiece]:
    """The workpiece with corrected biases."""
    steps = yield from walk(piece, _corrected)
    biases = {s.step.name: s.step.layer.bias.detach().numpy() for s in steps if s.weights is not None and s.step.layer.bias is not None}
    return replace(piece, shared=piece.observer, biases=biases)


METHOD = Method(REPAIRS["bias"], apply)
