"""Readings of bit patterns: sign, exponent, fraction or integer, the formula with its numbers, the neighbours."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from quantlab.formats import FORMATS, FloatFormat, IntFormat, ScaleFormat, parse_format

Single = FloatFormat | IntFormat | ScaleFormat
EXAMPLE = 2.75


@dataclass(frozen=True)
class Field:
    """One field of a word: its name, its bits from the left, the color slot it is drawn in."""

    name: str
    bits: str
    slot: str


Part = tuple[str, str]  # a piece of a formula and the color slot it is drawn in, "" for none


@dataclass(frozen=True)
class Reading:
    """A word read: its fields, kind (normal, subnormal, zero, infinite, NaN, integer), formula in parts, and value."""

    fields: tuple[Field, ...]
    kind: str
    formula: tuple[Part, ...]
    value: float
    below: float | None
    above: float | None


def single_format(slug: str) -> Single:
    """A format one word of which is one number: of the table, or any ``e3m4``, ``e5m2fn``; ValueError for others."""
    entry = FORMATS.get(slug) or parse_format(slug)
    if not isinstance(entry, FloatFormat | IntFormat | ScaleFormat):
        raise ValueError(f"{slug} is a block format: its words share a scale; look at its element format {entry.element} instead")
    return entry


def is_word(text: str) -> bool:
    """Whether the text is a word in hexadecimal digits, of at most 32 bits."""
    return re.fullmatch(r"[0-9a-fA-F]{1,8}", text) is not None


def example_word(entry: Single) -> int:
    """A word that shows something: the number nearest to −2.75, or to 2.75 where the format has no sign.

    >>> f"{example_word(single_format('e4m3fn')):x}", example_word(single_format("int8")) - 256
    ('c3', -3)
    """
    if isinstance(entry, IntFormat):
        return int(entry.cast(-EXAMPLE if entry.signed else EXAMPLE)) % (1 << entry.bits)
    return int(entry.encode(EXAMPLE if isinstance(entry, ScaleFormat) else -EXAMPLE))


def read(entry: Single, word: int) -> Reading:
    """The reading of a word (0 to 2^bits - 1) in this format."""
    if not 0 <= word < 1 << entry.bits:
        raise ValueError(f"{word} is no word of {entry.bits} bits; choose 0 to {(1 << entry.bits) - 1}")
    text = f"{word:0{entry.bits}b}"
    if isinstance(entry, IntFormat):
        return _integer(entry, word, text)
    if isinstance(entry, ScaleFormat):
        value = float(entry.decode(word))
        below, above = _neighbours(entry, value)
        formula = (("2^", ""), (f"({word} − {entry.bias})", "exponent"))
        return Reading((Field("exponent", text, "exponent"),), "NaN" if np.isnan(value) else "scale", formula, value, below, above)
    return _float(entry, word, text)


def _integer(entry: IntFormat, word: int, text: str) -> Reading:
    fields: tuple[Field, ...]
    value = word - (1 << entry.bits if entry.signed and word >> (entry.bits - 1) else 0)
    if entry.signed:
        rest = word & ((1 << (entry.bits - 1)) - 1)
        fields = (Field("sign", text[0], "sign"), Field("integer", text[1:], "fraction"))
        formula: tuple[Part, ...] = ((f"−{text[0]}·2^{entry.bits - 1}", "sign"), (" + ", ""), (f"{rest}", "fraction"))
    else:
        fields, formula = (Field("integer", text, "fraction"),), ((f"{word}", "fraction"),)
    below, above = (value - 1 if value > entry.min else None), (value + 1 if value < entry.max else None)
    return Reading(fields, "integer", formula, float(value), below, above)


def _float(entry: FloatFormat, word: int, text: str) -> Reading:
    e, m = entry.exponent_bits, entry.mantissa_bits
    parts = (("sign", text[0]), ("exponent", text[1 : 1 + e]), ("fraction", text[1 + e :]))
    fields = tuple(Field(name, bits, name) for name, bits in parts if bits)
    sign, exponent, mantissa = (int(part) for part in entry.fields(word))
    value = float(entry.decode(word))
    if np.isnan(value) or np.isinf(value):
        return Reading(fields, "NaN" if np.isnan(value) else "infinite", (("kept for what is no finite number", ""),), value, None, None)
    if exponent == 0 and (entry.subnormals or value == 0):
        kind = "zero" if value == 0 else "subnormal"
        power, digits = f"2^(1 − {entry.bias})", f"{mantissa}/{1 << m}"
    else:
        kind, power, digits = "normal", f"2^({exponent} − {entry.bias})", f"(1 + {mantissa}/{1 << m})"
    formula = ((f"(−1)^{sign}", "sign"), (" · ", ""), (power, "exponent"), (" · ", ""), (digits, "fraction"))
    below, above = _neighbours(entry, value)
    return Reading(fields, kind, formula, value, below, above)


def _neighbours(entry: FloatFormat | ScaleFormat, value: float) -> tuple[float | None, float | None]:
    """The next value down and up, None where there is none."""
    if np.isnan(value):
        return None, None
    if entry.bits <= 16:
        values = entry.values().astype(np.float64)
        i = int(np.searchsorted(values, value))
        return (float(values[i - 1]) if i > 0 else None), (float(values[i + 1]) if i + 1 < len(values) else None)
    assert isinstance(entry, FloatFormat)
    if value == 0:
        return -entry.min_subnormal, entry.min_subnormal
    exponent = max(int(np.frexp(abs(value))[1]) - 1, 1 - entry.bias)
    ulp = 2.0 ** (exponent - entry.mantissa_bits)
    edge = abs(value) == 2.0**exponent and exponent > 1 - entry.bias  # below a power of two the gap is half as wide
    inward = abs(value) - (ulp / 2 if edge else ulp)
    outward = abs(value) + ulp if abs(value) < entry.max else None
    return (inward, outward) if value > 0 else (None if outward is None else -outward, -inward)


def flip(word: int, bits: int, index: int) -> int:
    """The word with bit ``index`` (from the left, 0 to bits - 1) turned over."""
    return word ^ (1 << (bits - 1 - index))
