"""The blocks that llama.cpp reads: 16 to 256 values with a step, many of which share one more number in a super-block of 256.

    q4_0, q5_0, q8_0    x_hat = d·q                  q4_1, q5_1          x_hat = d·q + min
    tq1_0, tq2_0        x_hat = d·q, q = -1, 0, 1    q2_k, q4_k, q5_k    x_hat = d·s·q - d_min·m
    q3_k, q6_k          x_hat = d·s·q                iq4_nl, mxfp4       x_hat = d·t[q]
                                                     iq4_xs              x_hat = d·s·t[q]

Blocks, rounding and arithmetic are the format's own, so granularity and rounding leave no choice. The values are those of ggml's
encoders and of the gguf package's decoders, bit for bit, in a test that asks both; the bytes differ only in the codes of blocks whose
step vanishes, which read back as zero whatever they are. A last block may be shorter, where ggml would refuse the tensor.
TQ1_0 has the values of TQ2_0, its codes five to a byte.

>>> import numpy as np, quantlab as ql
>>> x = np.linspace(-1, 0.75, 256)
>>> [ql.quantize(x, ql.QuantSpec("gguf", format=f)).bits_per_value for f in ("q4_0", "q8_0", "q2_k", "iq4_xs")]
[4.5, 8.5, 2.625, 4.25]
"""

from __future__ import annotations

import numpy as np

from quantlab.grouping import per_group
from quantlab.schemes import _ggml, _ggml_blocks
from quantlab.schemes._stored import Arrays, Counts, Storage
from quantlab.schemes.base import Knob, Scheme, column
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    return _qparams(_ggml.FORMATS[spec.format].fit(rows.values.astype(np.float32, copy=False)), spec)


def _qparams(fit: _ggml.Fit, spec: QuantSpec) -> QParams:
    f = _ggml.FORMATS[spec.format]
    extra = np.stack((fit.inverse, fit.base, fit.offset), axis=1).astype(np.float32)  # (G, 3)
    return QParams(fit.step, fit.zero_point.astype(np.int32), f.qmin, f.qmax, None, extra)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """Whole places: the format rounds by itself."""
    assert qparams.extra is not None
    inverse, base = qparams.extra[:, :1], qparams.extra[:, 1:2]
    return _ggml.FORMATS[spec.format].codes(x.astype(np.float32, copy=False), inverse, base)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    assert qparams.extra is not None
    f, step = _ggml.FORMATS[spec.format], column(qparams.scale, codes.dtype)
    if f.table:
        return _of_table(codes, np.array(f.table, codes.dtype), np.sign(column(qparams.extra[:, 0], codes.dtype)), f.qmin) * step
    zero = column(qparams.zero_point, codes.dtype)
    return step * (codes - zero) + qparams.extra[:, 2:].astype(codes.dtype)


def _of_table(codes: np.ndarray, table: np.ndarray, sign: np.ndarray, qmin: int) -> np.ndarray:
    """Levels times the sign of the step, so that they ascend: where it is below zero, codes count from the table's other end."""
    last = len(table) - 1
    index = np.clip(codes - codes.dtype.type(qmin), 0, last)
    return sign * np.interp(np.where(sign < 0, last - index, index), np.arange(last + 1), table).astype(codes.dtype)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.extra is not None
    return _ggml_blocks.write(spec.format, _ggml.Fit(q.scale, q.zero_point, *q.extra.T), counts)


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    return _qparams(_ggml_blocks.read(spec.format, arrays, counts), spec)


SCHEME = Scheme(
    slug="gguf",
    title="GGUF blocks",
    formula=r"\hat x = d\,s\,q\ \ (-\,d_{min}\,m),\quad d=\mathrm{fp16}(\ldots)",
    blurb="What language models on a laptop are stored in: blocks of 16 to 256 values, their steps in 16 bits or fewer.",
    source="ggml-quants.c, github.com/ggml-org/llama.cpp",
    family="blocks",
    used_by="llama.cpp: models in GGUF files",
    choose_qparams=choose_qparams,
    place=place,
    value=value,
    bits=lambda knobs: (_ggml.FORMATS[knobs["format"]].bits,),
    knobs={"format": Knob("q4_0", "the block format", tuple(_ggml.FORMATS))},
    calibrator="minmax",
    ranged=False,
    roundings=("half-up",),
    granularities=("group",),
    block=lambda knobs: per_group(_ggml.FORMATS[knobs["format"]].block),
    block_only=True,
    borders_lie="own",
    float16=True,
    follows_scale=lambda spec: False,  # float16 has an end
    shares=lambda spec: _ggml.FORMATS[spec.format].run > 1,
    layers=False,
    symmetric=False,
    zero_exact=lambda spec: _ggml.FORMATS[spec.format].zero_exact,
    group_bits=lambda spec: _ggml.FORMATS[spec.format].block_bits,
    trits=lambda spec: spec.format == "tq1_0",
    part_bits=lambda groups, spec: (f := _ggml.FORMATS[spec.format]).shared_bits * -(-groups // f.run),
    storage=Storage(_write, _read),
    variants=tuple({"format": slug} for slug in _ggml.FORMATS),
    rank=86,
)
