"""Which range should the levels cover? Wider clips less and rounds more.

A calibrator turns rows of values into a range [low, high] for each. Schemes symmetric about zero read it as
the larger of -low and high.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quantlab.rounding import ROUNDINGS
from quantlab.rows import Rows
from quantlab.types import QuantSpec

Range = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Calibrator:
    """``choose(rows, spec)`` -> (low, high), float64 (G,) each."""

    slug: str
    title: str
    blurb: str
    source: str
    choose: Callable[[Rows, QuantSpec], Range]


def choose_range(rows: Rows, spec: QuantSpec) -> Range:
    """The range that the spec's calibrator chooses, times ``clip`` where the scheme has that knob."""
    low, high = CALIBRATORS[spec.calibrator].choose(rows, spec)
    clip = spec.knobs.get("clip", 1.0)
    return low * clip, high * clip


def _absmax(rows: Rows, spec: QuantSpec) -> Range:
    return -rows.absmax, rows.absmax


def _minmax(rows: Rows, spec: QuantSpec) -> Range:
    return rows.low, rows.high


def _percentile(rows: Rows, spec: QuantSpec) -> Range:
    from quantlab.schemes import SCHEMES

    q = spec.percentile / 100
    if SCHEMES[spec.scheme].symmetric:
        bound = rows.abs_quantile(q)
        return -bound, bound
    return rows.quantile(1 - q), rows.quantile(q)


def _mse(rows: Rows, spec: QuantSpec) -> Range:
    """Least squared error over the factor by which the range shrinks, then (asymmetric) over each end alone."""
    from quantlab.schemes import SCHEMES

    scheme = SCHEMES[spec.scheme]
    low, high = (-rows.absmax, rows.absmax) if scheme.symmetric else (rows.low, rows.high)
    errors = _exact_errors if len(rows) == 1 and not ROUNDINGS[spec.rounding].random else _direct_errors

    def shrink(ends: Callable[[np.ndarray], Range], coarse: float, fine: float) -> Range:
        def cost(factor: np.ndarray) -> Errors:
            return errors(rows, spec, *ends(factor))

        best = _scan(cost, np.ones(len(rows)), np.arange(0.0, 8.0, coarse))
        best = _scan(cost, best, np.arange(-coarse + fine, coarse, fine))
        return ends(best)

    steps = (1 / 8, 1 / 128) if len(rows) == 1 else (1 / 4, 1 / 16)
    low, high = shrink(lambda f: (low * f, high * f), *steps)
    if not scheme.symmetric and len(rows) == 1:
        low, high = shrink(lambda f: (low, high * f), *steps)
        low, high = shrink(lambda f: (low * f, high), *steps)
    return low, high


Errors = tuple[np.ndarray, np.ndarray]  # squared error in all and by clipping alone, (G,) each


def _scan(cost: Callable[[np.ndarray], Errors], start: np.ndarray, octaves: np.ndarray) -> np.ndarray:
    """For each row the best of the factors start·2^-octave, at most 1; (G,).

    Clipping error only grows as the range shrinks: once it alone exceeds the least error found, the rest is worse.
    """
    best, least = start, cost(start)[0]
    for octave in octaves:
        factor = np.minimum(start * 2.0**-octave, 1.0)
        here, clipping = cost(factor)
        best, least = np.where(here < least, factor, best), np.minimum(here, least)
        if np.all(clipping > least):
            break
    return best


def _exact_errors(rows: Rows, spec: QuantSpec, low: np.ndarray, high: np.ndarray) -> Errors:
    from quantlab.schemes import SCHEMES

    scheme = SCHEMES[spec.scheme]
    qparams = scheme.choose_qparams(rows, low, high, spec)
    result = rows.distribution.distortion(scheme.levels(qparams, spec)[0], scheme.borders(qparams, spec)[0])
    return np.array([result.mse]), np.array([result.overload])


def _direct_errors(rows: Rows, spec: QuantSpec, low: np.ndarray, high: np.ndarray) -> Errors:
    from quantlab.quantizer import read_back
    from quantlab.schemes import SCHEMES

    scheme = SCHEMES[spec.scheme]
    qparams = scheme.choose_qparams(rows, low, high, spec)
    first, last = scheme.ends(qparams, spec).astype(rows.values.dtype).T[:, :, None]
    error = read_back(rows.values, qparams, spec)
    error -= rows.values
    beyond = rows.values - np.clip(rows.values, first, last)
    return np.einsum("gn,gn->g", error, error), np.einsum("gn,gn->g", beyond, beyond)


_ENTRIES = (
    Calibrator("absmax", "largest magnitude", "Nothing is clipped; one outlier sets the step for all.", "ONNX Runtime, quanto", _absmax),
    Calibrator(
        "minmax", "smallest and largest", "Nothing is clipped, and no level lies where no value is.", "torch MinMaxObserver", _minmax
    ),
    Calibrator("percentile", "percentile", "A fixed share of the values is clipped.", "Wu et al. 2020, arXiv:2004.09602", _percentile),
    Calibrator(
        "mse", "least squared error", "Clipping and rounding error in balance, by search.", "Sung et al. 2015, arXiv:1511.06488", _mse
    ),
)
CALIBRATORS: dict[str, Calibrator] = {entry.slug: entry for entry in _ENTRIES}
