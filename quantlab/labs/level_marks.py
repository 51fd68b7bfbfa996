"""A scheme's levels as a small picture: where they lie between the smallest and the largest, few enough to tell apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from quantlab.caching import cache
from quantlab.quantizer import choose_from
from quantlab.schemes import SCHEMES
from quantlab.sources import TENSOR_SOURCES
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

BITS = 4


@cache
def level_marks(slug: str) -> tuple[float, ...]:
    """Places from 0 to 1 of the levels that a block of 256 normal values gets, at 4 bits or what is nearest to it.

    >>> level_marks("binary")
    (0.0, 1.0)
    """
    scheme = SCHEMES[slug]
    specs = [QuantSpec(slug, bits, **knobs) for knobs in _knobs(slug) for bits in scheme.bits_allowed(knobs)]
    spec = min(specs, key=lambda spec: abs(spec.bits - BITS))
    x = TENSOR_SOURCES["normal"].make(256, seed=0).reshape(1, -1)
    block = scheme.block(spec.knobs)
    rows = Rows(x if block is None else block.split(x)[0][:1])
    levels = np.unique(scheme.levels(choose_from(rows, spec), spec)[0].astype(np.float64))
    return tuple(((levels - levels[0]) / (levels[-1] - levels[0])).round(3).tolist())


def _knobs(slug: str) -> list[dict[str, Any]]:
    formats = SCHEMES[slug].knobs.get("format")
    return [{"format": name} for name in formats.choices] if formats else [{}]
