"""NVIDIA's 4-bit floats: blocks of 16 with an FP8 scale each, and one float32 scale for the tensor.

    t = max|tensor| / (6·448)      s = E4M3(max|block| / 6 / t)·t      x_hat = s·E2M1(x / s)

6 is E2M1's largest value, 448 E4M3's. Against MXFP4 the scale has three bits of mantissa: a block's largest value
meets 6 to within 6 %, where a power of two misses it by up to two. A block too small for E4M3 takes its least scale.

>>> import numpy as np, quantlab as ql
>>> x = np.array([[6.0] + [1.0] * 15, [3.0] + [0.5] * 15])
>>> q = ql.quantize(x, ql.QuantSpec("nvfp4"))
>>> q.qparams.scale.tolist(), q.bits_per_value  # 4 + 8 / 16 + 32 / 32
([1.0, 0.5], 5.5)
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from quantlab.formats import FORMATS, FloatFormat
from quantlab.grouping import per_group
from quantlab.schemes import _blocks, _codebook
from quantlab.schemes._stored import Arrays, Counts, Storage, take
from quantlab.schemes.base import Scheme
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows

E4M3 = cast(FloatFormat, FORMATS["e4m3fn"])
ELEMENT = _blocks.element("e2m1fn")
LARGEST = float(ELEMENT.levels[-1])


def choose_qparams(rows: Rows, low: np.ndarray, high: np.ndarray, spec: QuantSpec) -> QParams:
    whole = max(float(part.absmax.max()) for part in rows.tensor)
    if whole == 0:
        return _scaled(np.ones(len(rows)), np.float32(1))
    tensor_scale = np.float32(max(whole / (LARGEST * E4M3.max), 2.0**-126 / E4M3.min_subnormal))  # none is subnormal
    block_scale = E4M3.cast(np.maximum(-low, high) / LARGEST / np.float64(tensor_scale))
    return _scaled(np.maximum(block_scale, E4M3.min_subnormal), tensor_scale)


def _scaled(block_scale: np.ndarray, tensor_scale: np.float32) -> QParams:
    """``extra`` is the tensor's scale: what is left of the product is the block's."""
    q = _blocks.qparams_of((block_scale.astype(np.float64) * tensor_scale).astype(np.float32), ELEMENT)
    return replace(q, extra=np.full((len(block_scale), 1), tensor_scale, np.float32))


def _write(q: QParams, spec: QuantSpec, counts: Counts) -> dict[str, np.ndarray]:
    assert q.extra is not None
    return {"scale": E4M3.encode(q.scale / q.extra[:, 0].astype(np.float64)), "tensor_scale": q.extra[:1, 0].copy()}


def _read(arrays: Arrays, spec: QuantSpec, counts: Counts) -> QParams:
    groups = sum(counts)
    block_scale = E4M3.decode(take(arrays, "scale", groups, np.uint8))
    return _scaled(block_scale, take(arrays, "tensor_scale", min(groups, 1))[0] if groups else np.float32(1))


SCHEME = Scheme(
    slug="nvfp4",
    title="NVFP4",
    formula=r"\hat x = s\,\mathrm{E2M1}(x/s),\quad s=t\cdot\mathrm{E4M3}\!\left(\frac{\max|block|}{6\,t}\right)",
    blurb="FP4 in blocks of 16 with an FP8 scale: what Blackwell multiplies.",
    source="NVIDIA, Introducing NVFP4, 2025; Transformer Engine",
    family="blocks",
    used_by="NVIDIA Blackwell tensor cores",
    choose_qparams=choose_qparams,
    place=_codebook.place,
    value=_blocks.value,
    codes=_codebook.codes,
    bits=lambda knobs: (4,),
    granularities=("channel", "token", "group", "block"),  # for a whole tensor its two scales would be one
    block=lambda knobs: per_group(16),
    group_bits=lambda spec: 8.0,
    tensor_bits=lambda spec: 32.0,
    shares=lambda spec: True,
    layers=False,
    storage=Storage(_write, _read),
    rank=84,
)
