"""Which range should the levels cover? Wider clips less and rounds more.

A calibrator turns rows of values into a range [low, high] for each. Schemes symmetric about zero read it as
the larger of -low and high. Those that weigh a cost also tell it: ``cost_curve``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quantlab import kl, theory
from quantlab.rounding import ROUNDINGS
from quantlab.rows import Rows
from quantlab.types import QuantSpec

Range = tuple[np.ndarray, np.ndarray]
_SILENCE = float(np.finfo(np.float32).tiny) / 2  # both sides together span the least step there is


class Curve(NamedTuple):
    """Why a clip was chosen: ``costs`` (C,) of the ascending ``clips`` (C,), float64; ``cost`` says of what.

    A clip is the larger of -low and high. Costs may be infinite.
    """

    clips: np.ndarray
    costs: np.ndarray
    cost: str


@dataclass(frozen=True)
class Calibrator:
    """``choose(rows, spec)`` -> (low, high), float64 (G,) each; ``curve`` for one group, None where nothing is weighed."""

    slug: str
    title: str
    blurb: str
    source: str
    choose: Callable[[Rows, QuantSpec], Range]
    curve: Callable[[Rows, QuantSpec], Curve] | None = None


def choose_range(rows: Rows, spec: QuantSpec) -> Range:
    """The range that the spec's calibrator chooses, times ``clip`` where the scheme has that knob."""
    low, high = CALIBRATORS[spec.calibrator].choose(rows, spec)
    if ROUNDINGS[spec.rounding].needs_equal_steps:  # a step of 1 would make noise of silence
        silent = (low == 0) & (high == 0)
        low, high = np.where(silent, -_SILENCE, low), np.where(silent, _SILENCE, high)
    clip = spec.knobs.get("clip", 1.0)
    return low * clip, high * clip


def cost_curve(rows: Rows, spec: QuantSpec) -> Curve | None:
    """What the spec's calibrator weighed for a single group, ``Rows(x.reshape(1, -1))``; None for absmax and minmax.

    >>> x = np.random.default_rng(0).normal(size=20_000)
    >>> c = cost_curve(Rows(x[None]), QuantSpec("int-symmetric", bits=4, calibrator="mse"))
    >>> c.cost, round(float(c.clips[np.argmin(c.costs)]), 1)  # theory.best_clip(4) is 2.474
    ('mean squared error', 2.5)
    """
    if len(rows) != 1:
        raise ValueError(f"a cost curve is that of one group, and there are {len(rows)}; give the values of one")
    curve = CALIBRATORS[spec.calibrator].curve
    return None if curve is None else curve(rows, spec)


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

    def shrink(ends: Callable[[np.ndarray], Range], coarse: float, *finer: float) -> Range:
        def cost(factor: np.ndarray) -> Errors:
            return errors(rows, spec, *ends(factor))

        best = _scan(cost, np.ones(len(rows)), np.arange(0.0, 8.0, coarse))
        for fine in finer:
            best, coarse = _scan(cost, best, np.arange(-coarse + fine, coarse, fine)), fine
        return ends(best)

    steps = (1 / 8, 1 / 256, 1 / 2048) if len(rows) == 1 else (1 / 4, 1 / 16)  # octaves
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


def _mse_curve(rows: Rows, spec: QuantSpec) -> Curve:
    from quantlab.schemes import SCHEMES

    low, high = (-rows.absmax, rows.absmax) if SCHEMES[spec.scheme].symmetric else (rows.low, rows.high)
    exact = not ROUNDINGS[spec.rounding].random
    factors = 2.0 ** -np.arange(4, -1 / 32, -1 / 16)
    costs = [(_exact_errors if exact else _direct_errors)(rows, spec, low * f, high * f)[0][0] for f in factors]
    return Curve(rows.absmax[0] * factors, np.array(costs) / (1 if exact else rows.values.size), "mean squared error")


def _percentile_curve(rows: Rows, spec: QuantSpec) -> Curve:
    clips = rows.absmax[0] * np.arange(1, 257) / 256
    within = rows.magnitudes.ranks(clips, right=True) / rows.values.size
    return Curve(clips, 1 - within, "share of the values clipped")


def _within(clip: np.ndarray, rows: Rows, spec: QuantSpec, middle: np.ndarray | float = 0.0) -> Range:
    """[middle - clip, middle + clip]; for a scheme that is not symmetric no further than the values go."""
    from quantlab.schemes import SCHEMES

    if SCHEMES[spec.scheme].symmetric:
        clip = np.minimum(clip, rows.absmax)
        return -clip, clip
    return np.maximum(middle - clip, rows.low), np.minimum(middle + clip, rows.high)


def _codes_of_one_sign(rows: Rows, spec: QuantSpec) -> int:
    from quantlab.schemes import SCHEMES

    one_sided = not SCHEMES[spec.scheme].symmetric and bool((rows.low >= 0).all() or (rows.high <= 0).all())
    return int(2 ** (spec.bits - 1 + one_sided))


def _entropy(rows: Rows, spec: QuantSpec) -> Range:
    return _within(kl.best_clip(rows, _codes_of_one_sign(rows, spec)), rows, spec)


def _entropy_curve(rows: Rows, spec: QuantSpec) -> Curve:
    return Curve(*kl.curve(rows, _codes_of_one_sign(rows, spec)), "divergence in nats")


LAPLACE_BELOW = float(np.sqrt(np.pi / (2 * np.e)))  # .7602; mean|x - mu| / sigma is .798 for a normal, .707 for Laplace


def _model(rows: Rows, spec: QuantSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle, standard deviation and whether Laplace fits better, (G,) each; about 0 where the scheme is symmetric.

    The likelier density: log sigma sqrt(2 pi e) nats for the normal, log 2 e mean|x - mu| for Laplace.
    """
    from quantlab.schemes import SCHEMES

    mean, std = rows.moments
    if SCHEMES[spec.scheme].symmetric:
        mean, std, spread = np.zeros_like(mean), np.hypot(mean, std), rows.mean_abs
    else:
        spread = np.abs(rows.values - mean[:, None]).mean(axis=1, dtype=np.float64)
    return mean, std, spread < LAPLACE_BELOW * std


def _aciq(rows: Rows, spec: QuantSpec) -> Range:
    middle, std, laplace = _model(rows, spec)
    clip = std * np.where(laplace, theory.aciq_clip(spec.bits, "laplace"), theory.aciq_clip(spec.bits, "normal"))
    return _within(clip, rows, spec, middle)


def _aciq_curve(rows: Rows, spec: QuantSpec) -> Curve:
    middle, std, laplace = _model(rows, spec)
    density = "laplace" if laplace[0] else "normal"
    clips = np.arange(1, 257) / 256 * max(rows.absmax[0], 2 * std[0] * theory.aciq_clip(spec.bits, density))
    costs = std[0] ** 2 * theory.aciq_mse(spec.bits, clips / (std[0] or 1.0), density)
    return Curve(middle[0] + clips, costs, f"mean squared error, were the values {density}")


_ENTRIES = (
    Calibrator("absmax", "largest magnitude", "Nothing is clipped; one outlier sets the step for all.", "ONNX Runtime, quanto", _absmax),
    Calibrator("minmax", "smallest and largest", "Nothing is clipped; no level lies beyond the values.", "torch MinMaxObserver", _minmax),
    Calibrator("percentile", "percentile", "A fixed share is clipped.", "Wu et al. 2020, arXiv:2004.09602", _percentile, _percentile_curve),
    Calibrator(
        "mse", "least squared error", "Clipping and rounding in balance, by search.", "Sung et al. 2015, arXiv:1511.06488", _mse, _mse_curve
    ),
    Calibrator(
        "entropy", "least divergence", "Keeps the histogram's shape; TensorRT's rule.", "Migacz 2017, GTC s7310", _entropy, _entropy_curve
    ),
    Calibrator(
        "aciq",
        "analytic clip",
        "Best for the normal or Laplace density of the same spread, whichever is likelier; no search.",
        "Banner, Nahshan, Soudry 2019, arXiv:1810.05723",
        _aciq,
        _aciq_curve,
    ),
)
CALIBRATORS: dict[str, Calibrator] = {entry.slug: entry for entry in _ENTRIES}
