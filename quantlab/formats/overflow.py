"""What becomes of values beyond a format's largest: the conventions that ONNX's Cast names, as one argument of every cast.

    saturate   the largest value of the sign (ONNX: saturate=1)
    inf        infinity, or NaN where the format has no infinity (ONNX: saturate=0); floats only
    wrap       the lowest bits of the whole number, in two's complement, as in C; integers only

Infinities of the input are beyond the largest too: they saturate, stay infinite or become NaN; to wrap them is refused.
"""

from __future__ import annotations

from typing import Literal, get_args

Overflow = Literal["saturate", "inf", "wrap"]
OVERFLOWS: tuple[Overflow, ...] = get_args(Overflow)


def checked(overflow: Overflow, taken: tuple[Overflow, ...], slug: str) -> Overflow:
    """The convention; ValueError with the remedy where the format does not take it."""
    if overflow not in taken:
        raise ValueError(f"overflow={overflow!r} is not supported here, because {slug} takes only {', '.join(taken)}; choose one of these")
    return overflow
