"""AWQ: input channels that read large values are scaled up before rounding, and down after it.

    s_j = mean|x_j|^α / sqrt(max s · min s),   ŵ = Q(w · s) / s,   α of 20 from 0 to 0.95 that moves the outputs least

The scale costs nothing in a model, since what comes before (the norm's gain, or ``up``) takes it in. Layers that read the same share
it. α = 0 is rounding to nearest. Source: Lin et al. 2023, arXiv:2306.00978.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.language.calibration import Observation, output_error
from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec

ALPHAS = tuple(round(i / 20, 2) for i in range(20))


def channel_scale(mean: np.ndarray, alpha: float) -> np.ndarray:
    """s, float64 (K,).

    >>> channel_scale(np.array([1.0, 4.0]), 0.5)  # 1, 2 over sqrt(2)
    array([0.70710678, 1.41421356])
    """
    s = np.maximum(mean, 1e-8) ** alpha
    scale: np.ndarray = s / np.sqrt(s.max() * s.min())
    return scale


def scaled(weight: np.ndarray, spec: QuantSpec, s: np.ndarray) -> np.ndarray:
    """Q(w · s) / s, float32."""
    return (fake_quantize((weight * s).astype(np.float32), spec) / s).astype(np.float32)


def curve(weights: Sequence[np.ndarray], spec: QuantSpec, seen: Observation) -> np.ndarray:
    """The outputs' summed squared error at each of ``ALPHAS``, of layers (out, K) that read the same."""
    scales = [channel_scale(seen.mean, alpha) for alpha in ALPHAS]
    return np.array([sum(float(output_error(w - scaled(w, spec, s), seen.moments).sum()) for w in weights) for s in scales])


def awq(weights: Sequence[np.ndarray], spec: QuantSpec, seen: Observation) -> list[np.ndarray]:
    """The layers, rounded under the scale of the best α."""
    s = channel_scale(seen.mean, ALPHAS[int(np.argmin(curve(weights, spec, seen)))])
    return [scaled(w, spec, s) for w in weights]
