"""What does a network need after training?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.labs.repair import ablation, channels, columns, rounding
from quantlab.labs.repair.request import TABLE, RepairRequest, request_of
from quantlab.labs.repair.result import RepairResult
from quantlab.tasks import ENGINE, Task

_ROOMS: Mapping[str, Callable[[RepairRequest], tuple[Task[RepairResult], ...]]] = {
    "ablation": ablation.tasks,
    "channels": channels.tasks,
    "rounding": rounding.tasks,
    "columns": columns.tasks,
}


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[LabResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    return _ROOMS[address["room"]](request_of(address))


def gain_of(result: LabResult, label: str) -> float | None:
    """Points that the person's own repairs win at this level; None in other rooms."""
    return result.gains.get(label) if isinstance(result, RepairResult) else None


def gain_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    known = [ENGINE.known(task) for task in tasks(address, ())] if address["room"] == "ablation" else []
    return next((value for result in known if result is not None and (value := gain_of(result, address["bits"])) is not None), None)


LAB = Lab(
    slug="repair",
    title="Repair",
    icon=":material/build:",
    question="What repairs a network after training?",
    blurb="Equalise, correct, clip, round with care: what each repair wins over rounding to nearest, alone and together.",
    table=TABLE,
    views=ablation.VIEWS | channels.VIEWS | rounding.VIEWS | columns.VIEWS,
    tasks=tasks,
    tries=(
        Try("3 bits", {"bits": "3"}),
        Try("Biases alone", {"repairs": "bias"}),
        Try("Clip alone", {"repairs": "clip"}),
        Try("AdaRound with them", {"repairs": "equalise,clip,adaround,bias", "bits": "2"}),
        Try("A scale for each channel", {"granularity": "channel-0"}),
        Try("The plain network", {"source": "plain"}),
        Try("Channels that drift apart", {"room": "channels"}),
        Try("The other way round", {"room": "rounding"}),
        Try("Column by column", {"room": "columns"}),
    ),
    number=Number("points", gain_of, gain_at, looked_up=True),
    extra="networks",
    section="Repair, train, shrink",
    rank=42,
)
