"""Layers that GPTQ or AWQ packed: int32 words of codes beside zeros and scales, told by names and shapes.

    GPTQ   qweight (inputs·b/32, outputs)     AWQ   qweight (inputs, outputs·b/32)
    both   qzeros (groups, outputs·b/32)      scales (groups, outputs)        b = 32 · columns of qzeros / columns of scales
Source: AutoGPTQ's qlinear modules and AutoAWQ's WQLinear_GEMM, as read from their files' shapes.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.model_file.tensors import ModelFile


@dataclass(frozen=True)
class PackedLayer:
    """A packed layer. kind : method and bits, in words. parts : names of its tensors. values : weights that it stands for."""

    name: str
    kind: str
    parts: tuple[str, ...]
    values: int
    group_size: int


def packed_layers(model: ModelFile) -> tuple[PackedLayer, ...]:
    """The packed layers of a file; none where names or shapes do not fit together."""
    known = {tensor.name: tensor for tensor in model.tensors}
    layers = []
    for name, words in known.items():
        stem = name.removesuffix(".qweight")
        zeros, scales = known.get(f"{stem}.qzeros"), known.get(f"{stem}.scales")
        if stem == name or zeros is None or scales is None or not len(words.shape) == len(zeros.shape) == len(scales.shape) == 2:
            continue
        groups, outputs = scales.shape
        bits = 32 * zeros.shape[1] // max(outputs, 1)
        if bits not in (2, 3, 4, 8) or not groups:
            continue
        method, inputs = ("GPTQ", words.shape[0] * 32 // bits) if words.shape[1] == outputs else ("AWQ", words.shape[0])
        parts = tuple(part for end in ("qweight", "qzeros", "scales", "g_idx") if (part := f"{stem}.{end}") in known)
        layers.append(PackedLayer(stem, f"{method}, {bits} bits", parts, inputs * outputs, inputs // groups))
    return tuple(layers)
