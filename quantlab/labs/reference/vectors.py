"""What leaving scalars buys: codes of several values together on normal values, beside the bound of rate and distortion.

Codebooks are trained on one sample and measured on another; laws are marked as such. One tenth of a dB is what the samples decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab import theory
from quantlab.caching import lru_cache
from quantlab.labs.text import decibels, fixed
from quantlab.vectors import ProductQuantizer, ball, nearest_in_ball
from quantlab.vectors.e8 import SECOND_MOMENT

_TRAINED, _MEASURED = 1 << 16, 1 << 15  # values
_NORM, _STEP = 10, 1.0  # of E8's ball, and what it is multiplied by; least error on normal values


@dataclass(frozen=True)
class Row:
    """A code on values of deviation 1. together : values that share a code. law : whether its error is theory and not measured."""

    name: str
    together: int
    bits: float
    mse: float
    law: bool = False

    @property
    def sqnr_db(self) -> float:
        return float(-10 * np.log10(self.mse))

    @property
    def above_bound_db(self) -> float:
        """How far its error lies above D(R) at its own rate."""
        return float(10 * np.log10(self.mse / theory.gaussian_rate_distortion(self.bits)))


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """At one bit and at two."""
    rng = np.random.default_rng(0)
    trained, measured = (rng.normal(size=(n // 8, 8)).astype(np.float32) for n in (_TRAINED, _MEASURED))
    found: list[Row] = []
    for bits, widths in ((1, (2, 4, 8)), (2, (2, 4))):
        found.append(Row("Lloyd-Max, each value alone", 1, bits, theory.lloyd_max("normal", 2**bits).mse, law=True))
        for width in widths:
            pq = ProductQuantizer.fit(trained, width, bits, shared=True, turns=15)
            found.append(Row(f"k-means of {width} values", width, bits, _mse(measured, pq.decode(pq.encode(measured)))))
        found.append(Row("D(R), no code is better", 0, bits, theory.gaussian_rate_distortion(bits), law=True))
    points = ball(_NORM)
    e8 = _mse(measured, nearest_in_ball(measured / _STEP, points) * np.float32(_STEP))
    found.insert(-1, Row(f"E8, its {len(points)} shortest points", 8, float(np.log2(len(points))) / 8, e8))
    gap = 10 ** (theory.entropy_coded_gap()[1] / 10)
    for name, together, factor in (("Equal steps, ideal entropy code", 1, gap), ("E8, ideal entropy code", 8, gap * 12 * SECOND_MOMENT)):
        found.insert(-1, Row(name, together, 2.0, factor * theory.gaussian_rate_distortion(2), law=True))
    return tuple(found)


def _mse(x: np.ndarray, x_hat: np.ndarray) -> float:
    return float(((x.astype(np.float64) - x_hat) ** 2).mean())


def table() -> list[dict[str, str]]:
    """One row a code."""
    return [
        {
            "Code": row.name,
            "Values together": str(row.together) if row.together else "all",
            "Bits per value": fixed(row.bits, 2),
            "SQNR": decibels(row.sqnr_db),
            "Above the bound": decibels(row.above_bound_db),
            "From": "law" if row.law else "measured",
        }
        for row in rows()
    ]


def about() -> str:
    """What the table says, in numbers read off it."""
    alone = next(row for row in rows() if row.together == 1 and row.bits == 2)
    e8 = next(row for row in rows() if row.name.startswith("E8, its"))
    granular = -10 * np.log10(12 * SECOND_MOMENT)
    return (
        f"Normal values. One by one, two bits a value stay {decibels(alone.above_bound_db)} above the least error that any code can have; eight "
        f"together, as points of the lattice E8, {decibels(e8.above_bound_db)}. Its cells are rounder than cubes, which is worth "
        f"{fixed(granular, 2)} dB at any rate; the rest is the shape of the ball. A table of vectors is looked up, not computed with; "
        "at two bits of eight values it has 65536 entries."
    )
