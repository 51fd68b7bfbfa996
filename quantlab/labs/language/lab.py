"""Honey, how small can it get? A language model in few bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.labs.language import claims, columns, gains, layers, memory, methods, outliers, reading, widths
from quantlab.labs.language.request import LanguageRequest, request_of
from quantlab.labs.language.result import LanguageResult
from quantlab.labs.language.table import TABLE
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

_ROOMS: Mapping[str, Callable[[LanguageRequest, str, int], Steps[LanguageResult]]] = {
    "widths": widths.steps,
    "text": reading.steps,
    "methods": methods.steps,
    "layers": layers.steps,
    "columns": columns.steps,
    "gains": gains.steps,
    "outliers": outliers.steps,
    "memory": memory.steps,
    "claims": claims.steps,
}
_AT_ONCE = {"columns", "gains", "outliers", "memory"}  # rooms that know all levels as soon as one


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[LabResult]]:
    """The tasks of the address's room, which give all of the room's views: this stop, then all, the nearest first."""
    request, stop = request_of(address), address["bits"]
    steps = _ROOMS[request.room]
    if request.room in _AT_ONCE:
        return (Task(("language", request), partial(steps, request, stop, 0), "Looking inside the model"),)
    return (
        Task(("language", request, stop), partial(steps, request, stop, 0), "Asking the model at this width"),
        Task(("language", request), partial(steps, request, stop, 1), "All methods" if request.room == "methods" else "All widths"),
    )


def perplexity_of(result: LabResult, label: str) -> float | None:
    """Perplexity at a level; None where it is not known."""
    level = result.frames.levels.get(label) if isinstance(result, LanguageResult) and result.frames else None
    return None if level is None else level.perplexity


def perplexity_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    known = [ENGINE.known(task) for task in reversed(tasks(address, ()))] if address["room"] == "widths" else []
    return next((value for result in known if result is not None and (value := perplexity_of(result, address["bits"])) is not None), None)


LAB = Lab(
    slug="language",
    title="Language",
    icon=":material/forum:",
    question="How small can a language model get?",
    blurb="How small can a language model get? Perplexity, divergence and text of a real model, from float to 1.58 bits.",
    table=TABLE,
    views=widths.VIEWS
    | reading.VIEWS
    | methods.VIEWS
    | layers.VIEWS
    | columns.VIEWS
    | gains.VIEWS
    | outliers.VIEWS
    | memory.VIEWS
    | claims.VIEWS,
    tasks=tasks,
    tries=(
        Try("4 bits", {"bits": "4"}),
        Try("GPTQ at 2 bits", {"method": "gptq"}),
        Try("AWQ at 2 bits", {"method": "awq"}),
        Try("Groups of 32", {"granularity": "group-32"}),
        Try("A scale for a layer", {"granularity": "tensor", "bits": "3"}),
        Try("NF4", {"method": "formats", "bits": "NF4"}),
        Try("The small model at 8 bits", {"source": "small", "bits": "8"}),
        Try("The text itself", {"room": "text"}),
        Try("All methods", {"room": "methods"}),
        Try("Layer by layer", {"room": "layers"}),
        Try("GPTQ column by column", {"room": "columns"}),
        Try("Where gain comes from", {"room": "gains"}),
        Try("Outliers of down", {"room": "outliers", "kind": "down"}),
        Try("Llama 2 7B's cache", {"room": "memory", "shape": "llama-2-7b"}),
        Try("Claims", {"room": "claims"}),
        Try("A short context", {"context": "32", "bits": "16"}),
        Try("Activations in 4 bits", {"activations": "4", "bits": "8"}),
        Try("Keys in 2 bits", {"keys": "2", "bits": "8"}),
    ),
    number=Number("perplexity", perplexity_of, perplexity_at, looked_up=True),
    section="Whole models",
    rank=52,
)
