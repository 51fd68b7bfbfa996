"""Instruction sets of this machine for products of bytes, and what each does in one instruction.

Linux says them in /proc/cpuinfo; other systems do not tell here. Sources: Intel's Intrinsics Guide; Arm's architecture manual.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class InstructionSet:
    """flag : its name in cpuinfo. meaning : what it does for integer networks, one sentence."""

    flag: str
    title: str
    meaning: str


KNOWN = (
    InstructionSet("avx2", "AVX2", "multiplies 32 pairs of bytes, and adds two products each into 16 bits, which can saturate"),
    InstructionSet("avx512bw", "AVX-512 BW", "does the same for 64 pairs of bytes"),
    InstructionSet("avx_vnni", "AVX-VNNI", "multiplies 32 pairs of bytes and adds four products each straight into 32 bits"),
    InstructionSet("avx512_vnni", "AVX-512 VNNI", "multiplies 64 pairs of bytes and adds four products each straight into 32 bits"),
    InstructionSet("amx_int8", "AMX", "multiplies tiles of 16 × 64 by 64 × 16 bytes into 32 bits: a matrix unit"),
    InstructionSet("asimddp", "Arm dot product", "multiplies 16 pairs of bytes and adds four products each into 32 bits"),
    InstructionSet("i8mm", "Arm I8MM", "multiplies matrices of 2 × 8 by 8 × 2 bytes into 32 bits"),
)


def flags(text: str) -> frozenset[str]:
    """The flags of the first processor in the text of cpuinfo.

    >>> sorted(flags("model name : x\\nflags : fpu avx2\\n"))
    ['avx2', 'fpu']
    """
    lines = (line.partition(":") for line in text.splitlines())
    return next((frozenset(value.split()) for name, _, value in lines if name.strip() in ("flags", "Features")), frozenset())


def of_this_machine(path: Path = CPUINFO) -> tuple[InstructionSet, ...] | None:
    """Those of ``KNOWN`` that this machine has; None where the system does not tell."""
    if not path.exists():
        return None
    here = flags(path.read_text("utf-8"))
    return tuple(entry for entry in KNOWN if entry.flag in here) if here else None
