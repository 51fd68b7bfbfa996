"""QuantLab's core: quantizers whose every number is checked against an independent implementation.

>>> import numpy as np, quantlab as ql
>>> x = np.array([-1.0, -0.2, 0.0, 0.3, 0.9], np.float32)
>>> ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits=2))  # three levels: -1, 0, 1
array([-1.,  0.,  0.,  0.,  1.], dtype=float32)
"""

from importlib import import_module
from typing import Any

from quantlab import metrics, theory
from quantlab.formats import FORMATS
from quantlab.grouping import Granularity, per_block, per_channel, per_group, per_tensor, per_token
from quantlab.quantizer import choose_qparams, dequantize, fake_quantize, quantize
from quantlab.ranges import CALIBRATORS, cost_curve
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.sweep import Point, Sweep, sweep
from quantlab.types import QParams, Quantized, QuantSpec
from quantlab.values.distribution import Distortion, Distribution

__version__ = "0.2.0"

__all__ = [
    "CALIBRATORS",
    "FORMATS",
    "ROUNDINGS",
    "SCHEMES",
    "Distortion",
    "Distribution",
    "Granularity",
    "Point",
    "QParams",
    "QuantSpec",
    "Quantized",
    "Sweep",
    "choose_qparams",
    "cost_curve",
    "dequantize",
    "fake_quantize",
    "metrics",
    "per_block",
    "per_channel",
    "per_group",
    "per_tensor",
    "per_token",
    "quantize",
    "show",
    "sweep",
    "theory",
]


def __getattr__(name: str) -> Any:
    """``show`` loads the labs, which the rest does without."""
    if name == "show":
        return import_module("quantlab.export.show").show
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
