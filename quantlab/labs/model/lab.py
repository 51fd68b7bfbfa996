"""What would fewer bits do to a whole model file?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.labs.model import hardware
from quantlab.labs.model.films import VIEWS, heat_film, numbers, tradeoff_film
from quantlab.labs.model.frames import Frames, choices_of, frames_steps, sets_of
from quantlab.labs.model.growing import LAST, PERCENT, listing_steps
from quantlab.labs.model.program import program
from quantlab.labs.model.request import TABLE, ModelRequest, request_of
from quantlab.labs.model.result import ModelResult, words_of
from quantlab.labs.model.words import csv, notice
from quantlab.progress import Steps, counted
from quantlab.tasks import ENGINE, Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[ModelResult]]:
    """The parts of the address's room: tensors as they are measured; hardware asks for all of them."""
    request = request_of(address)
    return tuple(_task(request, part) for part in _parts(request))


def _parts(request: ModelRequest) -> range:
    return range(LAST + 1) if request.room == "tensors" else range(LAST, LAST + 1)


def _task(request: ModelRequest, part: int) -> Task[ModelResult]:
    title = f"Measuring {request.subject.title}" + (f", part {part + 1}" if part and request.room == "tensors" else "")
    return Task(("model", request, part), partial(_steps, request, part), title)


def _known(request: ModelRequest, part: int) -> ModelResult | None:
    """What is known of this part or a later one, and whatever knows the whole file."""
    for other in reversed(_parts(request)):
        result = ENGINE.known(_task(request, other))
        if result is not None and (other >= part or result.frames.listing.complete):
            return result
    return None


def _steps(request: ModelRequest, part: int) -> Steps[ModelResult]:
    if (known := _known(request, part)) is not None:
        return known
    listing = yield from counted(listing_steps(request.subject, sets_of(request), part), 0, 100)
    frames = yield from counted(frames_steps(request, listing, choices_of(request)), PERCENT, 100)
    if request.room == "hardware":
        return hardware.result(frames)
    if part:
        ENGINE.forget(_task(request, part - 1))  # nobody looks at it any more
    return tensors(frames, LAST if listing.complete else part)


def tensors(f: Frames, stage: int) -> ModelResult:
    """The room of tensors, as far as they are measured."""
    texts = {label: notice(f, label) for label in f.request.labels}
    films = {"tradeoff": tradeoff_film(f), "heat": heat_film(f), "numbers": numbers(f), "words": words_of(texts)}
    return ModelResult(f.request, films, texts, partial(csv, f), partial(program, f.request, f.by_outputs), f, stage)


def sqnr_of(result: LabResult, label: str) -> float | None:
    """SQNR of all weights under the plan at this stop; None where nothing changes, in the other room, or before all are measured."""
    if not isinstance(result, ModelResult) or result.request.room != "tensors" or label not in result.frames.levels:
        return None
    if not result.frames.listing.complete:
        return None
    total = result.frames.totals(label)
    return total.sqnr_db if total.error else None


def sqnr_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    request = request_of(address)
    known = _known(request, LAST)
    return None if known is None else sqnr_of(known, address["bits"])


LAB = Lab(
    slug="model",
    title="Model file",
    icon=":material/folder_zip:",
    question="What would fewer bits do to a whole model?",
    blurb="Every tensor of a file of weights, yours too: size and error under each option, rules, a budget, the quantized file to take away.",
    table=TABLE,
    views=VIEWS | hardware.VIEWS,
    tasks=tasks,
    tries=(
        Try("3 bits", {"bits": "3"}),
        Try("A scale for each row", {"family": "row"}),
        Try("The embedding too", {"rules": "norms: leave, vectors: leave"}),
        Try("A budget of the same size", {"plan": "budget"}),
        Try("GGUF types", {"family": "gguf"}),
        Try("A network of pictures", {"source": "depthwise"}),
        Try("Hardware fit", {"room": "hardware"}),
    ),
    number=Number("dB", sqnr_of, sqnr_at, looked_up=True),
    section="Whole models",
    rank=54,
)
