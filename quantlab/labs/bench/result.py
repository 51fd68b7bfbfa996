"""Results of the bench lab: what all rooms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from quantlab.bench.files import of_files
from quantlab.bench.limited import limited
from quantlab.bench.report import Report
from quantlab.bench.subject import Subject, of_network
from quantlab.film import Strip, words_film
from quantlab.labs.bench.request import OWN, YOURS, BenchRequest
from quantlab.labs.of_request import OfRequest
from quantlab.progress import Steps
from quantlab.sources.uploads import UPLOADS

T = TypeVar("T")
File = tuple[str, bytes]  # name and content
Files = tuple[File, File, File | None] | None  # a float model, its examples, and its quantized form where that is brought


@dataclass(frozen=True, eq=False)
class BenchResult(OfRequest):
    """One room at all levels. reports : of each level, in the room of reports. rows : a table of the page, by level or of all ("")."""

    request: BenchRequest
    films: Mapping[str, bytes]
    texts: Mapping[str, str]
    table: str
    programs: Callable[[BenchRequest, str], str]
    reports: Mapping[str, Report]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    stage: int = 0

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.texts[label]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.programs(self.request, label)

    def csv(self) -> str:
        """The numbers of all levels."""
        return self.table


def words_of(texts: Mapping[str, str]) -> bytes:
    """The film of the sentences."""
    return words_film(Strip(tuple(texts)), list(texts.values()))


def files_of(request: BenchRequest) -> Files:
    """What the request's person brought, from this server's memory."""
    subject = request.subject
    if subject.source != OWN:
        return None
    quantized = UPLOADS.content(subject.quantized) if subject.quantized else None
    return UPLOADS.content(subject.file), UPLOADS.content(subject.data), quantized


def subject_of(request: BenchRequest, files: Files, label: str, last: Subject | None = None) -> Subject:
    """The subject at one stop: bits of the weights, or the quantized file that was brought. last : that of another stop, if there is one."""
    if label == YOURS and files is not None:
        return of_files(files[0], files[1], None, files[2], request.subject.pixels)
    plan = replace(request.plan, weights=int(label))
    if last is not None:
        return last.quantized_by(plan)
    if files is None:
        return of_network(request.subject.source, plan, images=request.images)
    return of_files(files[0], files[1], plan, None, request.subject.pixels)


def in_worker(steps: Callable[[BenchRequest, Files], Steps[T]], request: BenchRequest) -> Steps[T]:
    """A room's steps, where what is brought is read and run in a limited process."""
    return limited(partial(steps, request, files_of(request)), ("bench", request.subject.source))
