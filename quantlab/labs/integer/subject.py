"""The integer lab's subject: a shipped network, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.labs.address import Choice, Parameter, Values
from quantlab.networks.catalogue import CATALOGUE, Entry, Origin, of_origin

ROOMS = {
    "equal": "Same codes",
    "accumulator": "Accumulator",
    "rounding": "Requantization",
    "dot": "One dot product",
    "speed": "Export and speed",
}


@dataclass(frozen=True)
class IntegerSubject:
    """A shipped network by the slug of its entry."""

    source: str

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.source]

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.entry.title


def integer_subject(values: Values) -> IntegerSubject:
    """The subject that the values name."""
    return IntegerSubject(values["source"])


SUBJECT = (
    Parameter(
        "room",
        "the room: `equal` (is the converted network the fake-quantized one?), `accumulator` (sums of few bits), `rounding` "
        "(how an accumulator becomes a code), `dot` (one dot product, step by step), `speed` (ONNX, times, a model of energy)",
        Choice(ROOMS, buttons=True),
        "equal",
        "Room",
        "rooms",
        advice="Whether the codes agree, how wide sums must be, how they are rounded, one sum by hand, and what it takes.",
    ),
    Parameter(
        "source",
        "the network: `plain`, `depthwise`, `small`",
        Choice({slug: CATALOGUE[slug].title for slug in of_origin(Origin.SHIPPED)}),
        "plain",
        "Network",
        advice="The network that is converted to integers.",
    ),
)
