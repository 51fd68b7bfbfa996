"""Mistakes about training with rounding: gradients and chance."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "true-slope",
        "the true slope of rounding",
        "{said} takes the slope of a stair, which is zero nearly everywhere; the estimator passes the gradient straight through.",
        "train?room=weight",
    ),
    Mistake(
        "latent-in-the-loss",
        "the latent value in the loss",
        "{said} puts the latent value into the loss; the forward pass sees its level.",
        "train?room=weight",
    ),
    Mistake(
        "place-forgotten",
        "the place left out of the step's gradient",
        "{said} holds every code still; inside the range the place x / s moves too, and is taken off.",
        "train?room=weight&rule=learned",
    ),
    Mistake(
        "clipped-as-inside",
        "a clipped value counted as inside",
        "{said} takes x / s off where the value is clipped; there the code stays at its end, and nothing is taken off.",
        "train?room=weight&rule=learned",
    ),
    Mistake(
        "nearest-expected",
        "the nearest level for the expected one",
        "{said} is where rounding to the nearest ends; by chance the levels on both sides come up, and their mean is what counts.",
        "train?room=gradients",
    ),
    Mistake(
        "even-chances",
        "both neighbours equally likely",
        "{said} lies half way between the neighbours; the nearer one comes up more often.",
        "train?room=gradients",
    ),
)
