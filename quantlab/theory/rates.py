"""The least error at b bits per value, whatever the quantizer: bounds and high-resolution laws.

All distortions are mean squared errors for standard deviation 1: multiply by the variance. Rates are bits per value.
"""

from __future__ import annotations

import math

import numpy as np

from quantlab.theory.densities import density_of


def gaussian_rate_distortion(bits: float) -> float:
    """D(R) = 2^(-2R), the smallest MSE of any code for a Gaussian source.

    Source: Shannon 1959; Berger, Rate Distortion Theory, 1971.

    >>> gaussian_rate_distortion(4)
    0.00390625
    """
    return float(2.0 ** (-2 * bits))


def laplace_shannon_bound(bits: float) -> float:
    """D(R) >= 2^(2h - 2R) / (2 pi e) = (e / pi) 2^(-2R), h = log2(sqrt(2) e) the Laplace density's entropy.

    A lower bound that is met as R grows; at R = 0 it says .865 where the truth is 1.
    Source: Shannon 1959; Berger 1971.

    >>> round(laplace_shannon_bound(0), 6)
    0.865256
    """
    return float(math.e / np.pi * 2.0 ** (-2 * bits))


def panter_dite(bits: float, density: str = "normal") -> float:
    """MSE -> (1/12) (integral of f^(1/3))^3 4^(-b), the best scalar quantizer of 2^b levels as b grows.

    Gaussian (sqrt(3) pi / 2) 4^-b, 4.347 dB above D(R); Laplace 4.5 * 4^-b.
    Source: Panter and Dite 1951, doi:10.1109/JRPROC.1951.230419.

    >>> round(panter_dite(0), 4), panter_dite(0, "laplace"), round(10 * np.log10(panter_dite(0)), 3).item()
    (2.7207, 4.5, 4.347)
    """
    return float(density_of(density).panter_dite * 4.0**-bits)


def entropy_coded_gap() -> tuple[float, float]:
    """(bits, dB) that a fine uniform quantizer with ideal entropy coding stays above D(R): log2(pi e / 6) / 2.

    Source: Gish and Pierce 1968, doi:10.1109/TIT.1968.1054193.

    >>> [round(gap, 5) for gap in entropy_coded_gap()]
    [0.25461, 1.53293]
    """
    ratio = np.pi * math.e / 6
    return float(0.5 * np.log2(ratio)), float(10 * np.log10(ratio))


def entropy_coded_uniform(step: float, density: str = "normal") -> tuple[float, float]:
    """(entropy of the codes in bits per value, MSE) of x_hat = step * rint(x / step), by summing over the cells.

    Cells beyond 40 standard deviations hold less than 1e-24 and are left out. Step 1e-4 or more.

    >>> bits, mse = entropy_coded_uniform(0.01)
    >>> round(bits + 0.5 * np.log2(mse), 4).item()
    0.2546
    """
    if not step >= 1e-4:
        raise ValueError(f"step {step} is below 1e-4 standard deviations; choose a coarser one")
    levels = step * np.arange(1, np.ceil(40 / step) + 1)
    p, m1, m2 = density_of(density).cells(levels - step / 2)  # the cells right of the one around zero
    zero_p, zero_m2 = 1 - 2 * p.sum(), 1 - 2 * m2.sum()
    used = p[p > 0]
    entropy = -2 * (used * np.log2(used)).sum() - (zero_p * np.log2(zero_p) if zero_p > 0 else 0)
    return float(entropy), float(zero_m2 + 2 * (m2 - 2 * levels * m1 + levels**2 * p).sum())


def high_resolution_sqnr_db(bits: float, loading: float) -> float:
    """6.0206 b + 4.7712 - 20 log10(loading): 2^b levels over ±loading standard deviations, no overload.

    From MSE = step^2 / 12 with step = 2 loading / 2^b; loading = sqrt(2) is the full-scale sine.
    Source: Bennett 1948, doi:10.1002/j.1538-7305.1948.tb01340.x.

    >>> round(high_resolution_sqnr_db(8, loading=4), 2)
    40.89
    """
    return float(20 * bits * np.log10(2) + 10 * np.log10(3) - 20 * np.log10(loading))
