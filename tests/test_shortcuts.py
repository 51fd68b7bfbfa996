"""Does a scheme's faster way to its codes give those of the plain way: round the place, clip?

Expected codes: the same scheme with its shortcut taken away. The values are all levels and borders and the floats
beside them, zeros of both signs, the smallest and the largest float, and values of every size.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import quantlab as ql
from quantlab.formats import parse_format
from quantlab.quantizer import one_group

rng = np.random.default_rng(0)
DATA = rng.standard_t(4, 1000).astype(np.float32)
SIZES = (10.0 ** rng.uniform(-44, 38, 2000) * rng.choice([-1, 1], 2000)).astype(np.float32)
ENDS = np.array([0.0, -0.0, 1e-45, -1e-45, 3.4e38, -3.4e38], np.float32)


def saturates(spec: ql.QuantSpec) -> bool:
    """Whether values of any size have a code; without saturation the format refuses what is beyond its largest."""
    return spec.scheme != "float" or parse_format(spec.format).saturate


def even_codes_are_even_mantissas(spec: ql.QuantSpec) -> bool:
    """Whether a tie goes to the even code; a cast goes to the even mantissa, which a format without subnormals counts from 1."""
    return spec.scheme != "float" or ((f := parse_format(spec.format)).subnormals and f.mantissa_bits > 0)


def shortcuts():
    for slug, scheme in ql.SCHEMES.items():
        for variant in scheme.variants:
            base = ql.QuantSpec(slug, **variant)
            allowed = scheme.bits_allowed(base.knobs)
            for bits in {allowed[0], base.bits, max(b for b in allowed if b <= max(8, allowed[0]))}:
                for rounding in scheme.roundings:
                    spec = base.replace(bits=bits, rounding=rounding)
                    if scheme.codes(DATA[None, :1], one_group(ql.choose_qparams(DATA[:100], spec)), spec) is not None:
                        yield pytest.param(spec, id=repr(spec))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the plain way may overflow on its way to the clip
@pytest.mark.parametrize("spec", list(shortcuts()))
def test_the_shortcut_gives_the_codes_of_the_plain_way(spec):
    scheme = ql.SCHEMES[spec.scheme]
    qparams = one_group(ql.choose_qparams(DATA, spec))
    marks = np.concatenate((scheme.levels(qparams, spec)[0], scheme.borders(qparams, spec)[0])).astype(np.float32)
    beside = (np.nextafter(marks, np.float32(s)) for s in (-np.inf, np.inf))
    x = np.concatenate((marks, *beside, DATA, SIZES, ENDS))[None]
    if not saturates(spec):
        x = x[np.abs(x) <= scheme.levels(qparams, spec).max()][None]
    ours = scheme.encode(x, qparams, spec, None)
    theirs = replace(scheme, codes=lambda x, qparams, spec: None).encode(x, qparams, spec, None)
    differ = ours != theirs
    if not even_codes_are_even_mantissas(spec):
        differ &= np.abs(scheme.place(x, qparams, spec)) % 1 != 0.5
    wrong = np.flatnonzero(differ)
    assert not wrong.size, f"{wrong.size}: {[(x[0, i], ours[0, i], theirs[0, i]) for i in wrong[:5]]}"
