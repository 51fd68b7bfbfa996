"""Tables of sixteen levels beside NF4: the same four bits and scale, other guesses about the values.

    x_hat = max|x|·{t_k},  t_k the levels of a table (``_tables4``), the nearest one chosen

NF4 lays its levels at equal shares of a normal density, which is neither the least error nor, after the division by a group's
maximum, equal shares. BOF4 asks for the least squared error of groups of 64; AF4's levels are the medians of their cells there, but for
a zero put between two of them; SF4 expects heavier tails; FP4 is what a float of four bits gives. ``any4`` asks the tensor: its levels are the k-means of the values after the division by their group's
maximum, one table for the whole tensor, one of them zero, so that zero stays zero. (The paper learns a table for each row, with an offset
a group, and weighs by activations.)

>>> import numpy as np, quantlab as ql
>>> x = np.random.default_rng(0).normal(size=(4096, 64))
>>> error = {t: ql.metrics.mse(x, ql.fake_quantize(x, ql.QuantSpec("lut4", codebook=t, granularity=ql.per_group(64)))) for t in ("fp4", "bof4")}
>>> tails = np.random.default_rng(0).standard_t(2, (4096, 64))
>>> [round(ql.metrics.sqnr_db(tails, ql.fake_quantize(tails, ql.QuantSpec("lut4", codebook=t, granularity=ql.per_group(64)))), 1) for t in ("bof4", "any4")]
[17.5, 21.2]
>>> error["bof4"] < ql.metrics.mse(x, ql.fake_quantize(x, ql.QuantSpec("nf4", granularity=ql.per_group(64)))) < error["fp4"]
True
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quantlab.schemes import _codebook, _scales
from quantlab.schemes._any4 import ANY4, learned
from quantlab.schemes._stored import SCALE, Arrays, Counts, Storage, take
from quantlab.schemes._tables4 import TABLES, table
from quantlab.schemes.base import SCALES, Knob, Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    levels = learned(rows.whole, spec) if spec.codebook == ANY4 else table(spec.codebook)
    scale = _scales.stored(_codebook.unit_scale(np.maximum(-low, high)), spec)
    return QParams(scale, np.full(len(scale), _codebook.zero_index(levels), np.int32), 0, len(levels) - 1, levels)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.codebook is not None
    table = {"codebook": q.codebook} if spec.codebook == ANY4 and len(q.scale) else {}
    return SCALE.write(q, spec, counts) | table


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    q = SCALE.read(arrays, spec, counts)
    if spec.codebook != ANY4 or not sum(counts):
        return q
    levels = take(arrays, "codebook", 16)
    return replace(q, codebook=levels, zero_point=np.full(len(q.scale), _codebook.zero_index(levels), np.int32))


SCHEME = Scheme(
    slug="lut4",
    title="NF4's neighbours",
    formula=r"\hat x \in a\,\{t_k\},\quad a=\max|x|,\ t_1=-1,\ t_{16}=1",
    blurb="Sixteen levels from a table, as NF4's: of a 4-bit float, of heavier tails, of least error for groups of 64, or learned from the tensor.",
    source="bitsandbytes (FP4); Yoshida 2023, arXiv:2306.06965 (AF4); Dotzel et al. 2024, arXiv:2405.03103 (SF4); Blumenberg et al. 2025, arXiv:2505.06653 (BOF4); Elhoushi and Johnson 2025, arXiv:2507.04610 (any4)",
    family="learned",
    used_by="bitsandbytes, and research after QLoRA",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: (4,),
    knobs={
        "codebook": Knob(
            "bof4",
            "whose levels",
            ("bof4", "af4", "sf4", "fp4", ANY4),
            titles=("BOF4, least squared error", "AF4, medians and a zero", "SF4, Student's t", "FP4 of bitsandbytes", "any4, learned"),
            in_sight=True,
        ),
        "scales": SCALES,
    },
    group_bits=lambda spec: _scales.bits(spec),
    follows_scale=_scales.follow,
    returns_range=lambda spec: spec.scales == "float32" and spec.codebook != ANY4,
    fitted=lambda spec: spec.codebook == ANY4,
    shares=lambda spec: spec.codebook == ANY4,
    tensor_bits=lambda spec: 32.0 * 16 if spec.codebook == ANY4 else 0.0,
    storage=Storage(_write, _read),
    variants=tuple({"codebook": slug} if slug != "bof4" else {} for slug in ("bof4", *(slug for slug in TABLES if slug != "bof4"), ANY4)),
    rank=72,
)
