"""Equations of the followed value, each true in the digits that are printed.

A number gets as many digits as its equation needs, from a few up to all of float32's: with many bits
``round(22690) + 34906`` would be 57596 by the digits on the screen where the code is 57597.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quantlab.labs.tensor.frames import FollowedValue
from quantlab.labs.text import MINUS, plain
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

_MOST = 17  # digits: all that a float64 has
_FLOAT32 = 9  # digits: all that a float32 has
_REACH = 1.5  # places from which a random rounding may come to a whole number: triangular dither moves by one before it rounds
_WORDS = {"floor": "floor", "ceil": "ceil", "toward-zero": "trunc"}


def place_and_code(f: FollowedValue, spec: QuantSpec) -> str:
    """From the value to its code: the quotient, its rounding, the shift and the clip."""
    added = SCHEMES[spec.scheme].place_has_zero_point(spec)  # the arithmetic adds the zero point before it rounds
    inner, outer = (f.zero_point, 0) if added else (0, f.zero_point)
    whole = _rounded(f.place, spec, f.code - outer)

    def near(place: float) -> bool:
        return _rounded(place, spec, whole) == whole

    quotient = _digits(lambda n: bool(s := read(plain(f.scale, n))) and near(read(plain(f.value, n)) / s + inner), 5)
    place = _digits(lambda n: near(read(plain(f.place, n))), 4)
    before, shift = (f" + {z}" if z else "" for z in (inner, outer))
    word = "round at random" if ROUNDINGS[spec.rounding].random else _WORDS.get(spec.rounding, "round")
    clipped = f", clipped to {f.code}" if whole + outer != f.code else ""
    return (
        f"{word}({plain(f.value, quotient)} / {plain(f.scale, quotient)}{before}){shift} = "
        f"{word}({plain(f.place, place)}){shift} = {whole + outer}{clipped}"
    )


def reconstruction(f: FollowedValue) -> str:
    """From the code to the value it stands for; ≈ where float32 rounded the product itself."""
    whole = f.code - f.zero_point

    def equal(n: int) -> bool:
        text = plain(f.x_hat, n)
        return abs(read(plain(f.scale, n + 2)) * whole - read(text)) <= 0.5 * last_place(text) * (1 + 1e-9)

    n = _digits(equal, 5)
    n, sign = (n, "=") if equal(n) else (_FLOAT32, "≈")
    inner = f"({f.code} − {f.zero_point})" if f.zero_point else f"{f.code}"
    return f"{plain(f.scale, n + 2)} × {inner} {sign} {plain(f.x_hat, n)}"


def difference(f: FollowedValue) -> str:
    """The error, in digits in which the difference is right."""

    def equal(n: int) -> bool:
        text = plain(f.x_hat - f.value, n - 1)
        printed = read(plain(f.x_hat, n)) - read(plain(f.value, n))
        return abs(printed - read(text)) <= 0.5 * last_place(text) * (1 + 1e-9)

    n = _digits(equal, 5)
    return f"{plain(f.x_hat, n)} − {_bracketed(plain(f.value, n))} = {plain(f.x_hat - f.value, n - 1)}"


def read(text: str) -> float:
    """The number that ``plain`` wrote.

    >>> read(plain(-0.0136)), read(plain(1.2e-7))
    (-0.0136, 1.2e-07)
    """
    return float(text.replace(MINUS, "-"))


def last_place(text: str) -> float:
    """What one is worth at the last digit that is written.

    >>> last_place("0.0136"), last_place("12300"), last_place("1.2e−7")
    (0.0001, 1.0, 1e-08)
    """
    mantissa, _, exponent = text.replace(MINUS, "-").partition("e")
    _, _, decimals = mantissa.partition(".")
    return float(f"1e{int(exponent or 0) - len(decimals)}")


def _digits(holds: Callable[[int], bool], least: int) -> int:
    """The fewest digits, at least so many, in which an equation holds; all where it holds in none."""
    return next((n for n in range(least, _MOST) if holds(n)), _MOST)


def _rounded(place: float, spec: QuantSpec, drawn: int) -> int:
    """The whole number that the spec's rounding makes of a place; ``drawn`` where it is random and may have made that."""
    rounding = ROUNDINGS[spec.rounding]
    if rounding.random:
        return drawn if abs(place - drawn) < _REACH else round(place)
    return int(rounding.apply(np.array([place]), _no_noise)[0])


def _no_noise() -> np.ndarray:
    raise AssertionError("a rounding with borders draws no noise")


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(MINUS) else text
