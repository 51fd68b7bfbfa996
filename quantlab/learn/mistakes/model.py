"""Mistakes about whole files: what errors cost, and what is counted."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "all-error-gone",
        "one bit takes the whole error away",
        "{said} counts all of the error as saved; one bit more leaves a quarter of it.",
        "model?source=language-small&bits=4",
    ),
    Mistake(
        "size-forgotten",
        "errors compared without their price",
        "{said} is the error that is saved; a bit more of a large tensor costs more bytes.",
        "model?source=language-small&plan=budget",
    ),
    Mistake(
        "additions-forgotten",
        "additions not counted",
        "{said} counts one operation a weight; each product is added up, too.",
        "model?source=language-small&room=hardware&batch=64",
    ),
)
