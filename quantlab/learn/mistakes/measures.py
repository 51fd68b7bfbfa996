"""Mistakes about measures of error: powers, decibels, means."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "whole-step",
        "a whole step for half a step",
        "{said} is a whole step; no value is farther than half a step from its level.",
        "tensor?source=uniform&bits=3",
    ),
    Mistake(
        "three-decibels",
        "amplitude for power",
        "{said} counts 3 dB a bit: half the step is a quarter of the error's power, 6 dB.",
        "tensor?source=uniform&bits=6",
    ),
    Mistake(
        "twenty-logs",
        "20 log for 10 log",
        "{said} takes 20 times the logarithm of a ratio of powers; that is for amplitudes.",
        "tensor?bits=6",
    ),
    Mistake(
        "natural-logarithm",
        "the natural logarithm",
        "{said} uses the natural logarithm; bits count with base two, decibels with base ten.",
        "tensor?bits=4",
    ),
    Mistake(
        "peak-not-squared", "the peak not squared", "{said} forgets to square the peak: a power is compared with a power.", "image?bits=4"
    ),
    Mistake(
        "rounding-alone",
        "the error of rounding alone",
        "{said} is the error without dither; triangular dither adds twice as much.",
        "audio?dither=tpdf",
    ),
    Mistake(
        "dither-alone", "the dither alone", "{said} is the power of the dither alone; the rounding's comes on top.", "audio?dither=tpdf"
    ),
    Mistake(
        "mean-difference",
        "the mean difference for the mean square",
        "{said} adds the differences, which cancel; the mean square adds their squares.",
        "tensor?bits=4",
    ),
    Mistake(
        "root-forgotten", "the mean square's root", "{said} is the root of the mean square; it was asked for without.", "tensor?bits=4"
    ),
)
