"""Mistakes about grids: levels, ranges, scales and zero points."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "levels-for-steps",
        "levels taken for steps",
        "{said} counts the levels; a range of so many levels has one step fewer.",
        "tensor?source=uniform&bits=2",
    ),
    Mistake(
        "unsigned-range",
        "the codes of a signed grid counted as unsigned",
        "{said} spreads all codes over one side; a symmetric grid has them on both sides of zero.",
        "tensor?source=normal&bits=3",
    ),
    Mistake(
        "one-side",
        "the range from zero instead of from end to end",
        "{said} takes the larger end alone; the range of an affine grid reaches from the lowest to the highest value.",
        "tensor?source=relu&scheme=int-asymmetric",
    ),
    Mistake("inverted", "the scale inverted", "{said} is one over the scale: steps in a unit, not units in a step.", "tensor?bits=4"),
    Mistake(
        "middle",
        "the zero point taken for the middle",
        "{said} is the middle code. The zero point is the code of 0.0, wherever that lies.",
        "tensor?source=relu&scheme=int-asymmetric",
    ),
    Mistake(
        "sign-of-zero-point",
        "the sign of the zero point",
        "{said} has the wrong sign: a low end below zero gives a zero point above zero.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
    Mistake(
        "truncated",
        "cut off instead of rounded",
        "{said} is what cutting off gives; a quantizer rounds to the nearest.",
        "reference?room=roundings",
    ),
    Mistake(
        "not-clipped",
        "not clipped",
        "{said} lies beyond the last code; what is outside of the range goes to its end.",
        "tensor?calibrator=mse&bits=3",
    ),
    Mistake(
        "clips-nothing",
        "the range taken to the largest value",
        "{said} clips nothing, and its steps are so coarse that most values fall to zero.",
        "tensor?calibrator=mse&bits=2",
    ),
    Mistake(
        "finest-steps",
        "the finest steps taken for the least error",
        "{said} rounds finely and clips nearly all: what lies beyond the range is an error too.",
        "tensor?scrub=clip&width=2",
    ),
    Mistake(
        "zero-point-forgotten",
        "the zero point forgotten",
        "{said} is what one gets without subtracting the zero point.",
        "tensor?source=normal&scheme=int-asymmetric",
    ),
)
