"""Over which schemes, roundings, variants and bits do the laws run? The registry is iterated, so a new scheme is held to them.

Expected values come from the definition of a quantizer (levels and borders) or of a rounding, computed in float64;
other libraries are asked in `tests/oracles`.
"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql

from .strategies import RANDOM, allowed_bits, cases, combinations

every = pytest.mark.parametrize("slug, rounding", combinations())
deterministic = pytest.mark.parametrize("slug, rounding", combinations(lambda slug, rounding: rounding not in RANDOM))
each_scheme = pytest.mark.parametrize("slug", list(ql.SCHEMES))


def bits_of(x):
    """The bit patterns of a float32 array: equality that tells -0.0 from 0.0 too."""
    assert x.dtype == np.float32
    return np.ascontiguousarray(x).view(np.uint32)


def draw_case(data, slug, rounding, **how):
    return data.draw(cases(slug, rounding, **how), label="case")


def all_variants():
    """A spec for every scheme, variant and number of bits, all else left at its default."""
    for slug, scheme in ql.SCHEMES.items():
        for variant in scheme.variants:
            for bits in allowed_bits(slug, variant):
                yield ql.QuantSpec(slug, bits=bits, **variant)


def variant_params():
    return [pytest.param(spec, id=repr(spec)) for spec in all_variants()]
