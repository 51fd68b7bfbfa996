"""Do the levels lie as a scheme's family says?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql
from quantlab.schemes import FAMILIES

from .registry import each_scheme, variant_params


@each_scheme
def test_every_scheme_is_of_a_family_and_families_stand_together_in_lists(slug):
    order = [scheme.family for scheme in ql.SCHEMES.values() if "toy" not in scheme.slug]
    assert ql.SCHEMES[slug].family in FAMILIES
    assert list(dict.fromkeys(order)) == list(FAMILIES) and sorted(order, key=list(FAMILIES).index) == order


@each_scheme
def test_blocks_are_the_schemes_that_fix_their_own(slug):
    scheme = ql.SCHEMES[slug]
    defaults = {name: knob.default for name, knob in scheme.all_knobs().items()}
    assert (scheme.family == "blocks") == (scheme.block(defaults) is not None)


@pytest.mark.parametrize("spec", [p for p in variant_params() if ql.SCHEMES[p.values[0].scheme].family == "even"])
def test_even_steps_are_equal(spec):
    x = np.random.default_rng(3).normal(size=3000).astype(np.float32)
    steps = np.diff(ql.quantize(x, spec).levels[0].astype(np.float64))
    assert np.allclose(steps, steps[0], rtol=1e-4, atol=1e-6)


@each_scheme
def test_affine_schemes_have_even_steps(slug):
    assert not ql.SCHEMES[slug].affine or ql.SCHEMES[slug].family == "even"
