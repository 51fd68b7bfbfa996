"""The blocks that llama.cpp reads: 32 values with a float16 scale, some with a minimum; Q4_K nests them by eight.

    q4_0, q5_0, q8_0:  x_hat = d·q          q4_1, q5_1:  x_hat = d·q + min          q4_k:  x_hat = d·s·q - d_min·m

Blocks, rounding and arithmetic are the format's own: Q4_0 to Q8_0 bit for bit those of the gguf package; of Q4_K the decoder, and its
encoder as far as ``_ggml`` says. So granularity and rounding leave no choice: 32 values along the last axis; ties as in ggml, half up, in Q8_0 half away from zero. A last
block may be shorter, where ggml would refuse the tensor.

>>> import numpy as np, quantlab as ql
>>> x = np.linspace(-1, 0.75, 256)
>>> [ql.quantize(x, ql.QuantSpec("gguf", format=f)).bits_per_value for f in ("q4_0", "q4_1", "q8_0", "q4_k")]
[4.5, 5.0, 8.5, 4.5]
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
    qmax = 2 ** (f.bits - 1) - 1 if f.qmin < 0 else 2**f.bits - 1
    return QParams(fit.step, fit.zero_point.astype(np.int32), f.qmin, qmax, None, extra)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """Whole places: the format rounds by itself."""
    assert qparams.extra is not None
    inverse, base = qparams.extra[:, :1], qparams.extra[:, 1:2]
    return _ggml.FORMATS[spec.format].codes(x.astype(np.float32, copy=False), inverse, base)


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    assert qparams.extra is not None
    zero, step = column(qparams.zero_point, codes.dtype), column(qparams.scale, codes.dtype)
    return step * (codes - zero) + qparams.extra[:, 2:].astype(codes.dtype)


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.extra is not None
    return _ggml_blocks.write(spec.format, _ggml.Fit(q.scale, q.zero_point, *q.extra.T), counts)


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    return _qparams(_ggml_blocks.read(spec.format, arrays, counts), spec)


SCHEME = Scheme(
    slug="gguf",
    title="GGUF blocks",
    formula=r"\hat x = d\,q\ \ (+\,\min),\quad d=\mathrm{fp16}(\ldots)",
    blurb="What language models on a laptop are stored in: 32 values and a 16-bit scale.",
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
    block=lambda knobs: per_group(32),
    block_only=True,
    borders_lie="own",
    float16=True,
    follows_scale=lambda spec: False,  # float16 has an end
    shares=lambda spec: spec.format == "q4_k",
    layers=False,
    symmetric=False,
    zero_exact=lambda spec: spec.format in ("q4_0", "q5_0", "q8_0"),
    group_bits=lambda spec: _ggml.FORMATS[spec.format].block_bits,
    part_bits=lambda groups, spec: _ggml.FORMATS[spec.format].shared_bits * -(-groups // _ggml.EIGHT),
    storage=Storage(_write, _read),
    variants=tuple({"format": slug} for slug in _ggml.FORMATS),
    rank=86,
)
