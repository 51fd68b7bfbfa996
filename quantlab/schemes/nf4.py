"""Sixteen levels at quantiles of a normal density, with an exact zero: NormalFloat, the 4 bits of QLoRA.

    levels = max|x|·{q_i},  q_i = quantiles of N(0, 1) between 1 - .9677083 and .9677083, scaled to [-1, 1]

Eight positive steps and seven negative ones share the zero; it is meant for groups of 64 with float32 scales.
With ``double`` the scales are quantized too: 4.127 bits a value instead of 4.5 (see ``_double``).

>>> from scipy.special import ndtri
>>> top = ndtri(0.9677083)
>>> print(np.round(ndtri(np.linspace(0.5, 0.9677083, 9)[1:3]) / top, 6), LEVELS[8:10])
[0.07958 0.16093] [0.0795803 0.1609302]
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quantlab.schemes import _codebook, _double, _scales
from quantlab.schemes._stored import SCALE, Arrays, Counts, Storage, once_a_run, runs, take
from quantlab.schemes.base import SCALES, Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

# The published table, as quantiles to 1e-7; eight digits name one float32 each, but for one half way between two.
BELOW = (-1, -0.69619280, -0.52507305, -0.39491749, -0.28444138, -0.18477343, -0.09105003625)
ABOVE = (0.07958030, 0.16093020, 0.24611230, 0.33791524, 0.44070983, 0.56261700, 0.72295684, 1)
LEVELS = np.array((*BELOW, 0, *ABOVE), np.float32)


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    top = np.maximum(-low, high)
    if spec.double:
        return _doubled(_double.double_quantized(top))
    return _scaled(_scales.stored(_codebook.unit_scale(top), spec))


def _scaled(scale: np.ndarray) -> QParams:
    return QParams(scale, np.full(len(scale), len(BELOW), np.int32), 0, 15, LEVELS)


def _doubled(stored: _double.StoredScales) -> QParams:
    return replace(_scaled(_double.read_back(stored)), extra=np.stack(stored, axis=1))


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    if q.extra is None:
        return SCALE.write(q, spec, counts)
    stored = _double.StoredScales(*q.extra.T)
    top, offset = once_a_run(stored.top, runs(counts, _double.BLOCK)), once_a_run(stored.offset, runs(counts, sum(counts)))
    return {"scale": stored.code.astype(np.uint8), "top": top, "offset": offset}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    if not spec.double:
        return SCALE.read(arrays, spec, counts)
    code = take(arrays, "scale", sum(counts), np.uint8).astype(np.float32)
    tops, parts = runs(counts, _double.BLOCK), runs(counts, sum(counts))
    top, offset = (take(arrays, n, int(run.max(initial=-1)) + 1)[run] for n, run in (("top", tops), ("offset", parts)))
    return _doubled(_double.StoredScales(code, top, offset))


SCHEME = Scheme(
    slug="nf4",
    title="NF4",
    formula=r"\hat x \in a\,\{q_i\},\quad q_i=\Phi^{-1}(p_i)/\Phi^{-1}(p_{max})",
    blurb="Sixteen levels at quantiles of a normal density; scaled by a group's maximum they get unequal shares of it. Groups of 64 in QLoRA.",
    source="Dettmers et al. 2023, arXiv:2305.14314",
    family="learned",
    used_by="QLoRA, bitsandbytes: weights in a look-up table",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: (4,),
    knobs={
        "double": Knob(False, "whether the scales are quantized too, to 8 bits", (False, True)),
        "scales": replace(SCALES, applies=lambda knobs: not knobs["double"]),
    },
    group_bits=lambda spec: _double.CODE_BITS if spec.double else _scales.bits(spec),
    part_bits=lambda groups, spec: _double.part_bits(groups) if spec.double else 0.0,
    storage=Storage(_write, _read),
    shares=lambda spec: spec.double,
    follows_scale=_scales.follow,
    returns_range=lambda spec: not spec.double and spec.scales == "float32",  # the mean of all scales is in each
    variants=({}, {"double": True}),
    rank=70,
)
