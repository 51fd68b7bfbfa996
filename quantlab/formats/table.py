"""The formats, one entry each: floats, scales, integers, and blocks that share a scale."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.formats.float_format import FloatFormat
from quantlab.formats.int_format import IntFormat
from quantlab.formats.named import Named
from quantlab.formats.scale_format import ScaleFormat


@dataclass(frozen=True)
class BlockFormat(Named):
    """``block`` elements share one scale; ``element`` and ``scale_format`` are slugs of ``FORMATS``.

    >>> FORMATS["mxfp4"].bits_per_value, FORMATS["nvfp4"].bits_per_value
    (4.25, 4.5)
    """

    element: str
    block: int
    scale_format: str

    @property
    def bits_per_value(self) -> float:
        """Element bits and the block's share of its scale; a scale per tensor (NVFP4) is not counted."""
        element, scale = FORMATS[self.element], FORMATS[self.scale_format]
        assert not isinstance(element, BlockFormat) and not isinstance(scale, BlockFormat)
        return element.bits + scale.bits / self.block


Format = FloatFormat | IntFormat | ScaleFormat | BlockFormat

IEEE = "IEEE 754-2019, doi:10.1109/IEEESTD.2019.8766229"
OFP8 = "OCP 8-bit Floating Point Specification (OFP8) 1.0, 2023"
FNUZ = "Noune et al. 2022, arXiv:2206.02915"
MX = "OCP Microscaling Formats (MX) Specification 1.0, 2023"

ENTRIES: tuple[Format, ...] = (
    FloatFormat("e4m3fn", "FP8 E4M3", 4, 3, 7, False, "one", used_by="weights and activations", source=OFP8),
    FloatFormat("e5m2", "FP8 E5M2", 5, 2, 15, True, "ieee", used_by="gradients", source=OFP8),
    FloatFormat("e4m3fnuz", "FP8 E4M3 FNUZ", 4, 3, 8, False, "zero", used_by="AMD MI300, Graphcore", source=FNUZ),
    FloatFormat("e5m2fnuz", "FP8 E5M2 FNUZ", 5, 2, 16, False, "zero", used_by="AMD MI300, Graphcore", source=FNUZ),
    FloatFormat(
        "e4m3b11fnuz", "FP8 E4M3 B11 FNUZ", 4, 3, 11, False, "zero", used_by="ml_dtypes, XLA", source="ml_dtypes, float8_e4m3b11fnuz"
    ),
    FloatFormat("e2m1fn", "FP4 E2M1", 2, 1, 1, False, "none", used_by="elements of MXFP4, NVFP4", source=MX),
    FloatFormat("e2m3fn", "FP6 E2M3", 2, 3, 1, False, "none", used_by="elements of MXFP6", source=MX),
    FloatFormat("e3m2fn", "FP6 E3M2", 3, 2, 3, False, "none", used_by="elements of MXFP6", source=MX),
    FloatFormat("bf16", "BF16", 8, 7, 127, True, "ieee", used_by="training and weights", source="arXiv:1905.12322, 2019"),
    FloatFormat("fp16", "FP16", 5, 10, 15, True, "ieee", used_by="inference, mixed precision", source=IEEE),
    FloatFormat("tf32", "TF32", 8, 10, 127, True, "ieee", used_by="matrix products", source="NVIDIA A100 whitepaper, 2020"),
    FloatFormat("fp32", "FP32", 8, 23, 127, True, "ieee", used_by="the reference everywhere here", source=IEEE),
    ScaleFormat("e8m0", "E8M0", 8, 127, used_by="scales of MX blocks", source=MX),
    *(IntFormat(f"int{b}", f"INT{b}", b, signed=True) for b in range(2, 17)),
    *(IntFormat(f"uint{b}", f"UINT{b}", b, signed=False) for b in range(2, 17)),
    BlockFormat("mxfp8-e4m3", "MXFP8 E4M3", "e4m3fn", 32, "e8m0", source=MX),
    BlockFormat("mxfp8-e5m2", "MXFP8 E5M2", "e5m2", 32, "e8m0", source=MX),
    BlockFormat("mxfp6-e2m3", "MXFP6 E2M3", "e2m3fn", 32, "e8m0", source=MX),
    BlockFormat("mxfp6-e3m2", "MXFP6 E3M2", "e3m2fn", 32, "e8m0", source=MX),
    BlockFormat("mxfp4", "MXFP4", "e2m1fn", 32, "e8m0", source=MX),
    BlockFormat("mxint8", "MXINT8", "int8", 32, "e8m0", used_by="elements are int8 / 64", source=MX),
    BlockFormat("nvfp4", "NVFP4", "e2m1fn", 16, "e4m3fn", used_by="Blackwell, with an FP32 scale per tensor", source="NVIDIA"),
)
FORMATS: dict[str, Format] = {entry.slug: entry for entry in ENTRIES}
