"""What a transform before the quantizer wins: the error of the tensor as it was, with and without it, at every level."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from quantlab import metrics
from quantlab.labs.tensor.request import TensorRequest
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.labs.tensor.subject import Tensor
from quantlab.labs.text import decibels, fixed, plain
from quantlab.progress import Progress
from quantlab.quantizer import fake_quantize
from quantlab.transforms import fit, rules

_SEEN = 0.05  # dB: what rounds to 0.1


@dataclass(frozen=True)
class RoundTrip:
    """One level: SQNR in dB of the original, through the transform, the quantizer and back, and through the quantizer ``alone``."""

    back: float
    alone: float


def round_trips(request: TensorRequest) -> Generator[Progress, None, tuple[RoundTrip, ...]]:
    """Of every level; none where nothing is transformed."""
    tensor, scrub = request.tensor, SCRUBS[request.scrub.slug]
    if tensor.original is None:
        return ()
    trips, values = [], scrub.values(request.spec, tensor.x.shape)
    for i, value in enumerate(values):
        yield i, len(values)
        x, spec = scrub.tensor_at(tensor.original.x, value), scrub.spec_at(request.spec, value)
        transform = fit(x, tensor.word)
        back = transform.inverse(fake_quantize(transform.forward(x), spec))
        trips.append(RoundTrip(metrics.sqnr_db(x, back), metrics.sqnr_db(x, fake_quantize(x, spec))))
    return tuple(trips)


def tiles(trips: Sequence[RoundTrip]) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level)."""
    if not trips:
        return []
    return [
        ("SQNR, undone", "Of the tensor as it was, after the transform is undone", [decibels(trip.back) for trip in trips]),
        (
            "SQNR, plain",
            "Of the tensor as it was, under the same quantizer without the transform",
            [decibels(trip.alone) for trip in trips],
        ),
    ]


def cost(tensor: Tensor) -> str:
    """What undoing the transform takes.

    >>> from quantlab.labs.tensor.lab import LAB
    >>> cost(LAB.read({"transform": "hadamard"}).subject)  # 256 columns: a sign and 8 sums
    '9 operations a value'
    """
    assert tensor.transform is not None
    operations = f"{plain(tensor.transform.operations)} operation{'' if tensor.transform.operations == 1 else 's'} a value"
    bits = tensor.transform.bits / tensor.x.size
    return operations + (f", {fixed(bits, 2)} bits a value" if bits else "")


def notice(tensor: Tensor, trip: RoundTrip) -> str:
    """What the transform wins at this level, in a sentence or two."""
    names = " and ".join(rule.title for rule in rules(tensor.word))
    if not math.isfinite(trip.back) or not math.isfinite(trip.alone):
        verdict = "no gain" if not math.isfinite(trip.alone) else "a gain without end"
    elif abs(trip.back - trip.alone) < _SEEN:
        verdict = "no gain on this tensor"
    else:
        verdict = f"{'a gain' if trip.back > trip.alone else 'a loss'} of {decibels(abs(trip.back - trip.alone))}"
    return f"Through {names} and back: **{decibels(trip.back)}**, without {decibels(trip.alone)}: {verdict}. It costs {cost(tensor)}{_apart(tensor)}."


def _apart(tensor: Tensor) -> str:
    assert tensor.transform is not None
    return ", which are not among the bits per value above" if tensor.transform.bits else ""
