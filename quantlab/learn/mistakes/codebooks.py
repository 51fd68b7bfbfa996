"""Mistakes about codebooks and curves."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "mean-of-all",
        "the mean of all values",
        "{said} is the mean of all values; a centroid is the mean of the values that are nearest to it.",
        "tensor?scheme=kmeans&method=lloyd&bits=2",
    ),
    Mistake(
        "middle-of-ends",
        "the middle between the ends",
        "{said} lies half way between the smallest and the largest of its values; a centroid is their mean.",
        "tensor?scheme=kmeans&method=lloyd&bits=2",
    ),
    Mistake(
        "sign-lost",
        "the sign lost in the logarithm",
        "{said} has lost its sign: the curve bends the magnitude, and the sign is put back.",
        "tensor?scheme=mu-law&bits=8",
    ),
)
