"""The SQNR of a full-scale sine, by the law 6.02 b + 1.76 dB and exactly.

The values of a sine of amplitude 1 have the density 1 / (pi sqrt(1 - x^2)); a cell from a to b holds

    P = (asin b - asin a) / pi,    M1 = (sqrt(1 - a^2) - sqrt(1 - b^2)) / pi,

and the error power is E[x^2] - 2 sum y M1 + sum y^2 P with E[x^2] = 1/2.
"""

from __future__ import annotations

import numpy as np

from quantlab.theory.uniform import grid_of


def sine_sqnr_db(bits: float) -> float:
    """20 b log10(2) + 10 log10(3/2) = 6.0206 b + 1.7609 dB. Source: Bennett 1948.

    >>> round(sine_sqnr_db(0), 4), round(sine_sqnr_db(1) - sine_sqnr_db(0), 4), round(sine_sqnr_db(16), 2)
    (1.7609, 6.0206, 98.09)
    """
    return float(20 * bits * np.log10(2) + 10 * np.log10(1.5))


def sine_sqnr_exact_db(bits: int, grid: str = "mid-rise") -> float:
    """The exact SQNR in dB of a sine that fills the grid, averaged over its phase.

    grid : "mid-rise": 2^b levels, the peaks touch the outer cells' far edges; "mid-tread" (restricted, as symmetric
        integers are): 2^b - 1 levels, the peaks are the outer levels; from 2 bits up.

    >>> [round(sine_sqnr_exact_db(2, grid), 2) for grid in ("mid-rise", "mid-tread")]
    [12.81, 8.93]
    """
    g = grid_of("restricted" if grid == "mid-tread" else grid, bits)
    step = 1 / g.reach
    y = g.offsets * step
    edges = np.append(g.edges * step, 1.0)
    p = np.diff(np.arcsin(edges)) / np.pi
    m1 = -np.diff(np.sqrt(1 - edges**2)) / np.pi
    error = 0.5 - 2 * (2 * y * m1 - y**2 * p).sum()  # both signs
    return float(10 * np.log10(0.5 / error))
