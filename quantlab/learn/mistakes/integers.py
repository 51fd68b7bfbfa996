"""Mistakes about arithmetic on codes: zero points in sums, accumulators, multipliers."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "zero-point-once",
        "the zero point subtracted once",
        "{said} subtracts the zero point once; every product carries it, so it counts once for each weight.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
    Mistake(
        "constant-forgotten",
        "the constant term forgotten",
        "{said} leaves out K times both zero points: each of the two corrections takes it off once too often.",
        "integer?room=dot&source=small&bits=12",
    ),
    Mistake(
        "one-product",
        "one product for the sum",
        "{said} holds a single product; the sum of many needs more bits.",
        "integer?room=accumulator&source=small",
    ),
    Mistake(
        "sign-bit-forgotten",
        "the sign's bit forgotten",
        "{said} holds the magnitude; the sign takes one bit more.",
        "integer?room=accumulator&source=small",
    ),
    Mistake(
        "saturated",
        "saturated in place of wrapped around",
        "{said} is where a saturating accumulator stays; this one wraps around.",
        "integer?room=accumulator&source=small&bits=15",
    ),
    Mistake(
        "not-normalised",
        "a multiplier that does not fill its bits",
        "{said} leaves the multiplier's first bit empty and so wastes it: shift by one more.",
        "integer?room=rounding&source=small&bits=6",
    ),
    Mistake(
        "accumulator-of-8-bits",
        "an accumulator of 8 bits",
        "{said} is what is left where sums wrap around at 8 bits; products of codes need 16, their sums 32.",
        "reference?room=bits-of&format=int8",
    ),
)
