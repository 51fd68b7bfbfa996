"""What would theory say of a full-scale sine, or of normal values? The curves beside the measured ones."""

from __future__ import annotations

import numpy as np

from quantlab import theory


def laws(bits: np.ndarray, sine: bool) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Theory to draw beside: (name, bits, SQNR in dB), for a full-scale sine or for normal values."""
    bits = np.asarray(bits, float)
    if sine:
        return [("6.02 b + 1.76, full-scale sine", bits, np.array([theory.sine_sqnr_db(b) for b in bits]))]
    few = bits[bits <= 12]
    best = np.array([-10 * np.log10(theory.lloyd_max("normal", 2 ** int(b)).mse) for b in few])
    bound = np.array([-10 * np.log10(theory.gaussian_rate_distortion(b)) for b in bits])
    return [("Lloyd-Max, if it were normal", few, best), ("D(R), if it were normal", bits, bound)]
