"""Mistakes about words of bits: exponents, signs, shared exponents."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "bias-forgotten",
        "the exponent's bias forgotten",
        "{said} reads the exponent as it stands; its bias is subtracted first.",
        "reference?room=bits-of",
    ),
    Mistake(
        "hidden-one-forgotten",
        "the leading one forgotten",
        "{said} reads the fraction alone; a normal number has a one before it that is not stored.",
        "reference?room=bits-of",
    ),
    Mistake(
        "read-unsigned",
        "a signed word read as unsigned",
        "{said} reads the word as unsigned; its first bit counts negatively.",
        "reference?room=bits-of&format=int8",
    ),
    Mistake(
        "sign-and-magnitude",
        "two's complement read as sign and magnitude",
        "{said} takes the first bit for a sign alone; in two's complement it counts as minus its place.",
        "reference?room=bits-of&format=int8",
    ),
    Mistake(
        "exponent-up",
        "the shared exponent rounded up",
        "{said} rounds the exponent up; the standard's is that of the largest power of two not above the maximum.",
        "tensor?scheme=mx",
    ),
    Mistake(
        "element-forgotten",
        "the element's own exponent forgotten",
        "{said} leaves out that the elements reach to a power of two by themselves, which is taken off.",
        "tensor?scheme=mx",
    ),
)
