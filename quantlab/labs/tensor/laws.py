"""What would theory say of a full-scale sine, or of normal values? The curves beside the measured ones."""

from __future__ import annotations

import math

import numpy as np

from quantlab import theory


def laws(bits: np.ndarray, sine: bool, offset_db: float = 0.0) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Theory to draw beside: (name, bits, SQNR in dB), for a full-scale sine or for normal values.

    offset_db : of ``about_zero``: laws of normal values count variance, SQNR counts power about zero.
    """
    bits = np.asarray(bits, float)
    if sine:
        return [("6.02 b + 1.76, full-scale sine", bits, np.array([theory.sine_sqnr_db(b) for b in bits]))]
    few = bits[bits <= 12]
    best = np.array([-10 * np.log10(theory.lloyd_max("normal", 2 ** int(b)).mse) for b in few])
    bound = np.array([-10 * np.log10(theory.gaussian_rate_distortion(b)) for b in bits])
    return [("Lloyd-Max, if it were normal", few, best + offset_db), ("D(R), if it were normal", bits, bound + offset_db)]


def about_zero(mean: float, std: float) -> float:
    """How much more power values have about zero than about their mean, in dB: 10 log10(1 + µ²/σ²); 0 where none varies.

    >>> about_zero(1, 1).__round__(2), about_zero(0, 1)
    (3.01, 0.0)
    """
    return 10 * math.log10(1 + (mean / std) ** 2) if std > 0 and math.isfinite(mean / std) else 0.0
