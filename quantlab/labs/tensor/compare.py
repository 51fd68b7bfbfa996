"""Curves of all schemes on one tensor, bit width by bit width, and the laws of theory beside them.

Each scheme with its own full range at one granularity, formats that fix their blocks on their own blocks. More than
2^18 values are represented by evenly spaced rows.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantlab import theory
from quantlab.grouping import Granularity
from quantlab.progress import Progress
from quantlab.schemes import SCHEMES
from quantlab.sweep import label, measure
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

Knobs = dict[str, Any]  # each of its own type
MOST = 2**18


@dataclass(frozen=True, eq=False)
class Curve:
    """SQNR in dB of one scheme at some bit widths, both float64 (K,)."""

    scheme: str
    title: str
    bits: np.ndarray
    sqnr_db: np.ndarray


def compare(x: np.ndarray, granularity: Granularity) -> Generator[Progress, None, tuple[Curve, ...]]:
    """A curve for every scheme (for every format of a scheme of formats a point); yields (done, total)."""
    sample = representative(x)
    rows = Rows(sample.reshape(1, -1))
    jobs = [(slug, knobs, widths) for slug in SCHEMES for knobs, widths in _settings(slug, granularity)]
    curves = []
    for i, (slug, knobs, widths) in enumerate(jobs):
        yield i, len(jobs)
        shared = None if SCHEMES[slug].block_only else granularity
        specs = [QuantSpec(slug, b, granularity=shared, **knobs) for b in widths]
        decibels = [measure(sample, spec, "", rows).metrics["sqnr_db"] for spec in specs]
        title = label("format", knobs["format"]) if "format" in knobs else SCHEMES[slug].title
        curves.append(Curve(slug, title, np.array(widths, float), np.array(decibels)))
    return tuple(curves)


def representative(x: np.ndarray) -> np.ndarray:
    """x itself, or evenly spaced rows of it with at most ``MOST`` values."""
    if x.size <= MOST:
        return x
    if x.ndim < 2 or x.shape[0] < 2:
        return x.ravel()[: MOST // 1024 * 1024]
    width = x.size // x.shape[0]
    count = max(1, MOST // width)
    rows = np.linspace(0, x.shape[0] - 1, min(count, x.shape[0])).round().astype(int)
    return x[rows].reshape(len(rows), -1)[:, :MOST].reshape((len(rows), *x.shape[1:]) if width <= MOST else (len(rows), -1))


def _settings(slug: str, granularity: Granularity) -> list[tuple[Knobs, list[int]]]:
    scheme = SCHEMES[slug]
    if granularity.kind not in scheme.granularities and not scheme.block_only:
        return []
    if "format" in scheme.knobs:
        return [({"format": f}, list(scheme.bits_allowed({**_defaults(slug), "format": f}))) for f in scheme.knobs["format"].choices]
    knobs = {"method": "lloyd"} if "method" in scheme.knobs else {}
    return [(knobs, list(scheme.bits_allowed(_defaults(slug))))]


def _defaults(slug: str) -> Knobs:
    return {name: knob.default for name, knob in SCHEMES[slug].all_knobs().items()}


def laws(bits: np.ndarray, sine: bool) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Theory to draw beside: (name, bits, SQNR in dB), for a full-scale sine or for normal values."""
    bits = np.asarray(bits, float)
    if sine:
        return [("6.02 b + 1.76, full-scale sine", bits, np.array([theory.sine_sqnr_db(b) for b in bits]))]
    few = bits[bits <= 12]
    best = np.array([-10 * np.log10(theory.lloyd_max("normal", 2 ** int(b)).mse) for b in few])
    bound = np.array([-10 * np.log10(theory.gaussian_rate_distortion(b)) for b in bits])
    return [("Lloyd-Max, if it were normal", few, best), ("D(R), if it were normal", bits, bound)]
