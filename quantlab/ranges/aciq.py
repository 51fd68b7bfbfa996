"""The clip that theory gives a normal or a Laplace density of the same spread, whichever is likelier; no search.

The likelier density has the smaller entropy, in nats: log(sigma sqrt(2 pi e)) the normal, log(2 e mean|x - mu|) Laplace.
"""

from __future__ import annotations

import math

import numpy as np

from quantlab import theory
from quantlab.ranges.base import Calibrator, Curve, Range, symmetric, within
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

LAPLACE_BELOW = float(np.sqrt(np.pi / (2 * math.e)))  # .7602; mean|x - mu| / sigma is .798 for a normal, .707 for Laplace


def choose(rows: Rows, spec: QuantSpec) -> Range:
    middle, std, laplace = _model(rows, spec)
    clip = std * np.where(laplace, theory.aciq_clip(spec.bits, "laplace"), theory.aciq_clip(spec.bits, "normal"))
    return within(clip, rows, spec, middle)


def curve(rows: Rows, spec: QuantSpec) -> Curve:
    middle, std, laplace = _model(rows, spec)
    density = "laplace" if laplace[0] else "normal"
    clips = np.arange(1, 257) / 256 * max(rows.absmax[0], 2 * std[0] * theory.aciq_clip(spec.bits, density))
    costs = std[0] ** 2 * theory.aciq_mse(spec.bits, clips / (std[0] or 1.0), density)
    return Curve(middle[0] + clips, costs, f"mean squared error, were the values {density}")


def _model(rows: Rows, spec: QuantSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle, standard deviation and whether Laplace fits better, (G,) each; about 0 where the scheme is symmetric."""
    mean, std = rows.moments
    if symmetric(spec):
        mean, std, spread = np.zeros_like(mean), np.hypot(mean, std), rows.mean_abs
    else:
        spread = np.abs(rows.values - mean[:, None]).mean(axis=1, dtype=np.float64)
    return mean, std, spread < LAPLACE_BELOW * std


CALIBRATOR = Calibrator(
    slug="aciq",
    title="analytic clip",
    blurb="Best for the normal or Laplace density of the same spread, whichever is likelier; no search.",
    source="Banner, Nahshan, Soudry 2019, arXiv:1810.05723",
    choose=choose,
    curve=curve,
    affine_only=True,
    rank=60,
)
