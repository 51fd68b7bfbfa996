"""Does the quantized model pass?"""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.labs.address import Address
from quantlab.labs.bench import faults, report
from quantlab.labs.bench.request import TABLE, request_of
from quantlab.labs.bench.result import BenchResult
from quantlab.labs.lab import Lab, Try
from quantlab.tasks import Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[BenchResult]]:
    """The tasks of the address's room, which give all of the room's views."""
    request = request_of(address)
    if request.room == "report":
        return report.tasks(request, address["bits"])
    return {"faults": faults.matrix_tasks, "quiz": faults.quiz_tasks}[request.room](request)


LAB = Lab(
    slug="bench",
    title="Bench",
    icon=":material/fact_check:",
    question="Does the quantized model pass?",
    blurb="White, grey and black box tests of a quantized model, yours too: a verdict, where the error arises, and which test finds what.",
    table=TABLE,
    views=report.VIEWS | faults.MATRIX | faults.QUIZ,
    tasks=tasks,
    tries=(
        Try("8 bits", {"bits": "8"}),
        Try("A scale for each channel", {"granularity": "channel-0"}),
        Try("Activations of 4 bits", {"activations": "4", "bits": "8"}),
        Try("At most 2 % flips", {"target": "top1=-1pp,flips=2%"}),
        Try("Depthwise", {"source": "depthwise"}),
        Try("Known faults", {"room": "faults"}),
        Try("Find the fault", {"room": "quiz"}),
    ),
    extra="networks",
    section="Whole models",
    rank=56,
)
