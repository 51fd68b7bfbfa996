"""Words of the second room."""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.labs.text import decibels
from quantlab.networks.results import LayerError


def notice_layers(bits: int, errors: Sequence[LayerError] | None) -> str:
    """The sentences on which layer errs most by itself, and on how the error grows."""
    if errors is None:
        return "This level is being computed."
    worst, last = min(errors, key=lambda e: e.alone), errors[-1]
    if worst.alone == float("inf"):
        return "Nothing is quantized here: every layer gives what it gives in float."
    return (
        f"At **{bits} bits** *{worst.layer}* errs most by itself ({decibels(worst.alone)}). "
        f"The last layer alone would reach {decibels(last.alone)}, but with the errors of all before it only **{decibels(last.output)}** are left."
    )
