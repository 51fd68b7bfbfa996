"""Which numbers can a format hold, and which of them is nearest?

``FORMATS`` maps a slug to what is known about one number format. Four kinds of entry, each with what it can do:

* ``FloatFormat``: sign, exponent field E, mantissa field M; a normal value is (-1)^S * 2^(E - bias) * (1 + M / 2^m),
  a subnormal one (E = 0) is (-1)^S * 2^(1 - bias) * M / 2^m. ``cast``, ``values``, ``encode``, ``decode``, ``fields``.
* ``IntFormat``: consecutive integers. ``cast``, ``values``.
* ``ScaleFormat``: powers of two without sign or zero. ``cast``, ``values``, ``encode``, ``decode``.
* ``BlockFormat``: elements of one format that share a scale of another; a description, the arithmetic is a scheme's.

Every other EeMm comes from ``custom`` or, by its slug, from ``parse_format``.

>>> FORMATS["e2m1fn"].values().tolist()
[-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
>>> FORMATS["e4m3fn"].cast([0.3, 17, 1000]).tolist()
[0.3125, 16.0, 448.0]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

Nan = Literal["none", "one", "ieee"]
Array = np.ndarray[Any, Any]

CHUNK = 1 << 14  # values at a time: what one chunk needs stays in the cache
F32_BIAS, F32_MIN_EXPONENT, F64_MANTISSA = 127, -149, 52


class Fields(NamedTuple):
    """The three fields of a bit pattern, integers of the pattern's shape."""

    sign: Array
    exponent: Array
    mantissa: Array


@dataclass(frozen=True)
class FloatFormat:
    """One binary floating-point format that fits inside float32.

    nan : "none"; "one": all ones is NaN (S.1111.111); "ieee": the top exponent is kept for infinity and NaNs.
    subnormals : False: what the fields could say below ``min_normal`` is zero.
    saturate : overflow becomes ±max; else infinity, or NaN where the format has no infinity.

    >>> f = FORMATS["e4m3fn"]
    >>> f.bits, f.max, f.min_normal == 2**-6, f.min_subnormal == 2**-9
    (8, 448.0, True, True)
    """

    slug: str
    title: str
    exponent_bits: int
    mantissa_bits: int
    bias: int
    has_inf: bool
    nan: Nan
    subnormals: bool = True
    saturate: bool = True
    used_by: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if self.nan not in ("none", "one", "ieee"):
            raise ValueError(f"{self.slug}: nan={self.nan!r} is unknown; choose 'none', 'one' or 'ieee'")
        if self.has_inf != (self.nan == "ieee"):
            raise ValueError(f"{self.slug}: has_inf={self.has_inf} with nan={self.nan!r}; infinity goes with nan='ieee'")
        if self.exponent_bits < 1 or self.mantissa_bits < 0:
            raise ValueError(f"{self.slug}: needs 1 exponent bit or more and 0 mantissa bits or more")
        if self._top_exponent < 1:
            raise ValueError(f"{self.slug}: infinity and NaN leave no normal value; give it more exponent bits")
        if not self.saturate and self.nan == "none":
            raise ValueError(f"{self.slug}: no infinity and no NaN to overflow to; it can only saturate")
        if self.emax > F32_BIAS or self._min_exponent < F32_MIN_EXPONENT or self.mantissa_bits > 23:
            raise ValueError(
                f"{self.slug}: spans 2^{self._min_exponent} to 2^{self.emax} with {self.mantissa_bits} mantissa bits, "
                f"float32 only 2^-149 to 2^127 with 23; use fewer bits, another bias, or infinity (which takes 2^128)"
            )

    @property
    def bits(self) -> int:
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def _top_exponent(self) -> int:
        """The largest exponent field that holds finite values."""
        lost = self.nan == "ieee" or (self.nan == "one" and self.mantissa_bits == 0)
        return (1 << self.exponent_bits) - 1 - lost

    @property
    def _min_exponent(self) -> int:
        return 1 - self.bias - (self.mantissa_bits if self.subnormals else 0)

    @property
    def emax(self) -> int:
        """The exponent of ``max``: 2^emax <= max < 2^(emax + 1); MX subtracts it from the scale's exponent."""
        return self._top_exponent - self.bias

    @property
    def max(self) -> float:
        """The largest finite value."""
        top = (1 << self.mantissa_bits) - 1 - (self.nan == "one" and self.mantissa_bits > 0)
        return 2.0**self.emax * (1 + top / (1 << self.mantissa_bits))

    @property
    def min_normal(self) -> float:
        return 2.0 ** (1 - self.bias)

    @property
    def min_subnormal(self) -> float:
        """The smallest value above zero (``min_normal`` where there are no subnormals)."""
        return 2.0**self._min_exponent

    def cast(self, x: ArrayLike) -> Array:
        """Each value's nearest one in the format, ties to even; float32, x's shape. NaN stays NaN.

        Adding and subtracting 1.5 * 2^(E + p - m), E the value's exponent and p the significand bits of the
        arithmetic, leaves m mantissa bits. It is done in float32 where that number cannot overflow, else in float64;
        float64 input is rounded once. With no mantissa bits a tie goes to the larger magnitude (IEEE 754-2019, 4.3.1).

        >>> FORMATS["fp16"].cast([1 + 2**-11, 1 + 3 * 2**-11, 1e6]).tolist()
        [1.0, 1.001953125, 65504.0]
        """
        source = _as_float(x)
        flat = source.reshape(-1)
        out = np.empty(flat.size, np.float32)
        wide = flat.dtype == np.float64 or not self._fits_float32_arithmetic
        work, p = (np.empty(CHUNK, np.float64), F64_MANTISSA) if wide else (np.empty(CHUNK, np.float32), 23)
        bits = work.view(np.uint64 if wide else np.uint32)
        magic = np.empty_like(bits)
        exponent_mask = bits.dtype.type(((1 << (bits.itemsize * 8 - 1 - p)) - 1) << p)
        lowest = work.dtype.type(self.min_normal).view(bits.dtype)
        lift = bits.dtype.type(((p - self.mantissa_bits) << p) | (1 << (p - 1)))
        limit = work.dtype.type(self.max if self.saturate else 2 * self.max)
        for start in range(0, flat.size, CHUNK):
            part = flat[start : start + CHUNK]
            n = part.size
            y, m = work[:n], magic[:n]
            np.clip(part, -limit, limit, out=y)
            np.bitwise_and(bits[:n], exponent_mask, out=m)
            np.maximum(m, lowest, out=m)
            m += lift
            y += m.view(work.dtype)
            y -= m.view(work.dtype)
            if not self.subnormals:
                self._flush(part, y)
            if not self.saturate:
                y[np.abs(y) > self.max] = np.inf if self.has_inf else np.nan
            np.copysign(y, part, out=out[start : start + n], casting="same_kind")
        return out.reshape(source.shape)[()]

    @property
    def _fits_float32_arithmetic(self) -> bool:
        """Are the exponents of all magic numbers, up to that of 2 * max, those of normal float32 values?"""
        m = self.mantissa_bits
        return self.emax + 1 + 23 - m <= 127 and 1 - self.bias >= -126 and m <= 21

    def _flush(self, x: Array, y: Array) -> None:
        """Below ``min_normal`` there is only zero; the tie between them goes to zero (even)."""
        small = np.abs(x) < self.min_normal
        y[small] = np.where(np.abs(x[small]) > self.min_normal / 2, self.min_normal, 0)

    def values(self) -> Array:
        """All distinct finite values, ascending, float32, one zero; for formats of at most 16 bits."""
        if self.bits > 16:
            raise ValueError(f"{self.slug} has 2^{self.bits} bit patterns; values() lists formats of at most 16 bits")
        values = self.decode(np.arange(1 << self.bits, dtype=np.uint32))
        return np.unique(values[np.isfinite(values)]) + np.float32(0)  # + 0 turns -0 into 0

    def encode(self, x: ArrayLike) -> Array:
        """The bit pattern of each value's nearest one, the smallest uint that holds it. Infinities that exist stay.

        >>> [f"{b:08b}" for b in FORMATS["e4m3fn"].encode([1, -448, float("nan")])]
        ['00111000', '11111110', '01111111']
        """
        source = _as_float(x)
        flat = source.reshape(-1)
        y = self.cast(flat).astype(np.float64)
        infinite = np.isinf(flat if self.has_inf else y)
        if np.isnan(y).any() and self.nan == "none":
            raise ValueError(f"{self.slug} has no NaN, {np.isnan(y).sum()} of {y.size} values are; drop them first")
        a = np.where(np.isfinite(y), np.abs(y), 0)
        exponent = np.where(a >= self.min_normal, np.frexp(a)[1] - 1 + self.bias, 0).astype(np.int64)
        m, one = self.mantissa_bits, exponent > 0
        quantum = np.where(one, exponent, 1) - self.bias - m
        pattern = (exponent << m) + np.ldexp(a, -quantum).astype(np.int64) - (one.astype(np.int64) << m)
        top = (1 << self.exponent_bits) - 1
        pattern[infinite] = top << m
        pattern[np.isnan(y)] = (top << m) | ((1 << m) - 1 if self.nan == "one" else 1 << max(m - 1, 0))
        pattern |= np.signbit(y).astype(np.int64) << (self.bits - 1)
        return pattern.astype(_uint(self.bits)).reshape(source.shape)[()]

    def fields(self, bits: ArrayLike) -> Fields:
        """Sign, exponent and mantissa field of each bit pattern.

        >>> tuple(int(field) for field in FORMATS["e4m3fn"].fields(0b1_0111_100))
        (1, 7, 4)
        """
        pattern = _patterns(bits, self.bits, self.slug)
        e, m = self.exponent_bits, self.mantissa_bits
        return Fields(pattern >> (e + m), (pattern >> m) & ((1 << e) - 1), pattern & ((1 << m) - 1))

    def decode(self, bits: ArrayLike) -> Array:
        """The value of each bit pattern, float32.

        >>> float(FORMATS["e4m3fn"].decode(0b1_0111_100))
        -1.5
        """
        sign, exponent, mantissa = self.fields(bits)
        m, normal = self.mantissa_bits, exponent > 0
        significand = np.where(normal, mantissa + (1 << m), mantissa if self.subnormals else 0)
        y = np.ldexp(significand.astype(np.float64), np.where(normal, exponent, 1) - self.bias - m)
        top = exponent == (1 << self.exponent_bits) - 1
        if self.nan == "ieee":
            y = np.where(top, np.where(mantissa == 0, np.inf, np.nan), y)
        if self.nan == "one":
            y = np.where(top & (mantissa == (1 << m) - 1), np.nan, y)
        return np.where(sign == 1, -y, y).astype(np.float32)[()]


@dataclass(frozen=True)
class IntFormat:
    """The integers from ``min`` to ``max``.

    >>> FORMATS["int4"].cast([-9.2, 0.5, 1.5, 6.7]).tolist()
    [-8.0, 0.0, 2.0, 7.0]
    """

    slug: str
    title: str
    bits: int
    signed: bool

    @property
    def min(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def max(self) -> int:
        return self.min + (1 << self.bits) - 1

    def cast(self, x: ArrayLike) -> Array:
        """Each value's nearest integer of the format, ties to even, saturating; float32. NaN stays NaN."""
        y = np.rint(_as_float(x))
        return np.clip(y, self.min, self.max).astype(np.float32)[()]

    def values(self) -> Array:
        """All values, ascending, float32."""
        return np.arange(self.min, self.max + 1, dtype=np.float32)


@dataclass(frozen=True)
class ScaleFormat:
    """Powers of two from 2^-bias up: no sign, no zero, no mantissa; all ones is NaN.

    >>> f = FORMATS["e8m0"]
    >>> f.cast([1.4, 1.5, 3, 1e-45]).tolist() == [1, 2, 4, 2**-127]
    True
    """

    slug: str
    title: str
    exponent_bits: int
    bias: int
    used_by: str = ""
    source: str = ""

    @property
    def bits(self) -> int:
        return self.exponent_bits

    @property
    def min(self) -> float:
        return 2.0**-self.bias

    @property
    def max(self) -> float:
        return 2.0 ** ((1 << self.bits) - 2 - self.bias)

    def cast(self, x: ArrayLike) -> Array:
        """Each value's nearest power of two, ties upward, saturating; float32. NaN stays NaN."""
        return self.decode(self.encode(x))

    def values(self) -> Array:
        """All values, ascending, float32."""
        return self.decode(np.arange((1 << self.bits) - 1))

    def encode(self, x: ArrayLike) -> Array:
        """The bit pattern of each value's nearest power of two. Raises ValueError for a value of 0 or below."""
        x = np.asarray(x, np.float64)
        if (x <= 0).any():
            raise ValueError(
                f"{self.slug} has neither sign nor zero, {(x <= 0).sum()} of {x.size} values are 0 or below; give such a group the scale 1"
            )
        significand, exponent = np.frexp(np.clip(x, self.min, self.max))
        pattern = np.where(np.isnan(x), (1 << self.bits) - 1, exponent - 1 + (significand >= 0.75) + self.bias)
        return pattern.astype(_uint(self.bits))[()]

    def decode(self, bits: ArrayLike) -> Array:
        """The value of each bit pattern, float32."""
        pattern = _patterns(bits, self.bits, self.slug)
        y = np.ldexp(1.0, pattern - self.bias)
        return np.where(pattern == (1 << self.bits) - 1, np.nan, y).astype(np.float32)[()]


@dataclass(frozen=True)
class BlockFormat:
    """``block`` elements share one scale; ``element`` and ``scale_format`` are slugs of ``FORMATS``.

    >>> FORMATS["mxfp4"].bits_per_value, FORMATS["nvfp4"].bits_per_value
    (4.25, 4.5)
    """

    slug: str
    title: str
    element: str
    block: int
    scale_format: str
    used_by: str = ""
    source: str = ""

    @property
    def bits_per_value(self) -> float:
        """Element bits and the block's share of its scale; a scale per tensor (NVFP4) is not counted."""
        element, scale = FORMATS[self.element], FORMATS[self.scale_format]
        assert not isinstance(element, BlockFormat) and not isinstance(scale, BlockFormat)
        return element.bits + scale.bits / self.block


Format = FloatFormat | IntFormat | ScaleFormat | BlockFormat


def custom(
    e: int,
    m: int,
    bias: int | None = None,
    inf: bool = False,
    subnormals: bool = True,
    saturate: bool = True,
) -> FloatFormat:
    """Any EeMm. With infinity it also has IEEE's NaNs; without, one NaN from 8 bits up and none below (as OCP does).

    bias : left out, 2^(e-1) - 1.

    >>> custom(3, 4).slug, custom(3, 4).max, custom(3, 4, inf=True).slug, custom(3, 4, inf=True).max
    ('e3m4fn', 30.0, 'e3m4', 15.5)
    """
    usual = (1 << max(e - 1, 0)) - 1
    slug = f"e{e}m{m}" + (f"b{bias}" if bias not in (None, usual) else "") + ("" if inf else "fn")
    slug += ("" if subnormals else "-nosub") + ("" if saturate else "-nosat")
    title = f"E{e}M{m}" + ("" if bias in (None, usual) else f", bias {bias}")
    nan: Nan = "ieee" if inf else "one" if 1 + e + m >= 8 else "none"
    return FloatFormat(slug, title, e, m, usual if bias is None else bias, inf, nan, subnormals, saturate)


def parse_format(slug: str) -> Format:
    """The entry of ``FORMATS``, or the float format that a slug like ``custom``'s describes.

    Slugs follow ml_dtypes: "e3m4" has infinity, "e3m4fn" (finite) has none; then "b11" for a bias, "-nosub" for
    no subnormals, "-nosat" for no saturation. OCP's E4M3 is "e4m3fn".

    >>> parse_format("e4m3").max, parse_format("e4m3fn").max, parse_format("e4m3b11fn").max
    (240.0, 448.0, 28.0)
    """
    if slug in FORMATS:
        return FORMATS[slug]
    match = re.fullmatch(r"e(\d{1,2})m(\d{1,2})(?:b(-?\d{1,3}))?(fn)?(-nosub)?(-nosat)?", slug)
    if match is None:
        raise ValueError(f"unknown format {slug!r}; write one like 'e3m4' or 'e3m4fn', or one of {', '.join(FORMATS)}")
    e, m, bias, finite, nosub, nosat = match.groups()
    return custom(int(e), int(m), None if bias is None else int(bias), not finite, not nosub, not nosat)


def _as_float(x: ArrayLike) -> Array:
    """As float32 or float64, whichever holds x's dtype exactly."""
    x = np.asarray(x)
    if x.dtype.kind == "c":
        raise TypeError(f"{x.dtype} values have no nearest number here; cast .real and .imag one by one")
    exact = np.result_type(x.dtype, np.float32) == np.float32
    return x.astype(np.float32 if exact else np.float64, copy=False)


def _uint(bits: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32


def _patterns(bits: ArrayLike, width: int, slug: str) -> Array:
    pattern = np.asarray(bits)
    if pattern.dtype.kind not in "ui":
        raise TypeError(f"bit patterns are integers, not {pattern.dtype}; encode() makes them from values")
    pattern = pattern.astype(np.int64)
    if pattern.size and (pattern.min() < 0 or pattern.max() >= 1 << width):
        bad = pattern.min() if pattern.min() < 0 else pattern.max()
        raise ValueError(f"{slug} has {width} bits, its patterns run from 0 to {(1 << width) - 1}, not to {bad}")
    return pattern


IEEE = "IEEE 754-2019, doi:10.1109/IEEESTD.2019.8766229"
OFP8 = "OCP 8-bit Floating Point Specification (OFP8) 1.0, 2023"
MX = "OCP Microscaling Formats (MX) Specification 1.0, 2023"

ENTRIES: tuple[Format, ...] = (
    FloatFormat("e4m3fn", "FP8 E4M3", 4, 3, 7, False, "one", used_by="weights and activations", source=OFP8),
    FloatFormat("e5m2", "FP8 E5M2", 5, 2, 15, True, "ieee", used_by="gradients", source=OFP8),
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
