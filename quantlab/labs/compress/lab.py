"""How small can the file of a network become?"""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.labs.address import Address
from quantlab.labs.compress.distil import result as distil
from quantlab.labs.compress.distil.films import VIEWS as DISTIL
from quantlab.labs.compress.front import result as front
from quantlab.labs.compress.front.films import VIEWS as FRONT
from quantlab.labs.compress.request import TABLE, distil_request_of, request_of
from quantlab.labs.compress.shrink import result as shrink
from quantlab.labs.compress.shrink.films import VIEWS as SHRINK
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.tasks import ENGINE, Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[LabResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    level = int(address["bits"])
    if address["room"] == "distil":
        return distil.tasks(distil_request_of(address), level)
    request = request_of(address)
    return front.tasks(request) if address["room"] == "front" else shrink.tasks(request, level)


def top1_of(result: LabResult, label: str) -> float | None:
    """Right answers in per cent; None in other rooms, and where they are not known yet."""
    if not isinstance(result, shrink.ShrinkResult):
        return None
    frames = result.frames
    level = (frames.tuned if frames.request.base.epochs else frames.quick).get(int(label))
    return None if level is None else 100 * level.last.answers.top(1).value


def top1_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    known = [ENGINE.known(task) for task in reversed(tasks(address, ()))] if address["room"] == "shrink" else []
    return next((value for result in known if result is not None and (value := top1_of(result, address["bits"])) is not None), None)


LAB = Lab(
    slug="compress",
    title="Compress",
    icon=":material/compress:",
    question="How small can the file of a network become?",
    blurb="How small can the file of a network become? Prune, share, code, distil, down to a file to take away.",
    table=TABLE,
    views=SHRINK | DISTIL | FRONT,
    tasks=tasks,
    tries=(
        Try("80 % pruned, fine-tuned", {"share": "80", "tune": "1"}),
        Try("Nothing follows the pruning", {"tune": "none"}),
        Try("The share on the slider", {"scrub": "share"}),
        Try("Two of every four", {"pattern": "2-4"}),
        Try("Whole channels", {"pattern": "channel", "share": "30"}),
        Try("Share without pruning", {"pattern": "none"}),
        Try("Depthwise", {"source": "depthwise"}),
        Try("A teacher's soft answers", {"room": "distil"}),
        Try("All ways at once", {"room": "front"}),
    ),
    number=Number("points", top1_of, top1_at, looked_up=True),
    extra="networks",
    section="Repair, train, shrink",
    rank=48,
)
