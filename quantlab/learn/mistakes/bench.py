"""Mistakes about tests of a quantized model: losses, shares, own and inherited error, calibration."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "gains-forgotten",
        "the gained answers forgotten",
        "{said} takes off what is lost and leaves out what is gained.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "flips-for-losses",
        "the unchanged answers taken for the right ones",
        "{said} is the share of answers that did not change; an unchanged answer may be wrong.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "one-sided",
        "one side of a two-sided test",
        "{said} counts one side; as uneven the other way counts too.",
        "bench?source=small&bits=5",
    ),
    Mistake(
        "unchanged-counted",
        "a share of gains taken for a probability",
        "{said} is the share of gains among the changes. How likely is it that a coin is so uneven?",
        "bench?source=small&bits=5",
    ),
    Mistake(
        "all-spread",
        "values on a level counted as spread",
        "{said} is that of values that are all spread evenly; those on a level have no error.",
        "bench?source=small&bits=8",
    ),
    Mistake(
        "rms-averaged",
        "rms errors averaged",
        "{said} averages roots; average the squares, then take the root.",
        "bench?source=small&bits=8",
    ),
    Mistake(
        "parts-swapped",
        "own and inherited error exchanged",
        "{said} has them exchanged: its own error is there even where the input is exact.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "whole-inherited",
        "the whole error taken for the inherited one",
        "{said} counts the layer's own error as inherited too.",
        "bench?source=small&bits=4",
    ),
    Mistake(
        "bins-alike",
        "bins not weighed",
        "{said} gives both bins the same weight; a bin counts with its answers.",
        "bench?source=small&bits=3",
    ),
    Mistake(
        "signs-cancel",
        "signs kept, so that bins cancel",
        "{said} lets too sure and too unsure cancel; each bin's distance counts.",
        "bench?source=small&bits=3",
    ),
    Mistake(
        "points-for-percent",
        "points taken as percent of the right answers",
        "{said} takes percent of the right answers; points are of all pictures.",
        "bench?source=small&target=top1%3D-2pp",
    ),
    Mistake(
        "float-forgotten",
        "a relative target taken for an absolute one",
        "{said} counts down from all pictures; the target is against the float model.",
        "bench?source=small&target=top1%3D-2pp",
    ),
)
