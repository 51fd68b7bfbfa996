"""What a tensor of a model file can become: a scheme with its width and granularity, under a short name.

Each is one that other software reads, or the plain grid that is compared with them. Another one is written as
``SCHEME:BITS:GRANULARITY``, such as ``int-symmetric:5:group-32``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from quantlab.caching import lru_cache
from quantlab.grouping import Granularity, PerChannel, PerGroup, PerTensor, parse_granularity
from quantlab.quantizer import choose_qparams, fake_quantize
from quantlab.schemes import SCHEMES
from quantlab.schemes._ggml import FORMATS
from quantlab.types import QParams, QuantSpec


@dataclass(frozen=True)
class Option:
    """One choice for a tensor. slug : as rules, tables and addresses write it. ggml : the type of llama.cpp that it is, "" else."""

    slug: str
    title: str
    spec: QuantSpec
    ggml: str = ""

    def of(self, shape: tuple[int, ...]) -> QuantSpec:
        """The spec for a tensor of this shape: one with a single axis has no channels, and is quantized as a whole."""
        if len(shape) < 2 and self.spec.granularity.kind == "channel":
            return self.spec.replace(granularity=PerTensor())
        return self.spec

    def nbytes(self, shape: tuple[int, ...]) -> int:
        """Bytes that a tensor of this shape takes, scales counted in, rounded up."""
        spec = self.of(shape)
        size = int(np.prod(shape, dtype=object))
        return -(-round(SCHEMES[spec.scheme].bits_per_value(shape, spec) * size) // 8)

    def fits(self, shape: tuple[int, ...]) -> str:
        """Why llama.cpp cannot hold a tensor of this shape so, "" where it can or the type is none of its."""
        block = (f := FORMATS[self.ggml]).block * f.run if self.ggml else 1
        width = shape[-1] if shape else 1
        return f"its rows of {width} values are no multiple of a block of {block}" if self.ggml and width % block else ""


def shared_qparams(spec: QuantSpec, low: float, high: float) -> QParams | None:
    """The parameters of a whole tensor from its extremes, for one read in pieces; None where every row has its own."""
    if spec.granularity.kind != "tensor":
        return None
    return choose_qparams(np.array([low, high], np.float32), spec)


def reconstructed(rows: np.ndarray, spec: QuantSpec, qparams: QParams | None) -> np.ndarray:
    """Rows as they come back."""
    return fake_quantize(rows, spec, qparams)


def _gguf(kind: str) -> Option:
    slug = f"gguf-{kind}" if kind == "mxfp4" else kind  # OCP's MXFP4 rounds otherwise
    return Option(slug, f"GGUF {kind.upper()}", QuantSpec("gguf", format=kind), kind)


def _ggml_kinds() -> list[str]:
    """The types of llama.cpp, the one of most bits first."""
    scheme = SCHEMES["gguf"]
    return sorted(FORMATS, key=lambda kind: -scheme.bits_per_value((1, 256), QuantSpec("gguf", format=kind)))


@lru_cache(maxsize=1)
def options() -> dict[str, Option]:
    """All named options, the widest first."""
    rows = PerChannel(0)
    listed = (
        Option("int8-row", "8 bits a row", QuantSpec("int-symmetric", 8, granularity=rows)),
        Option("int8-tensor", "8 bits, one scale", QuantSpec("int-symmetric", 8, granularity=PerTensor())),
        Option("fp8-row", "FP8 E4M3 a row", QuantSpec("float", format="e4m3fn", granularity=rows)),
        *map(_gguf, _ggml_kinds()),
        Option("nf4-64", "NF4, blocks of 64", QuantSpec("nf4", granularity=PerGroup(64))),
        Option("nvfp4", "NVFP4", QuantSpec("nvfp4")),
        Option("int4-64", "4 bits, groups of 64", QuantSpec("int-symmetric", 4, granularity=PerGroup(64), scales="float16")),
        Option("int4a-64", "4 bits asymmetric, groups of 64", QuantSpec("int-asymmetric", 4, granularity=PerGroup(64), scales="float16")),
        Option("mxfp4", "MXFP4", QuantSpec("mx", format="mxfp4")),
        Option("int4-row", "4 bits a row", QuantSpec("int-symmetric", 4, granularity=rows)),
        Option("int3-64", "3 bits, groups of 64", QuantSpec("int-symmetric", 3, granularity=PerGroup(64), scales="float16")),
        Option("int2-32", "2 bits, groups of 32", QuantSpec("int-symmetric", 2, granularity=PerGroup(32), scales="float16")),
    )
    return {option.slug: option for option in listed}


_GRID = re.compile(r"int([2-8])(a?)-(row|tensor|16|32|64|128|256)")


def grid(slug: str) -> Option | None:
    """An option of the integer grid by its name, ``int3-64``, ``int4a-32``, ``int6-row``; None where the name is none.

    >>> grid("int6-32").title, grid("int4a-128").title, grid("int9-32")
    ('6 bits, groups of 32', '4 bits asymmetric, groups of 128', None)
    """
    if not (match := _GRID.fullmatch(slug)):
        return None
    bits, scheme, shared = int(match[1]), "int-asymmetric" if match[2] else "int-symmetric", match[3]
    title = f"{bits} bits{' asymmetric' if match[2] else ''}"
    if shared in ("row", "tensor"):
        granularity: Granularity = PerChannel(0) if shared == "row" else PerTensor()
        return Option(
            slug, f"{title} a row" if shared == "row" else f"{title}, one scale", QuantSpec(scheme, bits, granularity=granularity)
        )
    spec = QuantSpec(scheme, bits, granularity=PerGroup(int(shared)), scales="float16")
    return Option(slug, f"{title}, groups of {shared}", spec)


_OF_BITS = {8: "int8-row", 5: "q5_0", 4: "q4_k", 3: "int3-64", 2: "int2-32"}


def option(text: str) -> Option:
    """The option that a text names; ValueError with those there are.

    >>> option("Q4_K").slug, option("8 bits").slug, option("int-symmetric:5:group-32").spec.bits
    ('q4_k', 'int8-row', 5)
    """
    slug = text.strip().lower()
    if slug in options():
        return options()[slug]
    if of_grid := grid(slug):
        return of_grid
    words = slug.replace("-", " ").split()
    if len(words) == 2 and words[1] in ("bit", "bits") and words[0].isdigit() and int(words[0]) in _OF_BITS:
        return options()[_OF_BITS[int(words[0])]]
    parts = slug.split(":")
    if len(parts) == 3 and parts[0] in SCHEMES and parts[1].isdigit():
        granularity: Granularity = parse_granularity(parts[2])
        return Option(slug, slug, QuantSpec(parts[0], int(parts[1]), granularity=granularity))
    raise ValueError(
        f"{text.strip()!r} is no option; write leave, one of {', '.join(options())}, another width such as int3-32, or SCHEME:BITS:GRANULARITY"
    )
