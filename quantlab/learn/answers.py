"""Numbers as people type them."""

from __future__ import annotations

import math

_LONGEST = 40


def read_number(text: str) -> float:
    """The number that a person typed: decimal point or comma, any minus, a fraction; ValueError in one sentence for others.

    >>> read_number("−2,5"), read_number("1/3").__round__(3), read_number(" 12 %"), read_number("1e-3")
    (-2.5, 0.333, 12.0, 0.001)
    """
    plain = text.strip().replace("\u2212", "-").replace("\u2009", "").replace(" ", "").rstrip("%").removesuffix("dB").removesuffix("bits")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    above, slash, below = plain.partition("/")
    try:
        value = float(above) / float(below) if slash else float(plain)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if len(text) > _LONGEST or not math.isfinite(value) or "_" in plain:
        raise ValueError(f"{text.strip()[:_LONGEST]!r} is no number; type one like 12.5")
    return value
