"""How few bits does a network need?"""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.labs.network.answers import result as answers
from quantlab.labs.network.answers.films import VIEWS as ANSWERS
from quantlab.labs.network.budget import result as budget
from quantlab.labs.network.budget.films import VIEWS as BUDGET
from quantlab.labs.network.layers import result as layers
from quantlab.labs.network.layers.films import VIEWS as LAYERS
from quantlab.labs.network.request import TABLE, request_of
from quantlab.tasks import ENGINE, Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[LabResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    request, bits = request_of(address), int(address["bits"])
    if address["room"] == "answers":
        return answers.tasks(request, bits)
    if address["room"] == "layers":
        return layers.tasks(request, address["layer"], address["picture"], bits)
    return budget.tasks(request)


def top1_of(result: LabResult, label: str) -> float | None:
    """Right answers in per cent; None in other rooms and where they are not known."""
    level = result.frames.levels.get(int(label)) if isinstance(result, answers.AnswersResult) else None
    return None if level is None else 100 * level.evaluation.top(1).value


def top1_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    known = [ENGINE.known(task) for task in tasks(address, ())] if address["room"] == "answers" else []
    return next((value for result in known if result is not None and (value := top1_of(result, address["bits"])) is not None), None)


LAB = Lab(
    slug="cnn",
    title="Network",
    icon=":material/neurology:",
    question="How few bits does a network need?",
    blurb="How few bits does a network need? Top-1 and Top-5 while weights and activations lose theirs.",
    table=TABLE,
    views=ANSWERS | LAYERS | BUDGET,
    tasks=tasks,
    tries=(
        Try("A scale for each channel, beside one", {"granularity": "channel-0", "kept": "source=plain"}),
        Try("Clip for least error", {"calibrator": "mse", "observer": "mse"}),
        Try("First and last layer at 8 bits", {"ends": "8"}),
        Try("Activations alone", {"scrub": "activations"}),
        Try("Depthwise, per tensor", {"source": "depthwise"}),
        Try("Depthwise, per channel and dynamic", {"source": "depthwise", "granularity": "channel-0", "ranges": "dynamic"}),
        Try("Bits where they count", {"room": "budget"}),
        Try("3 bits", {"bits": "3"}),
    ),
    number=Number("points", top1_of, top1_at, looked_up=True),
    extra="networks",
    eager=True,  # its four stages are drawn one after the other, by each of a class that comes at once
    rank=40,
)
