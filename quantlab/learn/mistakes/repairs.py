"""Mistakes about repairs after quantizing: channels, biases, rounding, columns."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "other-direction",
        "multiplied where it is divided",
        "{said} is one over the scale: the layer that writes the channel is divided by it, the one that reads it multiplied.",
        "repair?room=channels",
    ),
    Mistake(
        "root-of-product",
        "the common range taken for the scale",
        "{said} is the range that both sides have in the end; the scale brings the one that writes the channel there.",
        "repair?room=channels",
    ),
    Mistake(
        "error-added",
        "the mean error added instead of taken away",
        "{said} adds the mean error once more; the bias has to lose it.",
        "repair?repairs=bias",
    ),
    Mistake(
        "inputs-forgotten",
        "the inputs' means forgotten",
        "{said} adds up the errors of the weights; in the output each counts as often as its input is large.",
        "repair?repairs=bias",
    ),
    Mistake(
        "each-for-itself",
        "each weight rounded for itself",
        "{said} comes from rounding every weight to its nearest level; the errors meet in the output, where they may add up.",
        "repair?room=rounding",
    ),
    Mistake(
        "nothing-made-good",
        "the error not passed on",
        "{said} is the next weight as it was; it first makes good what the rounded one left.",
        "repair?room=columns",
    ),
    Mistake(
        "passed-on-whole",
        "the error passed on whole",
        "{said} passes on all of the error; as much of it counts as the two inputs have in common.",
        "repair?room=columns",
    ),
)
