"""OCP's microscaling formats: small elements in blocks of 32 that share a power of two.

    X = 2^(floor(log2 max|x|) - emax)        x_hat = X·cast(x / X), saturating

emax is the exponent of the element format's largest value (6 = 1.5·2^2 in FP4: emax 2), so the block's largest
magnitude lands in the format's top octave and may be clipped there. X is stored in 8 bits (E8M0).
``scale_rule`` is how X is rounded to a power of two; with e = floor(log2 max|x|), m the element's mantissa bits and M its largest value:

    floor   2^(e - emax): OCP's; what lies above M is clipped      ceil    2^(ceil(log2 max|x|) - emax)
    even    as floor, after max|x| is rounded to m mantissa bits, ties away from zero   rceil   2^ceil(log2(max|x| / M)): nothing is clipped

MXINT8 is int8 / 64: its lowest level is -2, its largest 127/64. With ``clamp`` the -2 stays unused, as the specification allows.

>>> import numpy as np, quantlab as ql
>>> x = np.array([0.1, 0.6, -1.0, 7.9], np.float32)
>>> q = ql.quantize(x, ql.QuantSpec("mx", format="mxfp4"))
>>> q.qparams.scale, ql.dequantize(q)  # floor(log2 7.9) - 2 = 0; 7.9 is clipped to 6
(array([1.], dtype=float32), array([ 0. ,  0.5, -1. ,  6. ], dtype=float32))
>>> ql.quantize(np.ones((8, 64)), ql.QuantSpec("mx", format="mxfp4")).bits_per_value  # 4 + 8 / 32
4.25
"""

from __future__ import annotations

from typing import cast

import numpy as np

from quantlab.formats import FORMATS, BlockFormat, ScaleFormat
from quantlab.grouping import per_group
from quantlab.schemes import _blocks, _codebook
from quantlab.schemes._stored import Storage, of_scale, take
from quantlab.schemes.base import Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

CHOICES = tuple(slug for slug, f in FORMATS.items() if isinstance(f, BlockFormat) and f.scale_format == "e8m0")
E8M0 = cast(ScaleFormat, FORMATS["e8m0"])
INT8 = "mxint8"
LOWEST, HIGHEST = -127, 127  # the exponents of E8M0


def _block_format(slug: str) -> BlockFormat:
    entry = FORMATS[slug]
    assert isinstance(entry, BlockFormat)
    return entry


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    of = _element(spec)
    top = np.maximum(-low, high)
    exponent = RULES[spec.scale_rule](top.astype(np.float64), of)
    scale = np.ldexp(1.0, np.clip(exponent, LOWEST, HIGHEST))
    return _blocks.qparams_of(np.where(top == 0, 1, scale).astype(np.float32), of)


def _element(spec: QuantSpec) -> _blocks.Element:
    of = _blocks.element(_block_format(spec.format).element)
    return of._replace(levels=of.levels[1:]) if spec.clamp and spec.format == INT8 else of


def _floor(top: np.ndarray, of: _blocks.Element) -> np.ndarray:
    return np.frexp(top)[1] - 1 - of.emax  # floor(log2 top) - emax


def _ceil(top: np.ndarray, of: _blocks.Element) -> np.ndarray:
    return _upper(top) - of.emax


def _even(top: np.ndarray, of: _blocks.Element) -> np.ndarray:
    significand, exponent = np.frexp(top)
    digits = 2.0 ** (of.mantissa_bits + 1)
    return exponent - 1 + (np.floor(significand * digits + 0.5) >= digits) - of.emax


def _rceil(top: np.ndarray, of: _blocks.Element) -> np.ndarray:
    return _upper(top / float(of.levels[-1]))


def _upper(x: np.ndarray) -> np.ndarray:
    """ceil(log2 x)."""
    significand, exponent = np.frexp(x)
    return exponent - (significand == 0.5)


RULES = {"floor": _floor, "ceil": _ceil, "even": _even, "rceil": _rceil}

SCHEME = Scheme(
    slug="mx",
    title="MX",
    formula=r"\hat x = X\,\mathrm{cast}(x/X),\quad X=2^{\lfloor\log_2\max|x|\rfloor-e_{max}}",
    blurb="Blocks of 32 share a power of two: 8 bits of range for 32 small floats.",
    source="OCP Microscaling Formats (MX) Specification 1.0, 2023; Rouhani et al. 2023, arXiv:2310.10537",
    family="blocks",
    used_by="OCP Microscaling: NVIDIA Blackwell, AMD CDNA 4",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_blocks.value,
    codes=_codebook.codes,
    bits=lambda knobs: (_blocks.element(_block_format(knobs["format"]).element).bits,),
    knobs={
        "format": Knob("mxfp4", "the elements' format", CHOICES),
        "scale_rule": Knob("floor", "how a block's scale becomes a power of two", tuple(RULES)),
        "clamp": Knob(
            False,
            "whether MXINT8's lowest level, -2, is left unused, so that both sides end at 127/64",
            (False, True),
            applies=lambda knobs: knobs.get("format", INT8) == INT8,  # where formats are on the slider, theirs is among them
        ),
    },
    block=lambda knobs: per_group(_block_format(knobs["format"]).block),
    group_bits=lambda spec: 8.0,
    storage=Storage(
        lambda q, spec, counts: {"scale": E8M0.encode(q.scale)},
        lambda arrays, spec, counts: of_scale(E8M0.decode(take(arrays, "scale", sum(counts), np.uint8)), spec),
    ),
    variants=(
        *({"format": slug} for slug in CHOICES),
        *({"scale_rule": rule} for rule in RULES if rule != "floor"),
        {"format": INT8, "clamp": True},
    ),
    rank=82,
)
