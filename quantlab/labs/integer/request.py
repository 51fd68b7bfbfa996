"""The integer lab's request and parameters: what the slider moves follows from the room.

One slider, one question a room: bits of weights and activations, bits of the accumulator, bits of the multiplier, the step of a
dot product, pictures at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # of a field's own type

import quantlab as ql
from quantlab.integer.accumulate import OVERFLOWS
from quantlab.integer.requantize import REQUANTIZERS
from quantlab.labs.address import Address, Parameter, Table, Values
from quantlab.labs.forms import Choice, Number, levels
from quantlab.labs.integer.subject import SUBJECT, IntegerSubject, integer_subject
from quantlab.labs.network.shared import images_parameter, sharing_parameter
from quantlab.networks.settings import WEIGHTS, Setting

WIDTHS = (2, 3, 4, 5, 6, 7, 8)
ACCUMULATORS = (12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 32)
MULTIPLIERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 31)
BATCHES = (1, 2, 4, 8, 16, 32, 64)
DOT_ENDS = 5  # steps of a dot product after its last product
_STOPS = {"equal": (WIDTHS, 8), "accumulator": (ACCUMULATORS, 16), "rounding": (MULTIPLIERS, 8), "speed": (BATCHES, 1)}
_TITLES = {
    "equal": "Bits",
    "accumulator": "Accumulator bits",
    "rounding": "Multiplier bits",
    "dot": "Step",
    "speed": "Pictures at once",
}


_ASKED = ("granularity", "requantizer", "overflow", "layer", "picture", "weights")


@dataclass(frozen=True)
class IntegerRequest:
    """A room, a network, and what is asked there; what a room does not ask has its default, so that equal requests compute the same."""

    room: str
    subject: IntegerSubject
    granularity: str = "tensor"
    images: int = 200
    requantizer: str = "float"
    overflow: str = "wrap"
    layer: str = ""
    picture: int = 0
    weights: str = "asymmetric"
    threads: int = 1

    @property
    def stops(self) -> tuple[int, ...]:
        """The stops of the slider."""
        return stops(self.room, self.subject)

    def setting(self, bits: int = 8) -> Setting:
        """Weights and activations of so many bits."""
        per = ql.per_tensor() if self.granularity == "tensor" else ql.per_channel(0)
        return Setting(weights=bits, activations=bits, weight_spec=WEIGHTS.replace(granularity=per))


def stops(room: str, subject: IntegerSubject) -> tuple[int, ...]:
    """The stops of a room's slider."""
    return tuple(range(1, subject.products + DOT_ENDS + 1)) if room == "dot" else _STOPS[room][0]


def request_of(address: Address) -> IntegerRequest:
    """The request that an address makes."""
    values = address.values
    asked: dict[str, Any] = {name: values[name] for name in _ASKED if name in values}
    asked |= {name: int(values[name]) for name in ("images", "threads") if name in values}
    return IntegerRequest(values["room"], address.subject, **asked)


def _in(*rooms: str) -> Callable[[Values], bool]:
    return lambda values: values["room"] in rooms


def _default_stop(values: Values) -> str:
    return "1" if values["room"] == "dot" else str(_STOPS[values["room"]][1])


PARAMETERS = (
    sharing_parameter(
        "what of the weights shares one scale: `tensor`, or each output channel, `channel-0`",
        _in("equal", "accumulator", "rounding", "speed"),
        "A scale a channel gives each channel a multiplier of its own.",
    ),
    Parameter(
        "requantizer",
        "how an accumulator becomes a code: `float` (a float32 factor), `twice`, `once` (a multiplier with a shift, rounded twice "
        "or once), `cut` (cut off)",
        Choice({slug: entry.title for slug, entry in REQUANTIZERS.items()}),
        "float",
        "Requantization",
        when=_in("equal"),
        advice="How the integer network brings a sum to the next layer's codes.",
    ),
    Parameter(
        "overflow",
        "what an accumulator does beyond its limits: `wrap`, `saturate`",
        Choice({slug: title for slug, (title, _) in OVERFLOWS.items()}),
        "wrap",
        "An accumulator that is full",
        when=_in("accumulator"),
        advice="Ordinary integers wrap around; signal processors saturate.",
    ),
    Parameter(
        "layer",
        "the layer whose codes are looked at",
        lambda values: Choice({name: name for name in values.subject.layers[1:]}),
        lambda values: values.subject.layers[1],
        "Layer",
        when=_in("rounding"),
        advice="What this layer reads is requantized in every way.",
    ),
    Parameter(
        "weights",
        "zero point of the weights: `symmetric` (0) or `asymmetric`",
        Choice({"asymmetric": "asymmetric", "symmetric": "symmetric"}),
        "asymmetric",
        "Weights",
        when=_in("dot"),
        advice="With a zero point the sum has two terms more.",
    ),
    images_parameter(
        (100, 200, 500, 1000), 200, _in("equal", "accumulator", "rounding"), "More images find rarer differences, and take longer."
    ),
    Parameter(
        "picture",
        "which of the test images",
        lambda values: Number(0, int(values.get("images", "200")) - 1),
        0,
        "Test image",
        when=_in("equal", "dot"),
        advice="The picture whose outputs, or whose corner, is looked at.",
    ),
    Parameter(
        "threads",
        "threads that one run may use: `1`, `2`",
        Choice({"1": "1", "2": "2"}),
        "1",
        "Threads",
        when=_in("speed"),
        advice="More threads help where a network is large enough.",
    ),
    Parameter(
        "bits",
        "the slider: bits of weights and activations; in `accumulator` bits of the sums, in `rounding` of the multiplier; in `dot` the "
        "step, in `speed` the pictures at once",
        lambda values: levels(tuple(map(str, stops(values["room"], values.subject)))),
        _default_stop,
        lambda values: _TITLES[values["room"]],
        "bottom",
        advice="Drag it, or use the arrow keys: everything on the page follows.",
    ),
)
TABLE = Table(PARAMETERS, SUBJECT, integer_subject)
