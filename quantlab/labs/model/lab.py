"""What would fewer bits do to a whole model file?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Number, Try
from quantlab.labs.model import hardware
from quantlab.labs.model.films import VIEWS, heat_film, numbers, tradeoff_film
from quantlab.labs.model.frames import Frames, choices_of, frames_steps, sets_of
from quantlab.labs.model.program import program
from quantlab.labs.model.reading import Listing, joined, measured_steps, steps
from quantlab.labs.model.request import TABLE, ModelRequest, request_of
from quantlab.labs.model.result import ModelResult, words_of
from quantlab.labs.model.subject import ModelSubject
from quantlab.labs.model.words import csv, notice
from quantlab.model_file.options import Option
from quantlab.progress import Steps, part
from quantlab.tasks import ENGINE, Task


def tasks(address: Address, views: Sequence[str]) -> Sequence[Task[ModelResult]]:
    """The one task of the address's room; it measures the file once for all rules, stops and rooms."""
    request = request_of(address)
    return (Task(("model", request), partial(_steps, request), f"Measuring {request.subject.title}"),)


def measuring(subject: ModelSubject, choices: tuple[Option, ...], first: Listing | None) -> Task[Listing]:
    """Every tensor under some options. first : what was measured before, whose statistics of all values are not taken again."""
    known = tuple(m.statistics for m in first.measured) if first else ()
    work = partial(measured_steps, choices, known=known)
    return Task(("model measured", subject.key, tuple(o.slug for o in choices)), partial(steps, work, subject))


def _steps(request: ModelRequest) -> Steps[ModelResult]:
    sets, listings = sets_of(request), list[Listing]()
    for i, choices in enumerate(sets):
        task = measuring(request.subject, choices, listings[0] if listings else None)
        listings.append((yield from part(ENGINE.once(task), i, len(sets) + 1)))
    frames = yield from part(frames_steps(request, joined(listings), choices_of(request)), len(sets), len(sets) + 1)
    return hardware.result(frames) if request.room == "hardware" else tensors(frames)


def tensors(f: Frames) -> ModelResult:
    """The room of tensors."""
    texts = {label: notice(f, label) for label in f.request.labels}
    films = {"tradeoff": tradeoff_film(f), "heat": heat_film(f), "numbers": numbers(f), "words": words_of(texts)}
    return ModelResult(f.request, films, texts, partial(csv, f), partial(program, f.request), f)


def sqnr_of(result: LabResult, label: str) -> float | None:
    """SQNR of all weights under the plan at this stop; None where nothing changes, or in the other room."""
    if not isinstance(result, ModelResult) or result.request.room != "tensors" or label not in result.frames.levels:
        return None
    total = result.frames.totals(label)
    return total.sqnr_db if total.error else None


def sqnr_at(address: Address) -> float | None:
    """The same of an address, where somebody has asked for it before."""
    known = ENGINE.known(tasks(address, ())[0])
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
