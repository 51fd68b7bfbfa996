"""Can a network count in whole numbers alone?"""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.labs.address import Address
from quantlab.labs.integer import accumulator, dot, equal, rounding, speed
from quantlab.labs.integer.request import TABLE, request_of
from quantlab.labs.integer.result import IntegerResult
from quantlab.labs.lab import Lab, Try
from quantlab.tasks import Task

ROOMS = {"equal": equal, "accumulator": accumulator, "rounding": rounding, "dot": dot, "speed": speed}


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[IntegerResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    return ROOMS[address["room"]].tasks(request_of(address), address["bits"])


LAB = Lab(
    slug="integer",
    title="Integer",
    icon=":material/tag:",
    question="Can a network count in whole numbers alone?",
    blurb="A network in int8 codes and int32 sums: the same answers, code by code, and why a code may differ.",
    table=TABLE,
    views=equal.VIEWS | accumulator.VIEWS | rounding.VIEWS | dot.VIEWS | speed.VIEWS,
    tasks=tasks,
    tries=(
        Try("4 bits", {"bits": "4"}),
        Try("Cut off instead of rounding", {"requantizer": "cut"}),
        Try("Sums of 16 bits that wrap", {"room": "accumulator"}),
        Try("A multiplier of 8 bits", {"room": "rounding"}),
        Try("One sum by hand", {"room": "dot", "source": "small"}),
        Try("Is it faster here?", {"room": "speed"}),
    ),
    extra="networks",
    section="Repair, train, shrink",
    rank=46,
)
