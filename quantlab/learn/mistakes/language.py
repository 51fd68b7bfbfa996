"""Mistakes about language models: perplexity, divergence, what is read."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "mean-of-inverses",
        "the mean of 1 / p",
        "{said} is the mean of 1 / p; perplexity takes the mean of logarithms, so that one rare token weighs less.",
        "language",
    ),
    Mistake(
        "mean-probability",
        "one over the mean probability",
        "{said} is one over the mean of p; the logarithms have the mean taken, not the probabilities.",
        "language",
    ),
    Mistake(
        "of-a-token",
        "bits of a token for bits of a byte",
        "{said} is what a token costs; it stands for several bytes.",
        "language",
    ),
    Mistake(
        "other-way-of-divergence",
        "the divergence the other way round",
        "{said} weighs with the probabilities after; those before are the truth here, and the two ways differ.",
        "language",
    ),
    Mistake(
        "bits-for-nats",
        "bits taken for nats",
        "{said} is in bits; nats come from the natural logarithm.",
        "language",
    ),
    Mistake(
        "scales-left-out",
        "scales left out",
        "{said} counts the codes alone; every group stores what it is scaled by.",
        "language?granularity=group-32",
    ),
    Mistake(
        "linear-layers-alone",
        "the linear layers taken for the model",
        "{said} is that of the linear layers; what stays at 16 bits is a part of the model.",
        "language?bits=4",
    ),
    Mistake(
        "sixteen-bits-read",
        "weights read in 16 bits",
        "{said} reads 16 bits a weight; they are stored in fewer, and widened after reading.",
        "language?bits=4",
    ),
    Mistake(
        "change-for-ratio",
        "the change of log p for the ratio",
        "{said} is the mean change of log p; the ratio is e to it.",
        "language?bits=3",
    ),
    Mistake(
        "total-for-mean",
        "the sum for the mean",
        "{said} is e to the sum of all changes; perplexity is of one token, so take the mean.",
        "language?bits=3",
    ),
    Mistake(
        "not-scaled",
        "rounded without the channel's scale",
        "{said} is what rounding without the factor gives.",
        "language?method=nearest&bits=2",
    ),
    Mistake(
        "not-divided",
        "not divided after rounding",
        "{said} is still multiplied by the factor; what came before gives inputs divided by it, so the weight stands for less.",
        "language?method=awq&bits=2",
    ),
)
