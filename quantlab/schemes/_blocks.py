"""Levels of a block format's elements, shared by ``mx`` and ``nvfp4``.

The levels of one element format serve all blocks; its zero is code ``zero_point``, so that the places of a format's
values count outwards from zero and rounding to the even place is rounding to the even mantissa.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quantlab.caching import cache
from quantlab.formats import FORMATS, FloatFormat, IntFormat
from quantlab.schemes import _codebook
from quantlab.types import QParams, QuantSpec

LARGEST = float(np.finfo(np.float32).max)


class Element(NamedTuple):
    """levels : float32 (L,), ascending. emax : 2^emax <= the largest < 2^(emax + 1). mantissa_bits : after the leading one."""

    levels: np.ndarray
    emax: int
    bits: int
    mantissa_bits: int


@cache
def element(slug: str) -> Element:
    """Of a float format its values; of ``int8`` the integers times 2^-6, as MX reads them."""
    f = FORMATS[slug]
    if isinstance(f, IntFormat):
        return Element((f.values() / 2 ** (f.bits - 2)).astype(np.float32), 0, f.bits, f.bits - 2)
    assert isinstance(f, FloatFormat)
    return Element(f.values(), f.emax, f.bits, f.mantissa_bits)


def qparams_of(scale: np.ndarray, of: Element) -> QParams:
    zero = np.full(len(scale), _codebook.zero_index(of.levels), np.int32)
    return QParams(scale, zero, 0, len(of.levels) - 1, of.levels)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """As of any codebook; a level beyond float32 (MXINT8 has -2 * 2^127) becomes the largest float32."""
    if qparams.scale.max(initial=0) < LARGEST / 2**16:
        return _codebook.value(codes, qparams, spec)
    with np.errstate(over="ignore"):
        return np.clip(_codebook.value(codes, qparams, spec), -LARGEST, LARGEST)
