"""Which range should the levels cover? Wider clips less and rounds more.

A calibrator turns rows of values into a range [low, high] for each. Schemes symmetric about zero read it as
the larger of -low and high. Those that weigh a cost also tell it: ``cost_curve``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quantlab import theory
from quantlab.ranges import _divergence as kl
from quantlab.ranges import _least_error as least_error
from quantlab.rounding import ROUNDINGS
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

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


def _mse_curve(rows: Rows, spec: QuantSpec) -> Curve:
    low, high = least_error.widest(rows, spec)
    exact = not ROUNDINGS[spec.rounding].random
    factors = 2.0 ** -np.arange(4, -1 / 32, -1 / 16)
    errors = least_error.exact_errors if exact else least_error.direct_errors
    costs = [errors(rows, spec, low * f, high * f)[0][0] for f in factors]
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


def _codes_of_one_sign(rows: Rows, spec: QuantSpec) -> np.ndarray:
    """int64 (G,): all codes where no value has the other sign, half of them elsewhere."""
    from quantlab.schemes import SCHEMES

    if SCHEMES[spec.scheme].symmetric:
        return np.full(len(rows), 2 ** (spec.bits - 1))
    return 2 ** (spec.bits - 1 + ((rows.low >= 0) | (rows.high <= 0)))


def _entropy(rows: Rows, spec: QuantSpec) -> Range:
    codes, clip = _codes_of_one_sign(rows, spec), np.empty(len(rows))
    for count in np.unique(codes):
        of = np.flatnonzero(codes == count)
        clip[of] = kl.best_clip(rows if len(of) == len(rows) else rows.part(of), int(count))
    return _within(clip, rows, spec)


def _entropy_curve(rows: Rows, spec: QuantSpec) -> Curve:
    return Curve(*kl.curve(rows, int(_codes_of_one_sign(rows, spec)[0])), "divergence in nats")


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
        "mse",
        "least squared error",
        "Clipping and rounding in balance, by search.",
        "Sung et al. 2015, arXiv:1511.06488",
        least_error.least_error_range,
        _mse_curve,
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
