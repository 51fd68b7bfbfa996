"""Mistakes about pruning, shared weights and distillation."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "places-forgotten",
        "the places of the kept weights forgotten",
        "{said} counts the kept values alone. The file has to say where they are.",
        "compress?scrub=share&bits=10",
    ),
    Mistake(
        "places-of-all",
        "a place stored for every weight, pruned ones too",
        "{said} stores a gap for every weight; only kept weights have one.",
        "compress?scrub=share&bits=80",
    ),
    Mistake(
        "all-weights-coded",
        "pruned weights counted among the codes",
        "{said} gives every weight a code. A pruned weight has none.",
        "compress?scrub=share&bits=80",
    ),
    Mistake(
        "probability-divided",
        "the probability divided by the temperature",
        "{said} divides the probability. The temperature divides the logits, and what follows is made to sum to one again.",
        "compress?room=distil&bits=4",
    ),
    Mistake(
        "not-softened",
        "the temperature left out",
        "{said} is the probability at temperature 1.",
        "compress?room=distil&bits=1",
    ),
    Mistake(
        "multiplied-by-temperature",
        "the logits multiplied by the temperature",
        "{said} sharpens the answer: it multiplies the logits. A temperature above 1 divides them.",
        "compress?room=distil&bits=1",
    ),
    Mistake(
        "codebook-for-each-weight",
        "the codebook counted in bits a code",
        "{said} counts the codebook's values at the bits of a code; they are float32.",
        "compress?pattern=none",
    ),
)
