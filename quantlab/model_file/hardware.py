"""Hardware and formats: which units multiply which formats, and the roofline of a device.

A format that a unit multiplies has to be that of both factors; weights alone in few bits are brought to 16 bits first, and are faster only
because less of them is read. The tables name the document that each line is taken from, and where it was looked up on 28 November 2026: the vendors' own
documents could not be opened then, so most were found in copies and in what quotes them. Peaks are the vendors' own, dense.

    steps a second <= min(peak / operations, bandwidth / bytes)          intensity = operations / bytes
Source of the model: Williams, Waterman, Patterson 2009, Roofline, CACM 52(4):65-76.
"""

from __future__ import annotations

from dataclasses import dataclass

SIXTEEN, INT8, FP8, INT4, FP4 = "16 bits", "INT8", "FP8", "INT4", "FP4"
SDM = "Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2"
ARM = "Arm Architecture Reference Manual for A-profile, DDI 0487"
PTX = "NVIDIA PTX ISA"


@dataclass(frozen=True)
class Unit:
    """What multiplies. formats : of both factors. sums : in which format products are added up. source : document and instruction.

    found : where the line was looked up, and what of it was not found; "" where nothing was.
    """

    name: str
    formats: tuple[str, ...]
    sums: str
    source: str
    found: str = ""


UNITS = (
    Unit("x86 AVX2", ("uint8 × int8",), "int16, which saturates", f"{SDM}: VPMADDUBSW", "namazso.github.io/x86, a copy of the manual"),
    Unit(
        "x86 AVX-512 VNNI, AVX-VNNI",
        ("uint8 × int8", "int16"),
        "int32",
        f"{SDM}: VPDPBUSD, VPDPWSSD",
        "namazso.github.io/x86, a copy of the manual; int16 not confirmed",
    ),
    Unit("x86 AVX-512 BF16", ("bfloat16",), "float32", f"{SDM}: VDPBF16PS", "felixcloutier.com/x86, a copy of the manual"),
    Unit(
        "Intel AMX",
        ("int8", "bfloat16"),
        "int32, float32",
        f"{SDM}: TDPBSSD, TDPBF16PS",
        "yubsoft.com/x86doc, a copy of the manual; Intel's table of intrinsics",
    ),
    Unit("Arm Neon with dot products", ("int8",), "int32", f"{ARM}: SDOT, UDOT (FEAT_DotProd)", "the wiki of AshokBhat/ml"),
    Unit(
        "Arm Neon with matrix products",
        ("int8", "bfloat16"),
        "int32, float32",
        f"{ARM}: SMMLA (FEAT_I8MM), BFMMLA (FEAT_BF16)",
        "developer.arm.com, DDI 0597: VSMMLA; Arm's own text of BFMMLA in asm-lsp",
    ),
    Unit(
        "Arm Helium (Cortex-M55)",
        ("int8", "int16"),
        "int32, int64",
        "Armv8-M Architecture Reference Manual, DDI 0553: VMLADAV, VMLALDAV",
        "GCC's arm_mve.h: vmlaldavaq_s16; int8 not confirmed",
    ),
    Unit("NVIDIA Turing", ("float16", "int8", "int4"), "float32, int32", f"{PTX}: mma.sync, sm_75", "LLVM's table of NVPTX builtins"),
    Unit(
        "NVIDIA Ampere",
        ("float16", "bfloat16", "int8", "int4"),
        "float32, int32",
        f"{PTX}: mma.sync, sm_80",
        "LLVM's table of NVPTX builtins",
    ),
    Unit(
        "NVIDIA Ada",
        ("float16", "bfloat16", "int8", "int4", "e4m3fn", "e5m2"),
        "float32, int32",
        f"{PTX}: mma.sync, sm_89",
        "quotations of the document's notes on mma: FP8 requires sm_89 or higher",
    ),
    Unit(
        "NVIDIA Hopper",
        ("float16", "bfloat16", "int8", "e4m3fn", "e5m2"),
        "float32, int32",
        f"{PTX}: wgmma.mma_async, sm_90a",
        "docs.rs/ptx-90-parser, a copy of the syntax; 8 bits by the peaks that a data sheet names",
    ),
    Unit(
        "NVIDIA Blackwell (data centre)",
        ("float16", "bfloat16", "int8", "e4m3fn", "e5m2", "e3m2fn", "e2m3fn", "e2m1fn", "mxfp8", "mxfp6", "mxfp4", "nvfp4"),
        "float32, int32",
        f"{PTX}: tcgen05.mma, sm_100a: kinds f16, i8, f8f6f4, mxf8f6f4, mxf4, mxf4nvf4",
        "nvidia.github.io/cccl: tcgen05.mma; LLVM's tests of its block scales; docs.rs/ptx-90-parser",
    ),
    Unit(
        "AMD CDNA 3 (MI300)",
        ("float16", "bfloat16", "int8", "FP8 and BF8 with another bias"),
        "float32, int32",
        "AMD Instinct MI300 Instruction Set Architecture reference guide: V_MFMA",
        "rocm.docs.amd.com: table of GEMM types; FP8 numbers (gfx942: FNUZ, not OCP)",
    ),
    Unit(
        "AMD CDNA 4 (MI350)",
        ("float16", "bfloat16", "int8", "e4m3fn", "e5m2", "mxfp8", "mxfp6", "mxfp4"),
        "float32, int32",
        "AMD Instinct CDNA4 Instruction Set Architecture reference guide: V_MFMA_SCALE_F32_16X16X128_F8F6F4",
        "docs.modular.com: operand formats of f8f6f4 with E8M0 scales; iree-org/wave #261: 16 bits; int8 not confirmed",
    ),
)


@dataclass(frozen=True)
class Device:
    """bandwidth : bytes a second of its memory. peaks : operations a second by the factors' format, dense. near : bytes of its last cache.

    found : where the numbers were looked up; "" where they were not.
    """

    title: str
    bandwidth: float
    peaks: tuple[tuple[str, float], ...]
    near: float
    source: str
    found: str = ""

    @property
    def peak(self) -> float:
        """Operations a second with factors of 16 bits."""
        return dict(self.peaks)[SIXTEEN]


DEVICES = {
    "a100": Device(
        "NVIDIA A100 80 GB (SXM)",
        2039e9,
        ((SIXTEEN, 312e12), (INT8, 624e12), (INT4, 1248e12)),
        40e6,
        "NVIDIA A100 Tensor Core GPU data sheet, NVIDIA A100 architecture white paper",
        "glennklockwood.com/garden/processors/A100, which cites both; cache: thundercompute.com",
    ),
    "l4": Device(
        "NVIDIA L4",
        300e9,
        ((SIXTEEN, 121e12), (INT8, 242e12), (FP8, 242e12)),
        48e6,
        "NVIDIA L4 data sheet, half of its sparse rates",
        "store.sourcecode.com and aiwiki.ai; cache: fpsbench.com",
    ),
    "h100": Device(
        "NVIDIA H100 (SXM)",
        3350e9,
        ((SIXTEEN, 989e12), (INT8, 1979e12), (FP8, 1979e12)),
        50e6,
        "NVIDIA H100 Tensor Core GPU data sheet, half of its sparse rates",
        "archive-lib.hpctech.co.jp, a reseller's copy of the table, cache too",
    ),
    "mi300x": Device(
        "AMD Instinct MI300X",
        5300e9,
        ((SIXTEEN, 1307e12), (INT8, 2615e12), (FP8, 2615e12)),
        256e6,
        "AMD Instinct MI300X data sheet",
        "alpharomercoma/MI300X-vs-H200: 16 bits and FP8; cache: rocm.docs.amd.com; INT8 not confirmed",
    ),
}


@dataclass(frozen=True)
class Bound:
    """The roofline of one step. intensity : operations a byte. rate : operations a second, at most. steps : a second, at most."""

    intensity: float
    rate: float
    steps: float
    by_memory: bool


def roofline(operations: float, nbytes: float, peak: float, bandwidth: float) -> Bound:
    """What a step of so many operations and bytes of memory can reach.

    >>> roofline(2e9, 1e9, 1e12, 1e11)  # 1e9 bytes take 10 ms, 2e9 operations 2 ms
    Bound(intensity=2.0, rate=200000000000.0, steps=100.0, by_memory=True)
    """
    seconds = max(operations / peak, nbytes / bandwidth)
    return Bound(operations / nbytes, operations / seconds, 1 / seconds, nbytes / bandwidth >= operations / peak)
